"""``approvalWithdraw``: the submitter takes it back."""

from __future__ import annotations

from typing import Any

import graphene

from ...acting import Act
from ..acting import Acting


class ApprovalWithdraw(Acting):
    """Withdraw one's own request while it is open."""

    class Arguments:
        number = graphene.String(required=True, description="审批单号")
        version = graphene.Int(required=True, description="看到的版本")
        note = graphene.String(description="原因")

    class Meta:
        description = "提交人撤回未办结的申请。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, version: int, note: str = "") -> Any:
        """Errors come back in ``errors``."""
        return cls.act(info, Act.WITHDRAW, number, version, note)
