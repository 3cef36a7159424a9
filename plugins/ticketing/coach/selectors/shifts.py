"""Buses of a day: what every network says of the same one, put together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.parts import labelled
from saleor_o2o.kernel.clock import now

from ..choices import Channel, Fare, OfferState, ShiftState
from ..models import Season, ShiftDay, ShiftOffer, Station
from ..services.refreshing import STALE
from ..windows import in_presale, stops_at

#: The product (产品) of fee rules for buses beside the timetable.
EXTRA = "EXTRA"


@dataclass(frozen=True, slots=True)
class Option:
    """One network's way to sell a bus. Amounts in yuan by kind of ticket, `parts` by kind and `PricePart`; `left` None:
    not told."""

    supplier: SupplierAccount
    product: Mapping[str, Any]
    faces: Mapping[str, Decimal]
    services: Mapping[str, Decimal]
    costs: Mapping[str, Decimal]
    left: int | None
    children_left: int | None
    state: str
    stop_minutes: int
    awake: bool
    parts: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def price(self, fare: str) -> Decimal | None:
        """What a customer pays for a ticket; None: this network does not sell the kind."""
        return None if fare not in self.faces else self.faces[fare] + self.services.get(fare, Decimal(0))


@dataclass(slots=True)
class Found:
    """A bus of a day between two places, with everybody who sells it: the first option is the one shown."""

    shift_day: ShiftDay
    start: Station
    goal: Station
    arrives: datetime
    kilometres: int
    options: list[Option] = field(default_factory=list)

    @property
    def first(self) -> Option:
        """Who is asked first."""
        return self.options[0]

    @property
    def left(self) -> int | None:
        """The most seats that one network has: a party is held at one. None: nobody tells."""
        told = [one.left for one in self.options if one.left is not None]
        return max(told) if told else None

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return max(0, int((self.arrives - self.shift_day.departs).total_seconds() // 60))

    @property
    def stops(self) -> datetime:
        """When its sale ends: the last network that sells it."""
        return max(stops_at(self.start, self.shift_day.last, one.stop_minutes) for one in self.options)

    def made_of(self, fare: str) -> list[tuple[str, Decimal]]:
        """Of what a face value of the first option is made, in words (`kernel.parts.labelled`)."""
        return labelled(self.first.faces[fare], self.first.parts.get(fare, {}))

    def fares(self, channel: str) -> list[tuple[str, Decimal, Decimal]]:
        """Kinds that are sold here, with face value and service charge, as the first option has them."""
        allowed = allowed_fares(self.start, channel)
        return [
            (fare, self.first.faces[fare], self.first.services.get(fare, Decimal(0)))
            for fare in Fare.values
            if fare in allowed and fare in self.first.faces
        ]


def product_of(day: ShiftDay) -> str:
    """What a bus is to fee rules: extra ones have rules of their own."""
    return EXTRA if day.extra else ""


def rule_keys(found: Found, option: Option) -> dict[str, str | Sequence[str]]:
    """By what fee rules of a bus at a network are looked up: the network's account, the station's table, the line, the
    bus by its number, and whether it is an extra one."""
    return {
        "product": product_of(found.shift_day),
        "supplier": (option.supplier.code, found.start.rule_key),
        "line": found.shift_day.shift.line.code,
        "session": found.shift_day.shift.number,
    }


def allowed_fares(station: Station, channel: str) -> set[str]:
    """Kinds of tickets that a station sells in a channel; nobody is looked at over the telephone either."""
    online = channel != Channel.COUNTER
    found = {Fare.FULL.value}
    if station.sells_half and (station.half_online or not online):
        found.add(Fare.HALF.value)
    if station.sells_free and (station.free_online or not online):
        found.add(Fare.FREE.value)
    return found


def search(
    start: Collection[Station],
    goal: Collection[Station],
    day: date,
    seasons: Iterable[Season],
    *,
    sold: bool = False,
) -> list[Found]:
    """Buses of a day by departure, each once, with every network that sells it. One statement.

    Left out: cancelled ones, those whose sale has stopped, days outside of the presale, what no network has confirmed
    within five minutes; with `sold` those stay, for boards.
    """
    rows = _rows().filter(
        shift_day__day=day, shift_day__shift__line__start__in=[one.pk for one in start],
        station__in=[one.pk for one in goal],
    )  # fmt: skip
    found = _merged(rows)
    if sold:
        return found
    known = list(seasons)
    today = now().date()
    shown = []
    for one in found:
        one.options = [option for option in one.options if on_sale(one, option)]
        running = one.shift_day.state == ShiftState.RUNNING
        if one.options and running and in_presale(one.start, known, day, today):
            shown.append(one)
    return shown


def found_of(shift_day: int, goal: int) -> Found | None:
    """One bus to one place, with every network that was heard of it, on sale or not. One statement."""
    merged = _merged(_rows().filter(shift_day=shift_day, station=goal))
    return merged[0] if merged else None


def _rows() -> Any:
    return ShiftOffer.objects.select_related(
        "shift_day__shift__line__start", "shift_day__shift__line__terminal", "station", "supplier"
    ).order_by(
        "shift_day__departs", "shift_day_id", "station__pinyin", "supplier__priority", "supplier__code"
    )


def on_sale(found: Found, option: Option) -> bool:
    """Whether a network sells a bus at this moment."""
    return (
        option.state == OfferState.ON_SALE and option.awake
        and now() < stops_at(found.start, found.shift_day.last, option.stop_minutes)
    )  # fmt: skip


def _merged(rows: Iterable[ShiftOffer]) -> list[Found]:
    found: dict[tuple[int, int], Found] = {}
    oldest, moment = now() - STALE, now()
    for row in rows:
        if not row.supplier.active:
            continue
        one = found.setdefault(
            (row.shift_day_id, row.station_id),
            Found(row.shift_day, row.shift_day.shift.line.start, row.station, row.arrives, row.kilometres),
        )
        rests = row.supplier.rests_until
        awake = row.seen_at >= oldest and (rests is None or rests <= moment) and open_now(row.supplier)
        one.options.append(
            Option(
                row.supplier, row.product, _money(row.prices), _money(row.services), _money(row.costs), row.left,
                row.children_left, row.state, row.stop_minutes, awake,
                {kind: _money(parts) for kind, parts in row.parts.items()},
            )
        )  # fmt: skip
    for one in found.values():
        # in the order of priority; whoever sleeps or has nothing left comes last
        one.options.sort(key=lambda option: (not option.awake, option.left == 0))
    return list(found.values())


def open_now(supplier: SupplierAccount) -> bool:
    """Whether a network sells now, or at least keeps orders until it does."""
    if supplier.opens is None or supplier.closes is None or supplier.hours_queue:
        return True
    return supplier.opens <= now().time() < supplier.closes


def _money(amounts: Mapping[str, str]) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in amounts.items()}
