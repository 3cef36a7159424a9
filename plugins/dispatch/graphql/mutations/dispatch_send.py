"""``dispatchSend``: the goods of a task in hand have left."""

from __future__ import annotations

from typing import Any

import graphene

from ...services.sending import hand_out
from ..answers import TaskAnswer


class DispatchSend(TaskAnswer):
    """全部发出."""

    class Arguments:
        number = graphene.String(required=True, description="派单号")

    class Meta:
        description = "承办人把任务剩下的商品全部发出，订单随之变为已发货。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> Any:
        """Errors come back in ``errors``."""
        return cls.answer(info, number, hand_out)
