"""``dispatchRefuse``: say no, and why."""

from __future__ import annotations

from typing import Any

import graphene

from ...services.refusing import refuse
from ..answers import TaskAnswer
from ..types import DispatchReason


class DispatchRefuse(TaskAnswer):
    """退单、拒绝转派、撤回转派、退回区县."""

    class Arguments:
        number = graphene.String(required=True, description="派单号")
        reason = graphene.Argument(DispatchReason, required=True, description="原因")
        text = graphene.String(description="说明，最多 200 字；原因为其他时必填")

    class Meta:
        description = "拒绝：我办理的退回本机构；转派给本机构的退回对方；本机构待办的退回区县。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, reason: str, text: str = "") -> Any:
        """Errors come back in ``errors``."""
        return cls.answer(info, number, lambda user, pk: refuse(user, pk, reason, text))
