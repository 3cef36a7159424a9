"""``memberConsentAsk``: ask a member at the counter for so much of the balance, or so many points."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.scalars import Decimal

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...errors import LoyaltyError, LoyaltyErrorCode
from ...kinds import ConsentKind
from ...services.consenting import ask_for_balance, ask_for_points
from ..consents import MemberConsentKindEnum, MemberConsentType
from ..types import errors_field, errors_of


class MemberConsentAsk(graphene.Mutation):
    """The member gets a code that says what for."""

    consent = graphene.Field(MemberConsentType, description="会员确认单")
    sent = graphene.Boolean(description="验证码是否已发出；刚发过一条时为否，稍后用 memberConsentCode 再发")
    again_after = graphene.Int(description="多少秒后可以再发验证码")
    errors = errors_field()

    class Arguments:
        kind = MemberConsentKindEnum(required=True, description="用途")
        search = graphene.String(required=True, description="完整的会员号、手机号、卡号、证件号或用户名")
        amount = Decimal(required=True, description="金额（元），或要用的积分")
        sale_id = graphene.ID(description="储值余额付款：柜台销售编号")
        key = graphene.String(description="积分抵扣：将用来下单的请求号（counterOrderCreate 的 key）")
        place = graphene.String(description="积分抵扣：销售点；空为本人所属机构")

    class Meta:
        description = (
            "员工：请柜台前的会员确认用储值余额付款或用积分抵扣；验证码发到会员手机，短信写明机构和数额。"
        )

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, kind: str, search: str, amount: Any, sale_id: str = "", key: str = "",
        place: str = "",
    ) -> MemberConsentAsk:  # fmt: skip
        """Errors come back in ``errors``."""
        user, device = info.context.user, device_of(info.context, "", "")
        try:
            if kind == ConsentKind.BALANCE:
                asked = ask_for_balance(user, sale_id, search[:60], amount, device)
            else:
                if amount != amount.to_integral_value():
                    raise LoyaltyError(LoyaltyErrorCode.INVALID, "请填写整数积分", "amount")
                asked = ask_for_points(user, key, place, search[:60], int(amount), device)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(consent=asked.consent, sent=asked.sent, again_after=asked.again_after, errors=[])
