"""A shopper's own orders, of every business line in one list: read in a handful of statements a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import OutOfScope

from .choices import MIXED, STAFF_ONLY, State
from .deductions.keeping import Kept, kept_of
from .deductions.taking import SOURCES_KEY
from .history import entries_of
from .models import OrderProfile, OrderTimeline, SubOrder, SubOrderLine
from .numbers import read_number
from .parcels import Parcel, parcels_of
from .seams import PickupPlace, offered, pickup_code_of, pickup_place_of

#: Orders of one page, at most.
MOST = 50


class Tab(TextChoices):
    """The tabs above a shopper's list."""

    ALL = "all", _("全部")
    TO_PAY = "to_pay", _("待付款")
    TO_SHIP = "to_ship", _("待发货")
    TO_RECEIVE = "to_receive", _("待收货")
    TO_USE = "to_use", _("待使用")
    DONE = "done", _("已完成")
    CLOSED = "closed", _("已关闭")


STATES: dict[Tab, tuple[State, ...]] = {
    Tab.TO_PAY: (State.PENDING_PAYMENT,),
    Tab.TO_SHIP: (State.PENDING_SHIPMENT, State.PARTLY_SHIPPED),
    Tab.TO_RECEIVE: (State.SHIPPED,),
    Tab.TO_USE: (State.PENDING_PICKUP, State.PENDING_VERIFICATION),
    Tab.DONE: (State.RECEIVED, State.COMPLETED),
    Tab.CLOSED: (State.CLOSED,),
}


@dataclass(slots=True)
class Part:
    """A sub-order with its lines, and what else may be done with it now (codes of `seams.register_action`)."""

    row: SubOrder
    lines: list[SubOrderLine] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class View:
    """An order as its buyer sees it."""

    profile: OrderProfile
    parts: list[Part] = field(default_factory=list)
    deductions: list[Kept] = field(default_factory=list)

    @property
    def actions(self) -> list[str]:
        """What can be done now: PAY, CANCEL, RECEIVE, REORDER, and what other plugins offer for a part."""
        found = []
        if self.profile.state == State.PENDING_PAYMENT:
            payable = self.profile.pay_by is None or self.profile.pay_by > now()
            found += ["PAY", "CANCEL"] if payable and self.profile.total > 0 else ["CANCEL"]
        if any(part.row.state == State.SHIPPED for part in self.parts):
            found.append("RECEIVE")
        if self.profile.line != MIXED or self.parts:
            found.append("REORDER")
        return [*found, *dict.fromkeys(code for part in self.parts for code in part.actions)]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a shopper's list; `cursor` asks for the next one, None where this is the last."""

    items: list[View]
    cursor: str | None


def own(user: Any) -> QuerySet[OrderProfile]:
    """The profiles of a shopper's orders; nobody's for nobody."""
    if not getattr(user, "is_authenticated", False):
        return OrderProfile.objects.none()
    return OrderProfile.objects.filter(order__user_id=user.pk)


def tabs(user: Any) -> list[tuple[Tab, int]]:
    """Every tab with the number of orders behind it. One statement."""
    rows = own(user).order_by().values_list("state").annotate(Count("pk"))
    by_state = dict(rows)
    counts = {tab: sum(by_state.get(state, 0) for state in states) for tab, states in STATES.items()}
    return [(tab, sum(by_state.values()) if tab is Tab.ALL else counts[tab]) for tab in Tab]


def page(user: Any, tab: Tab = Tab.ALL, search: str = "", first: int = 20, after: str | None = None) -> Page:
    """A page of the newest orders. `search`: an order number, or a part of a product's name.

    Four statements whatever the number of orders.
    """
    rows = own(user)
    if tab is not Tab.ALL:
        rows = rows.filter(state__in=STATES[tab])
    word = search.strip()
    if word:
        number = read_number(word)
        rows = rows.filter(number=number) if number else rows.filter(_named(word))
    if after:
        rows = rows.filter(pk__lt=int(after)) if after.isascii() and after.isdigit() else rows.none()
    size = max(1, min(first, MOST))
    found = list(rows.select_related("order").order_by("-pk")[: size + 1])
    last = str(found[size - 1].pk) if len(found) > size else None
    return Page(views(found[:size]), last)


def _named(word: str) -> Q:
    lines = SubOrderLine.objects.filter(order_line__product_name__icontains=word)
    return Q(pk__in=lines.values("sub_order__order_id"))


def views(profiles: Sequence[OrderProfile]) -> list[View]:
    """Orders with their parts and lines, in two statements and one for each plugin that offers something.

    One more where any of them was lowered by coupons and the like.
    """
    found = {profile.pk: View(profile) for profile in profiles}
    rows = SubOrder.objects.filter(order__in=found).select_related("seller", "warehouse")
    parts = {row.pk: Part(row) for row in rows.order_by("position")}
    lines = SubOrderLine.objects.filter(sub_order__in=parts).select_related("order_line__variant__product")
    for line in lines.order_by("pk"):
        parts[line.sub_order_id].lines.append(line)
    lowered = [one.pk for one in profiles if (one.order.private_metadata or {}).get(SOURCES_KEY)]
    for key, kept in (kept_of(lowered) if lowered else {}).items():
        found[key].deductions = kept
    actions = offered(list(parts))
    for key, part in parts.items():
        part.actions = actions.get(key, [])
        found[part.row.order_id].parts.append(part)
    return list(found.values())


def one(user: Any, number: str, token: str = "") -> View:
    """An order of the shopper's, or of a guest who has its token. Raises OutOfScope, also for a number that is none."""
    known = read_number(number)
    rows = OrderProfile.objects.filter(number=known or "").select_related("order")
    if token:
        rows = rows.filter(Q(order__token=token) | Q(pk__in=own(user).values("pk")))
    else:
        rows = rows.filter(pk__in=own(user).values("pk"))
    profile = rows.first() if known else None
    if profile is None:
        raise OutOfScope
    return views([profile])[0]


def story(view: View) -> list[OrderTimeline]:
    """What happened to an order, without what is the staff's own business."""
    return [entry for entry in entries_of(view.profile) if entry.kind not in STAFF_ONLY]


@dataclass(frozen=True, slots=True)
class Pickup:
    """How a buyer fetches what waits for him: the code, his secret, and where; None for a place nobody knows."""

    code: str
    place: PickupPlace | None


def parcels(view: View) -> list[Parcel]:
    """What of an order is on its way or has come. One statement."""
    return parcels_of(view.profile.pk, view.parts)


def pickup(view: View) -> Pickup | None:
    """How to fetch what of an order waits at an outlet; None where nothing does. Two statements."""
    if not any(part.row.state == State.PENDING_PICKUP for part in view.parts):
        return None
    key = view.profile.pk
    return Pickup(pickup_code_of(key) or view.profile.number, pickup_place_of(key))
