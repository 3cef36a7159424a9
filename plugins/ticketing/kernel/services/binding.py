"""Holds in carts: a ticket order's tickets as lines at their held prices, bound to the order that buys them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order, OrderLine

from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import HeldGoods, HeldLine, Origin

from ..choices import OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..guest_access import opens
from ..locks import lock_orders
from ..models import ChangeRequest, Ticket, TicketOrder
from .goods import HELD_TYPES
from .holding import request_key
from .reach import is_buyer, typed

S = OrderState
_LONGEST = 250


LineKey = tuple[int, Decimal]


class Extra(Protocol):
    """Something that is bought with a ticket order's tickets (insurances), as lines of its own."""

    def lines(self, order: TicketOrder) -> Sequence[HeldLine]:
        """Its lines; variants of its own."""
        ...

    def bind(self, order: TicketOrder, lines: Mapping[LineKey, OrderLine]) -> None:
        """Its order lines by variant and unit price; in the transaction that writes the order."""
        ...

    def bound(self, order_id: int) -> set[int]:
        """The order's lines that are its own."""
        ...


_extras: list[Extra] = []


def register_extra(extra: Extra) -> None:
    """Sell something along with tickets; apps call it when they are ready."""
    _extras.append(extra)


def mine(number: str, key: str, user: Any) -> TicketOrder:
    """A ticket order for whom it was held: its account, its clerk, or a guest who knows number and key.

    Raises TicketError NOT_FOUND, the same for what is somebody else's and what is not there.
    """
    found = TicketOrder.objects.filter(number=number.strip().upper()).first()
    if found is None or not _belongs(found, key, user):
        raise TicketError(Code.NOT_FOUND, _("没有这个占座单"), "holds", _("请核对单号，或重新选择班次、场次"))
    return found


def order_of_buyer(user: Any, number: str, key: str = "", token: str = "") -> TicketOrder | None:
    """A ticket order for whoever bought it: its account, or a guest with the key of his request, the token of his
    order or a pass; None for anybody else, the staff included. One statement."""
    order = TicketOrder.objects.select_related("order").filter(number=typed(number).upper()).first()
    if order is None or not (
        is_buyer(user, order, typed(token, 64)) or _belongs(order, typed(key, 64), None)
    ):
        return None
    return order


def order_to_show(user: Any, number: str, key: str = "", token: str = "") -> TicketOrder | None:
    """As `order_of_buyer`, also for who goes with tickets that a reseller bought, by a pass of his telephone: he shows
    them at the gate, and does nothing else with them."""
    found = order_of_buyer(user, number, key, token)
    if found is not None or not token:
        return found
    order = TicketOrder.objects.filter(number=typed(number).upper(), user=None).first()
    return order if order is not None and opens(order, typed(token, 64)) else None


def _belongs(order: TicketOrder, key: str, user: Any) -> bool:
    asking = user if getattr(user, "is_authenticated", False) else None
    if order.made_by_id is not None:
        return asking is not None and asking.pk in (order.made_by_id, order.user_id)
    if order.user_id is not None:
        return asking is not None and asking.pk == order.user_id
    try:
        return bool(key) and order.request_key == request_key(key, None)
    except TicketError:
        return False


def refuse_gone(order: TicketOrder, moment: datetime) -> None:
    """Refuse a hold that cannot be bought now. Raises TicketError HOLD_PENDING, HOLD_ORDERED, HOLD_GONE,
    HOLD_FOR_CHANGE."""
    if order.instead_of_id is not None or (
        order.state == S.HELD and ChangeRequest.objects.filter(target=order).exists()
    ):
        raise TicketError(
            Code.HOLD_FOR_CHANGE,
            _("这个占座是改签用的，不能另外购买"),
            "holds",
            _("请回到原订单继续改签；另外乘车请重新购票"),
        )
    if order.state == S.HOLDING:
        raise TicketError(Code.HOLD_PENDING, _("正在占座，请稍候"), "holds", _("占座成功后即可下单"))
    if order.order_id is not None and order.state == S.HELD:
        raise TicketError(Code.HOLD_ORDERED, _("这个占座已经下单"), "holds", _("请到我的订单付款"))
    if order.state != S.HELD or order.held_until is None or order.held_until <= moment:
        raise TicketError(Code.HOLD_GONE, _("占座已失效，座位已释放"), "holds", _("请重新选择班次或场次"))


def lines_of_order(order: TicketOrder, tickets: Sequence[Ticket]) -> list[HeldLine]:
    """Tickets and what is bought along with them as lines: one for each variant and price."""
    counted: dict[LineKey, int] = defaultdict(int)
    for ticket in tickets:
        if ticket.variant_id is None:
            raise TicketError(Code.HOLD_GONE, _("这种票不能购买"), "holds")
        counted[ticket.variant_id, ticket.price] += 1
    own = [HeldLine(variant, quantity, unit) for (variant, unit), quantity in sorted(counted.items())]
    return own + [line for extra in _extras for line in extra.lines(order)]


class TicketHolds:
    """Ordering's `HoldSource` of all tickets."""

    types = HELD_TYPES

    def lines(self, number: str, key: str, user: Any) -> Sequence[HeldLine]:
        """A ticket order's lines. Raises TicketError NOT_FOUND, HOLD_PENDING, HOLD_ORDERED, HOLD_GONE,
        HOLD_FOR_CHANGE."""
        order = mine(number, key, user)
        refuse_gone(order, now())
        return lines_of_order(order, list(order.tickets.all()))

    def bind(self, order: Order, goods: Sequence[HeldGoods], origin: Origin) -> datetime:
        """The tickets become the order's; its lines are named after trip and fare.

        Locks: the ticket orders, in the order of their keys. Raises TicketError HOLD_GONE, HOLD_ORDERED, HOLD_CHANGED,
        HOLD_FOR_CHANGE, NOT_FOUND for somebody else's.
        """
        by_number: dict[str, list[HeldGoods]] = defaultdict(list)
        for one in goods:
            by_number[one.number].append(one)
        keys = TicketOrder.objects.filter(number__in=by_number).values_list("pk", flat=True)
        found = lock_orders(list(keys))
        if len(found) < len(by_number):
            raise TicketError(Code.NOT_FOUND, _("没有这个占座单"), "holds")
        until = []
        for row in found:
            refuse_gone(row, now())
            self._refuse_stranger(row, order, origin)
            until.append(self._bind(row, order, by_number[row.number]))
        return min(until)

    def _refuse_stranger(self, row: TicketOrder, order: Order, origin: Origin) -> None:
        """Whoever put it in his cart showed that it is his; an account's hold is never another account's order."""
        seller = row.made_by_id is not None and getattr(origin.user, "pk", None) == row.made_by_id
        if row.user_id not in (None, order.user_id) and not seller:
            raise TicketError(Code.NOT_FOUND, _("没有这个占座单"), "holds")

    def _bind(self, row: TicketOrder, order: Order, goods: Sequence[HeldGoods]) -> datetime:
        tickets = list(row.tickets.order_by("pk"))
        wanted = {(one.variant, one.unit): one.quantity for one in lines_of_order(row, tickets)}
        asked = {(one.line.variant_id or 0, one.unit): one.line.quantity for one in goods}
        priced = all(one.line.unit_price_gross_amount == one.unit for one in goods)
        if wanted != asked or len(asked) < len(goods) or not priced:
            raise TicketError(
                Code.HOLD_CHANGED, _("票的张数或价格与占座时不一致"), "holds",
                _("占座的票须整单购买；请从购物车移除后重新加入"),
            )  # fmt: skip
        line_of = {(one.line.variant_id or 0, one.unit): one.line for one in goods}
        self._name(row, tickets, line_of)
        for ticket in tickets:
            ticket.order_line = line_of[ticket.variant_id or 0, ticket.price]
        Ticket.objects.bulk_update(tickets, ["order_line"])
        for extra in _extras:
            extra.bind(row, line_of)
        row.order = order
        row.user_id = row.user_id or order.user_id
        row.save(update_fields=["order", "user"])
        if row.held_until is None:
            raise TicketError(Code.HOLD_GONE, _("占座已失效，座位已释放"), "holds")
        return row.held_until

    def _name(
        self, row: TicketOrder, tickets: Sequence[Ticket], line_of: Mapping[LineKey, OrderLine]
    ) -> None:
        """People read where it goes and which ticket it is, not what the goods behind are called."""
        fares = {(one.variant_id or 0, one.price): one.fare_name for one in tickets}
        named = {key: line for key, line in line_of.items() if key in fares}
        for key, line in named.items():
            line.product_name = row.title[:_LONGEST]
            line.variant_name = fares[key][:_LONGEST]
            line.translated_product_name = line.translated_variant_name = ""
        OrderLine.objects.bulk_update(
            named.values(),
            ["product_name", "variant_name", "translated_product_name", "translated_variant_name"],
        )

    def bound(self, order_id: int) -> set[int]:
        """The order's lines that are tickets or insurances of a hold."""
        rows = Ticket.objects.filter(order_line__order_id=order_id).order_by()
        own = {pk for pk in rows.values_list("order_line_id", flat=True) if pk is not None}
        return own.union(*(extra.bound(order_id) for extra in _extras))
