"""``memberClosingWithdraw``: keep one's account after all."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.closing import withdraw
from ..closing_types import ClosingView, MemberClosingType
from ..types import errors_field, errors_of, own_member


class MemberClosingWithdraw(graphene.Mutation):
    """Again changes nothing."""

    closing = graphene.Field(MemberClosingType, description="注销申请")
    errors = errors_field()

    class Meta:
        description = "撤回注销申请。"

    @classmethod
    def mutate(cls, _root: Any, info: Any) -> MemberClosingWithdraw:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            withdraw(member)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(closing=ClosingView(member), errors=[])
