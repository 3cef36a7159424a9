"""``approvalDecide``: agree, refuse, or ask for more."""

from __future__ import annotations

from typing import Any

import graphene

from ...acting import Act
from ..acting import Acting
from ..types import ApprovalDecision


class ApprovalDecide(Acting):
    """Decide the current step of a request."""

    class Arguments:
        number = graphene.String(required=True, description="审批单号")
        version = graphene.Int(required=True, description="看到的版本")
        decision = graphene.Argument(ApprovalDecision, required=True, description="决定")
        note = graphene.String(description="意见；驳回或要求补充时必填")

    class Meta:
        description = "审批：同意、驳回或要求补充。同一步只有一个决定生效。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, version: int, decision: str, note: str = "") -> Any:
        """Errors come back in ``errors``."""
        return cls.act(info, Act(decision), number, version, note)
