"""``membershipCardBegin``: a clerk activates a card for the member at the counter."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.cards import activate_at_counter, card_of
from ..card_types import MembershipCardType
from ..types import errors_field, errors_of


class MembershipCardBegin(graphene.Mutation):
    """Sold before, proven by the member's code."""

    card = graphene.Field(MembershipCardType, description="会员卡")
    errors = errors_field()

    class Arguments:
        card_number = graphene.String(required=True, description="卡号")
        search = graphene.String(required=True, description="完整的会员号、手机号或证件号")
        code = graphene.String(required=True, description="会员念出的短信验证码")

    class Meta:
        description = "员工：在柜台为会员激活已售出的会员卡。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, card_number: str, search: str, code: str) -> MembershipCardBegin:
        """Errors come back in ``errors``."""
        try:
            device = device_of(info.context, "", "")
            term = activate_at_counter(info.context.user, card_number, search, code, device)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(card=card_of(term.membership), errors=[])
