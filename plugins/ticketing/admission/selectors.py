"""What shoppers see: products, their days and sessions with prices and what is left, seats; few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from saleor_o2o.kernel.clock import now, today

from .choices import ExchangeMode, ProductState, SaleChannel, SeatState, SessionState, ValidMode
from .inventory.availability import days_left, local_day, seats_of, sessions_left, slots_left
from .inventory.geometry import Geometry, geometry_of
from .models import AdmissionProduct, PriceDay, Session, SessionSeat, Slot, TicketClass
from .pricing import LAST_DAY, last_moment, posted_until, prices_of
from .services.keeping import shown_for

#: The longest calendar that is told at once, and the most sessions and products.
MOST_DAYS, MOST_SESSIONS, MOST_PRODUCTS = 92, 100, 50
#: In what of a place words are looked for.
_SEARCHED = ("name", "city", "address")
#: From how many on nobody is told the exact number.
MANY = 50


@dataclass(frozen=True, slots=True)
class ClassLeft:
    """A class at a time: what it costs (yuan), how many are left, whether it may be bought now."""

    kind: TicketClass
    price: Decimal
    left: int
    open: bool


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day of the calendar: the lowest price of what may be bought, and every class."""

    day: date
    classes: tuple[ClassLeft, ...]

    @property
    def price_from(self) -> Decimal | None:
        return min((one.price for one in self.classes if one.open and one.left), default=None)

    @property
    def left(self) -> int:
        return max((one.left for one in self.classes if one.open), default=0)


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session with its classes."""

    session: Session
    classes: tuple[ClassLeft, ...]
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def price_from(self) -> Decimal | None:
        return min((one.price for one in self.classes), default=None)

    @property
    def left(self) -> int:
        """Of the classes of one category or quota what is left counts once: the most that anybody can still have."""
        by_category: dict[str, int] = {}
        for one in self.classes:
            by_category[one.kind.category] = max(by_category.get(one.kind.category, 0), one.left)
        return sum(by_category.values())


@dataclass(frozen=True, slots=True)
class SlotShown:
    """A slot of a day with its classes."""

    slot: Slot
    classes: tuple[ClassLeft, ...]


def products_shown(
    kinds: Sequence[str] = (), search: str = "", day: date | None = None
) -> QuerySet[AdmissionProduct]:
    """Products on sale, by kind, words (name, place, district), and with a session on a day."""
    rows = AdmissionProduct.objects.filter(state__in=(ProductState.ON_SALE, ProductState.PAUSED))
    if kinds:
        rows = rows.filter(kind__in=kinds)
    for word in search.split()[:5]:
        words = ("name", "summary", *(f"{place}__{one}" for place in ("spot", "venue") for one in _SEARCHED))
        condition = Q()
        for name in words:
            condition |= Q(**{f"{name}__icontains": word[:30]})
        rows = rows.filter(condition)
    if day is not None:
        sessions = Session.objects.filter(starts_at__date=day, state=SessionState.ON_SALE)
        rows = rows.filter(Q(pk__in=sessions.values("product")) | ~Q(kind__in=("show", "match")))
    classes = TicketClass.objects.filter(active=True).order_by("rank", "pk")
    return rows.select_related("spot", "venue").prefetch_related(Prefetch("classes", classes), "spots")


def classes_of(product: AdmissionProduct, channel: str) -> list[TicketClass]:
    """The classes of a product that a channel sells; from what was read with it."""
    return [one for one in product.classes.all() if one.active and channel in one.channels]


def calendar(
    product: AdmissionProduct, first: date, days: int, channel: str = SaleChannel.ONLINE
) -> list[DayShown]:
    """The days of a product without sessions, from a day on (not before today).

    Four statements, one more where people may wait for returns.
    """
    begin = max(first, today())
    most = max(0, min(days, MOST_DAYS, (LAST_DAY - begin).days + 1))
    wanted = [begin + timedelta(days=at) for at in range(most)]
    kinds = [
        kind for kind in classes_of(product, channel) if kind.valid_mode in {ValidMode.DAY, ValidMode.SLOT}
    ]
    if not kinds or not wanted:
        return []
    lefts = days_left(product.pk, wanted, kinds, channel)
    prices = prices_of(kinds, wanted)
    moment = now()
    waited = shown_for(kinds, moment)
    until = {day: {kind.pk: last_moment(kind, day) for kind in kinds} for day in wanted}
    for day in wanted:
        lefts[day] = waited.lefts(lefts[day], kinds, until[day], day=day)
    sold = product.state == ProductState.ON_SALE
    return [
        DayShown(
            day,
            tuple(
                ClassLeft(
                    kind, prices[kind.pk, day].price, lefts[day][kind.pk],
                    sold and not prices[kind.pk, day].closed and moment < until[day][kind.pk],
                )
                for kind in kinds
            ),
        )
        for day in wanted
    ]  # fmt: skip


def slots_shown(product: AdmissionProduct, day: date, channel: str = SaleChannel.ONLINE) -> list[SlotShown]:
    """The slots of a day that are not over. Three statements, one more where people may wait for returns."""
    moment = now()
    rows = [
        slot
        for slot in Slot.objects.filter(product=product, day=day, open=True)
        if day > today() or (day == today() and slot.ends > moment.time())
    ]
    kinds = [kind for kind in classes_of(product, channel) if kind.valid_mode == ValidMode.SLOT]
    lefts = slots_left(rows, kinds, channel)
    prices = prices_of(kinds, [day])
    until = {kind.pk: last_moment(kind, day) for kind in kinds}
    if rows:
        waited = shown_for(kinds, moment)
        lefts = {pk: waited.lefts(some, kinds, until, slot=pk) for pk, some in lefts.items()}
    return [
        SlotShown(
            slot,
            tuple(
                ClassLeft(
                    kind, prices[kind.pk, day].price, lefts[slot.pk][kind.pk],
                    not prices[kind.pk, day].closed and moment < until[kind.pk],
                )
                for kind in kinds
            ),
        )
        for slot in rows
    ]  # fmt: skip


def sessions_shown(
    product: AdmissionProduct, channel: str = SaleChannel.ONLINE, *, first: date | None = None
) -> list[SessionShown]:
    """The sessions of a product that are not over, the nearest first. Four statements however many."""
    rows = (
        Session.objects.filter(product=product, ends_at__gt=now())
        .exclude(state=SessionState.DRAFT)
        .select_related("hall__venue")
    )
    if first is not None:
        rows = rows.filter(starts_at__date__gte=first)
    return shown(
        list(rows.order_by("starts_at", "pk")[:MOST_SESSIONS]), classes_of(product, channel), channel
    )


def shown(sessions: Sequence[Session], kinds: Sequence[TicketClass], channel: str) -> list[SessionShown]:
    """Sessions with prices and what is left. Three statements, one more where people may wait for returns."""
    if not sessions:
        return []
    lefts = sessions_left(sessions, kinds, channel)
    prices = prices_of(kinds, {local_day(one) for one in sessions})
    moment = now()
    waited = shown_for(kinds, moment)
    until = {one.pk: {kind.pk: session_until(kind, one) for kind in kinds} for one in sessions}
    for one in sessions:
        lefts[one.pk] = waited.lefts(lefts[one.pk], kinds, until[one.pk], session=one)
    return [
        SessionShown(
            one,
            tuple(
                ClassLeft(
                    kind, prices[kind.pk, local_day(one)].price, lefts[one.pk][kind.pk],
                    one.on_sale_at(moment) and moment < until[one.pk][kind.pk]
                    and not prices[kind.pk, local_day(one)].closed,
                )
                for kind in kinds
                if kind.product_id == one.product_id
            ),
        )
        for one in sessions
    ]  # fmt: skip


def session_until(kind: TicketClass, session: Session) -> datetime:
    """Until when a class may be bought for a session: while it is sold, and a letter still arrives."""
    if kind.exchange_mode != ExchangeMode.PAPER_MAIL:
        return session.closes_at
    return min(session.closes_at, posted_until(kind, local_day(session)))


def session_shown(pk: int, channel: str = SaleChannel.ONLINE) -> SessionShown | None:
    """One session that shoppers may see."""
    row = (
        Session.objects.filter(pk=pk, product__state__in=(ProductState.ON_SALE, ProductState.PAUSED))
        .exclude(state=SessionState.DRAFT)
        .select_related("product", "hall__venue", "seat_map")
        .prefetch_related(Prefetch("product__classes", TicketClass.objects.order_by("rank", "pk")))
        .first()
    )
    if row is None:
        return None
    return shown([row], classes_of(row.product, channel), channel)[0]


def seat_states(session: Session) -> tuple[Geometry, dict[int, str]] | None:
    """Where the seats of a session are, and the state of each. One statement, and one more for a map seen first."""
    if session.seat_map_id is None:
        return None
    return geometry_of(session.seat_map_id), dict(seats_of(session.pk))


def free_seats(session: Session) -> list[int]:
    """The seats of a session that anybody may choose now, by the map's key. One statement."""
    rows = SessionSeat.objects.filter(session=session, state=SeatState.FREE)
    return list(rows.order_by("line", "place").values_list("seat", flat=True))


def lowest(product: AdmissionProduct) -> Decimal | None:
    """The lowest usual price of a product, or of its calendar; from what was read with it."""
    return min((one.price for one in product.classes.all() if one.active), default=None)


def priced_days(kind: TicketClass, first: date, last: date) -> dict[date, PriceDay]:
    """The days of a class that cost something of their own. One statement."""
    return {row.day: row for row in kind.days.filter(day__gte=first, day__lte=last)}
