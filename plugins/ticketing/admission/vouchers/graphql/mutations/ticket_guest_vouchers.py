"""``ticketGuestVouchers``: the vouchers of an order that was made without an account, by a code."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.guests import vouchers_by_code
from ..guests import slow_down
from ..types import TicketVoucherType, errors_field, errors_of


class TicketGuestVouchers(graphene.Mutation):
    """The code is used up; the telephone keeps what it was told."""

    vouchers = graphene.List(graphene.NonNull(TicketVoucherType), description="电子门票")
    errors = errors_field()

    class Arguments:
        order_number = graphene.String(required=True, description="票务订单号")
        mobile = graphene.String(required=True, description="下单时填写的手机号")
        code = graphene.String(required=True, description="短信验证码")
        device = graphene.String(description="设备标识", default_value="")

    class Meta:
        description = "未登录买的票：凭短信验证码取得订单的电子门票。验证码用一次即失效。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_number: str, mobile: str, code: str, device: str = ""
    ) -> TicketGuestVouchers:
        """Errors come back in ``errors``."""
        try:
            slow_down(info.context)
            found = vouchers_by_code(order_number, mobile, code, device_of(info.context, device or ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(vouchers=found, errors=[])
