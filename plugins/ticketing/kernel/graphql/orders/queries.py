"""``ticketOrder`` and ``myTicketOrders``."""

from __future__ import annotations

from typing import Any

import graphene

from ...models import TicketOrder
from ...selectors import Shown, Tab, one_for, page
from .guests import TicketGuestQueries
from .types import TicketOrderPage, TicketOrderTabEnum, TicketOrderType


class TicketOrderQueries(TicketGuestQueries, graphene.ObjectType):
    """One's own ticket orders."""

    ticket_order = graphene.Field(
        TicketOrderType,
        number=graphene.Argument(graphene.String, required=True, description="票务订单号"),
        key=graphene.Argument(graphene.String, description="占座时的请求号（未登录时占的座）"),
        token=graphene.Argument(graphene.String, description="订单令牌（未登录下单的顾客）"),
        description="一张票务订单：本人、凭请求号或订单令牌的游客、管辖内的员工可看；其他人为空。",
    )
    my_ticket_orders = graphene.Field(
        TicketOrderPage,
        tab=TicketOrderTabEnum(description="页签，默认全部"),
        first=graphene.Int(description="一页几张，1 到 50，默认 20"),
        cursor=graphene.String(description="上一页的 cursor"),
        description="我的票务订单，新的在前。未登录则为空。",
    )

    @staticmethod
    def resolve_ticket_order(
        _root: Any, info: Any, number: str, key: str = "", token: str = ""
    ) -> TicketOrder | None:
        return one_for(info.context.user, number, key or "", token or "")

    @staticmethod
    def resolve_my_ticket_orders(
        _root: Any, info: Any, tab: str = "all", first: int = 20, cursor: str = ""
    ) -> Shown | None:
        user = info.context.user
        if not user.is_authenticated:
            return None
        return page(user, Tab(tab or "all"), first or 20, cursor or "")
