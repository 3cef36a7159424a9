"""``ticketGuestCodeSend``: a code to the telephone of an order that was made without an account."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ...services.guests import send_code
from ..guests import slow_down
from ..types import errors_field, errors_of


class TicketGuestCodeSend(graphene.Mutation):
    """A few times a minute for an asker, and within the limits of codes by text message."""

    again_after = graphene.Int(description="多少秒后可以再要一次")
    errors = errors_field()

    class Arguments:
        order_number = graphene.String(required=True, description="票务订单号")
        mobile = graphene.String(required=True, description="下单时填写的手机号")
        device = graphene.String(description="设备标识", default_value="")

    class Meta:
        description = "未登录买的票：把验证码发到订单的联系手机，用来查看电子门票。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_number: str, mobile: str, device: str = ""
    ) -> TicketGuestCodeSend:
        """Errors come back in ``errors``."""
        try:
            slow_down(info.context)
            seconds = send_code(order_number, mobile, device_of(info.context, device or ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(again_after=seconds, errors=[])
