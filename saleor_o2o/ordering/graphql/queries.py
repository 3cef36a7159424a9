"""``myOrders``, ``myOrder`` and ``orderTimeline``."""

from __future__ import annotations

from typing import Any

import graphene
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.order.models import Order

from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..history import entries_of
from ..models import OrderTimeline
from ..selectors import profile_of
from ..shopping import Tab, View, one, page, story, tabs, views
from .types import MyOrderPage, MyOrderTabCount, MyOrderTabEnum, MyOrderType, OrderTimelineEntryType


class OrderingQueries(graphene.ObjectType):
    """For shoppers their own orders; for the staff an order's timeline. Stock's `orders` stay as they are."""

    my_orders = graphene.Field(
        MyOrderPage,
        args={
            "tab": MyOrderTabEnum(description="页签，默认全部"),
            "search": graphene.String(description="订单号或商品名称"),
            "first": graphene.Int(description="一页几张，1 到 50，默认 20"),
            "after": graphene.String(description="上一页的 cursor"),
        },
        description="我的订单，各业务线在一个列表里。未登录则为空。",
    )
    my_order = graphene.Field(
        MyOrderType,
        number=graphene.Argument(graphene.String, required=True, description="订单号"),
        token=graphene.Argument(graphene.String, description="订单令牌（未登录下单的顾客）"),
        description="我的一张订单；不是我的则为空。",
    )
    order_timeline = graphene.List(
        graphene.NonNull(OrderTimelineEntryType),
        id=graphene.Argument(graphene.ID, required=True, description="订单"),
        description="订单时间线：员工按数据范围看全部，顾客看自己订单的；看不到则为空。",
    )

    @staticmethod
    def resolve_my_orders(
        _root: Any, info: Any, tab: str = "all", search: str = "", first: int = 20, after: str | None = None
    ) -> MyOrderPage | None:
        user = info.context.user
        if not user.is_authenticated:
            return None
        found = page(user, Tab(tab or "all"), search or "", first or 20, after)
        counts = [MyOrderTabCount(tab=one_.value, label=str(one_.label), count=n) for one_, n in tabs(user)]
        return MyOrderPage(items=found.items, cursor=found.cursor, tabs=counts)

    @staticmethod
    def resolve_my_order(_root: Any, info: Any, number: str, token: str = "") -> View | None:
        try:
            return one(info.context.user, number, token or "")
        except OutOfScope:
            return None

    @staticmethod
    def resolve_order_timeline(_root: Any, info: Any, id: str) -> list[OrderTimeline] | None:
        pk = int(from_global_id_strict_type(id, "Order", field="id"))
        user = info.context.user
        profile = profile_of(pk)
        if profile is None:
            return None
        if user.is_authenticated and profile.order.user_id == user.pk:
            return story(views([profile])[0])
        try:
            get_row(user, Order, pk=pk)
        except OutOfScope:
            return None
        entries = entries_of(profile)
        for entry in entries:
            entry.o2o_staff = True  # type: ignore[attr-defined]
        return entries
