"""``membershipRefundAsk``: the money of a term back, all of it."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.refunding import ask_refund
from ..types import MembershipTermType, errors_field, errors_of, key_of, own_member


class MembershipRefundAsk(graphene.Mutation):
    """Within seven days, where nothing was used."""

    term = graphene.Field(MembershipTermType, description="退了款的一期")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="会员期（MembershipTerm）的 id")

    class Meta:
        description = "购买 7 天内没有使用过权益，全额原路退款，权益立即停止。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, id: str) -> MembershipRefundAsk:
        """Errors come back in ``errors``."""
        try:
            done = ask_refund(info.context.user, own_member(info), key_of(id, "id"))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(term=done, errors=[])
