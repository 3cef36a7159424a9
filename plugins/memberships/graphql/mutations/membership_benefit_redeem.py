"""``membershipBenefitRedeem``: a right is used at the clerk's unit."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.redeeming import look, redeem
from ..benefit_types import MembershipLookType, MembershipUseType
from ..types import errors_field, errors_of


class MembershipBenefitRedeem(graphene.Mutation):
    """First looked at, then confirmed; the same digits again are the same use."""

    look = graphene.Field(MembershipLookType, description="核对：谁的什么权益、还剩几次；已核销的为空")
    use = graphene.Field(MembershipUseType, description="核销记录；只核对时为空")
    errors = errors_field()

    class Arguments:
        digits = graphene.String(required=True, description="会员出示的十位权益码")
        confirm = graphene.Boolean(required=True, description="否：只核对；是：核销")
        note = graphene.String(description="说明", default_value="")

    class Meta:
        description = "员工：核对并核销会员权益，记在本机构。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, digits: str, confirm: bool, note: str = ""
    ) -> MembershipBenefitRedeem:
        """Errors come back in ``errors``."""
        user = info.context.user
        try:
            if not confirm:
                return cls(look=look(user, digits), errors=[])
            return cls(use=redeem(user, digits, note), errors=[])
        except DomainError as error:
            return cls(errors=errors_of(error))
