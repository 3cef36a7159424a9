"""``approvalSupplement``: the submitter answers what was asked."""

from __future__ import annotations

from typing import Any

import graphene

from ...acting import Act
from ..acting import Acting


class ApprovalSupplement(Acting):
    """Supplement one's own request."""

    class Arguments:
        number = graphene.String(required=True, description="审批单号")
        version = graphene.Int(required=True, description="看到的版本")
        note = graphene.String(required=True, description="补充说明")

    class Meta:
        description = "提交人补充说明，审批继续。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, version: int, note: str) -> Any:
        """Errors come back in ``errors``."""
        return cls.act(info, Act.SUPPLEMENT, number, version, note)
