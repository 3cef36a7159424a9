"""``membershipCardActivate``: a card by what was scratched free."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...selectors import memberships_of
from ...services.cards import activate
from ..types import MembershipType, errors_field, errors_of, own_member


class MembershipCardActivate(graphene.Mutation):
    """Of two telephones with one code exactly one wins."""

    membership = graphene.Field(MembershipType, description="会员资格")
    errors = errors_field()

    class Arguments:
        card_number = graphene.String(required=True, description="卡号")
        scratch = graphene.String(required=True, description="刮开的 12 位激活码")

    class Meta:
        description = "会员用卡号和刮码激活会员卡，期限加到自己的会员上。每分钟最多试 5 次。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, card_number: str, scratch: str) -> MembershipCardActivate:
        """Errors come back in ``errors``."""
        try:
            member = own_member(info)
            term = activate(member, card_number, scratch[:40])
        except DomainError as error:
            return cls(errors=errors_of(error))
        mine = memberships_of(member.pk)
        return cls(membership=next(one for one in mine if one.pk == term.membership_id), errors=[])
