"""``ticketGuestCodeSend``: a code to the telephone of an order that was made without an account."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ....services.guests import Asked, send_code
from ..guests import slow_down
from ..types import errors_field, errors_of


class TicketGuestCodeSend(graphene.Mutation):
    """A few times a minute for an asker, and within the limits of codes by text message."""

    again_after = graphene.Int(description="多少秒后可以再要一次")
    errors = errors_field()

    class Arguments:
        order_number = graphene.String(description="票务订单号；有短信链接的不填")
        mobile = graphene.String(description="下单时填写的手机号；有短信链接的不填")
        link = graphene.String(description="短信链接里的一段")
        device = graphene.String(description="设备标识", default_value="")

    class Meta:
        description = "未登录买的票：把验证码发到订单的联系手机，用来查看、退票、改签。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, order_number: str = "", mobile: str = "", link: str = "", device: str = ""
    ) -> TicketGuestCodeSend:
        """Errors come back in ``errors``."""
        try:
            slow_down(info.context)
            asked = Asked(link or "", order_number or "", mobile or "")
            seconds = send_code(asked, device_of(info.context, device or ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(again_after=seconds, errors=[])
