"""``membershipUpgradeAsk``: what it costs to upgrade."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.upgrading import quote
from ..types import MembershipQuoteType, errors_field, errors_of, own_member


class MembershipUpgradeAsk(graphene.Mutation):
    """A quote that is good for some minutes."""

    quote = graphene.Field(MembershipQuoteType, description="报价")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="会员资格号")
        plan = graphene.String(required=True, description="升级为哪个方案（代码）")

    class Meta:
        description = "升级报价：按剩余天数补差价，15 分钟内有效；用方案商品和报价号下单。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, plan: str) -> MembershipUpgradeAsk:
        """Errors come back in ``errors``."""
        try:
            made = quote(own_member(info), number.strip(), plan)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(quote=made, errors=[])
