"""``ticketGuestOpen``: whoever holds the telephone of an order without an account acts for it for a while."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.members.interfaces import device_of
from saleor_o2o.kernel.errors import DomainError

from ....services.guests import Asked, open_by_code
from ..guests import slow_down
from ..types import TicketTradeEnum, errors_field, errors_of


class TicketGuestOpen(graphene.Mutation):
    """The code is used up; the telephone keeps the pass until it ends."""

    number = graphene.String(description="票务订单号")
    trade = graphene.Field(TicketTradeEnum, description="票种")
    token = graphene.String(description="订单凭据：查看、退票、改签时作为 token 填写")
    until = graphene.DateTime(description="凭据有效至；过后重新验证")
    only_shown = graphene.Boolean(description="其他平台买的票：只能出示，退改请找购票平台")
    errors = errors_field()

    class Arguments:
        order_number = graphene.String(description="票务订单号；有短信链接的不填")
        mobile = graphene.String(description="下单时填写的手机号；有短信链接的不填")
        link = graphene.String(description="短信链接里的一段")
        code = graphene.String(required=True, description="短信验证码")
        device = graphene.String(description="设备标识", default_value="")

    class Meta:
        description = "未登录买的票：凭短信验证码打开订单，一小时内可以查看、退票、改签。验证码用一次即失效。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, code: str, order_number: str = "", mobile: str = "", link: str = "",
        device: str = "",
    ) -> TicketGuestOpen:  # fmt: skip
        """Errors come back in ``errors``."""
        try:
            slow_down(info.context)
            asked = Asked(link or "", order_number or "", mobile or "")
            opened = open_by_code(asked, code, device_of(info.context, device or ""))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(
            number=opened.order.number, trade=opened.order.trade, token=opened.key, until=opened.until,
            only_shown=opened.only_shown, errors=[],
        )  # fmt: skip
