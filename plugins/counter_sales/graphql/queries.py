"""Queries of the counter."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ..deducting import buyer_of
from ..models import CounterSale, Shift
from ..phones import whole_phone
from ..places import named_place, places_for
from ..quoting import quote
from ..selectors.shifts import running_shift
from .desks import CounterDeskType, CounterQuoteAnswer, Desk
from .inputs import CounterOrderInput, wanted_of
from .shifts import CounterShiftType
from .types import CounterSaleType, errors_of, sale_key, seller


class CounterQueries(graphene.ObjectType):
    """For clerks, and for owners of shops at their own."""

    counter_desks = graphene.List(
        graphene.NonNull(CounterDeskType), required=True, description="本人可以销售的地方；店主只有自己的店"
    )
    counter_desk = graphene.Field(
        CounterDeskType,
        place=graphene.String(description="销售点；空为本人的"),
        description="一个销售点：商品、销售、当日、备付金。",
    )
    counter_sale = graphene.Field(
        CounterSaleType,
        sale_id=graphene.Argument(graphene.ID, required=True, description="销售编号"),
        description="一笔代客下单（员工按数据范围，店主仅本店）。",
    )
    counter_shift = graphene.Field(CounterShiftType, description="本人当前的班次；没有开班则为空")
    counter_quote = graphene.Field(
        CounterQuoteAnswer,
        required=True,
        input=graphene.Argument(CounterOrderInput, required=True, description="订单内容"),
        key=graphene.String(description="将用来下单的请求号；用积分时须与发起会员确认时的一致"),
        description="下单前算一遍金额：微店按店主售价。什么也不写入。",
    )

    @staticmethod
    def resolve_counter_desks(_root: Any, info: Any) -> list[Desk]:
        user = info.context.user
        try:
            seller(info)
        except DomainError:
            return []
        return [Desk(place, user) for place in places_for(user)]

    @staticmethod
    def resolve_counter_desk(_root: Any, info: Any, place: str = "") -> Desk:
        user = seller(info)
        return Desk(named_place(user, place[:80]), user)

    @staticmethod
    def resolve_counter_sale(_root: Any, info: Any, sale_id: str) -> CounterSale:
        user = seller(info)
        rows = CounterSale.objects.select_related("unit", "order")
        return get_row(user, rows, pk=sale_key(sale_id))

    @staticmethod
    def resolve_counter_shift(_root: Any, info: Any) -> Shift | None:
        """One's own."""
        return running_shift(seller(info))

    @staticmethod
    def resolve_counter_quote(_root: Any, info: Any, input: Any, key: str = "") -> CounterQuoteAnswer:
        """Half-typed telephone numbers and addresses do not matter yet."""
        try:
            user = seller(info)
            phone = whole_phone(input.get("phone"))
            wanted = wanted_of({**input, "phone": phone, "address": {}}, key)
            place = named_place(user, wanted.place)
            buyer = buyer_of(user, place, wanted)
            found = quote(
                wanted,
                place.shop,
                offered_only=not user.is_staff,
                buyer=buyer,
                offering=buyer is not None,
                clerk=user,
            )
        except DomainError as error:
            return CounterQuoteAnswer(errors=errors_of(error))
        return CounterQuoteAnswer(quote=found, errors=[])
