"""``membershipGiveUp``: no more of a membership, without money."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...errors import MembershipError, MembershipErrorCode
from ...selectors import memberships_of
from ...services.refunding import give_up
from ..types import MembershipType, errors_field, errors_of, own_member


class MembershipGiveUp(graphene.Mutation):
    """It ends now."""

    membership = graphene.Field(MembershipType, description="会员资格")
    errors = errors_field()

    class Arguments:
        number = graphene.String(required=True, description="会员资格号")
        confirmed = graphene.Boolean(required=True, description="本人确认放弃剩余天数，不退款")

    class Meta:
        description = "放弃会员剩余的天数，立即结束，不退款；不能撤销。注销账号之前用。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, number: str, confirmed: bool) -> MembershipGiveUp:
        """Errors come back in ``errors``."""
        try:
            if not confirmed:
                raise MembershipError(MembershipErrorCode.REQUIRED, "请确认放弃剩余天数，不退款", "confirmed")
            member = own_member(info)
            done = give_up(member, number.strip())
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(membership=next(one for one in memberships_of(member.pk) if one.pk == done.pk), errors=[])
