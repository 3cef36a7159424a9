"""``membershipCardReplace``: a new card takes a lost one's place."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.cards import replace_card
from ..card_types import MembershipCardType
from ..types import errors_field, errors_of, key_of


class MembershipCardReplace(graphene.Mutation):
    """From the own unit's stock, proven by the member's code."""

    card = graphene.Field(MembershipCardType, description="新卡")
    errors = errors_field()

    class Arguments:
        id = graphene.ID(required=True, description="挂失的卡（MembershipCard 的 id）")
        card_number = graphene.String(required=True, description="新卡卡号，须在本机构库存里")
        code = graphene.String(required=True, description="会员念出的短信验证码")

    class Meta:
        description = "员工：为挂失的会员卡补办新卡，会员资格转到新卡，旧卡注销。"

    @classmethod
    def mutate(
        cls,
        _root: Any,
        info: Any,
        id: str,
        card_number: str,
        code: str,
    ) -> MembershipCardReplace:
        """Errors come back in ``errors``."""
        try:
            device = device_of(info.context, "", "")
            done = replace_card(info.context.user, key_of(id, "id"), card_number, code, device)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(card=done, errors=[])
