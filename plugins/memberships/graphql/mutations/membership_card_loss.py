"""``membershipCardLoss``: a card is lost."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.cards import report_loss
from ..card_types import MembershipCardType
from ..types import errors_field, errors_of, own_member


class MembershipCardLoss(graphene.Mutation):
    """Nobody can use it from now on; the membership stays."""

    card = graphene.Field(MembershipCardType, description="会员卡")
    errors = errors_field()

    class Arguments:
        card_number = graphene.String(required=True, description="卡号")

    class Meta:
        description = "挂失自己的会员卡：卡立即不能用，会员资格不变；到网点可补办新卡。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, card_number: str) -> MembershipCardLoss:
        """Errors come back in ``errors``."""
        try:
            done = report_loss(own_member(info), card_number)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(card=done, errors=[])
