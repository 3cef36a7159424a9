"""``dispatchGrab``: take a task."""

from __future__ import annotations

from typing import Any

import graphene

from ...services.taking import grab
from ..answers import TaskAnswer


class DispatchGrab(TaskAnswer):
    """抢单."""

    class Arguments:
        number = graphene.String(required=True, description="派单号")

    class Meta:
        description = (
            "抢单：同时抢的只有一人得到，其他人得知是谁。对转派给本机构的任务即接受并办理。重复调用不变。"
        )

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> Any:
        """Errors come back in ``errors``."""
        return cls.answer(info, number, grab)
