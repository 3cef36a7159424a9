"""``dispatchAccept``: a unit says yes to what another one offers."""

from __future__ import annotations

from typing import Any

import graphene

from ...services.taking import accept
from ..answers import TaskAnswer


class DispatchAccept(TaskAnswer):
    """接受转派."""

    class Arguments:
        number = graphene.String(required=True, description="派单号")

    class Meta:
        description = "代表本机构接受转派，任务进入本机构待抢。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str) -> Any:
        """Errors come back in ``errors``."""
        return cls.answer(info, number, accept)
