"""What the three mutations share: find the request in the asker's scope, do it, answer with what it has become."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ..acting import Act, perform
from ..models import ApprovalRequest
from .types import ApprovalErrorType, ApprovalRequestType, error_of


class Acting(graphene.Mutation):
    """Base of the mutations; `act` comes from the subclass."""

    approval = graphene.Field(ApprovalRequestType, description="审批单")
    errors = graphene.List(graphene.NonNull(ApprovalErrorType), required=True, description="错误；成功时为空")

    class Meta:
        abstract = True

    @classmethod
    def act(cls, info: Any, act: Act, number: str, version: int, note: str) -> Any:
        """Errors come back in ``errors``; nothing is half done."""
        user = info.context.user
        try:
            found = get_row(user, ApprovalRequest.objects.select_related("unit"), number=number)
            return cls(approval=perform(found, act, user, note, version), errors=[])
        except DomainError as error:
            return cls(errors=[error_of(error)])
