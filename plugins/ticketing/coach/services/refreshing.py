"""Buses of a station on a day, as the networks say now: asked when what is known is older than two minutes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from plugins.ticketing.kernel.choices import PricePart
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import NOT_ON_SALE, SupplierRefused, SupplierSilent
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.sweeping import sum_each

from ..choices import OfferState, SeatState, ShiftState
from ..models import Line, Refresh, Shift, ShiftDay, ShiftFare, ShiftOffer, Station, SupplierStation
from ..ports import CANCELLED, FREE, FULL, HALF, ON_SALE, TheirShift, source_of
from .cancelling import cancel_day, to_let_go
from .following import bring_back
from .standing import standing
from .syncing import lines_for, networks, places_of

logger = logging.getLogger(__name__)
#: What is younger is shown as it is.
FRESH = timedelta(minutes=2)
#: What is older is not shown, whatever a network's silence: two to five minutes.
STALE = timedelta(minutes=5)
#: Networks that are asked at the same moment.
AT_ONCE = 4
Pair = tuple[SupplierAccount, Station, str]


def freshen(stations: Collection[Station], day: date, *, age: timedelta = FRESH) -> int:
    """Ask the networks for buses from these stations where what is known is older than `age`; how many were asked.

    Makes remote calls: never in a transaction. A network that is silent or refuses is left with what it said before.
    """
    wanted = _stale(stations, day, age)
    if not wanted:
        return 0
    if len(wanted) == 1 or connection.in_atomic_block:
        answers = [_ask(pair, day) for pair in wanted]
    else:
        with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
            answers = list(pool.map(lambda pair: _ask(pair, day), wanted))
    together: dict[tuple[int, int], tuple[Pair, list[TheirShift] | None]] = {}
    for pair, rows in zip(wanted, answers, strict=True):
        # a network may know one station of ours by several codes; with one of them silent nothing is taken for gone
        _first, before = together.get(_key(pair), (pair, []))
        both = None if rows is None or before is None else [*before, *rows]
        together[_key(pair)] = (pair, both)
    told = [
        (supplier.adapter, _kept(supplier, station, day, found))
        for (supplier, station, _code), found in together.values()
    ]
    # a bus at which somebody is comes again with the next answer, and keeps no other one waiting
    sum_each(
        [(pk, adapter) for adapter, news in told for pk in news.cancelled],
        lambda one: cancel_day(*one), "cancelling of buses",
    )  # fmt: skip
    sum_each(
        [(pk, adapter) for adapter, news in told for pk in news.sold], lambda one: bring_back(*one), "return of buses"
    )  # fmt: skip
    return len(wanted)


@dataclass(frozen=True, slots=True)
class News:
    """Days of buses (keys of `ShiftDay`) that do not go, and cancelled ones that are sold all the same."""

    cancelled: Sequence[int] = ()
    sold: Sequence[int] = ()


def _kept(supplier: SupplierAccount, station: Station, day: date, rows: Sequence[TheirShift] | None) -> News:
    """As `keep`; what cannot be written (a count below zero, a price beyond all) counts as no answer."""
    try:
        return keep(supplier, station, day, rows)
    except (DataError, IntegrityError, ArithmeticError) as error:
        logger.error(
            "coach network %s says nonsense of %s on %s: %s",
            supplier.code,
            station.code,
            day,
            type(error).__name__,
        )
        return keep(supplier, station, day, None)


def _key(pair: Pair) -> tuple[int, int]:
    return pair[0].pk, pair[1].pk


def _stale(stations: Collection[Station], day: date, age: timedelta) -> list[Pair]:
    """Which network is to be asked for which station, with its code for it. Three statements."""
    open_ones = {one.pk: one for one in networks()}
    keys = [one.pk for one in stations]
    young = set(
        Refresh.objects.filter(station__in=keys, day=day, asked_at__gt=now() - age).values_list(
            "supplier_id", "station_id"
        )
    )
    rows = SupplierStation.objects.filter(station__in=keys, supplier__in=open_ones, boards=True).order_by(
        "supplier__priority", "station_id"
    )
    there = {one.pk: one for one in stations}
    return [
        (open_ones[row.supplier_id], there[row.station_id], row.code)
        for row in rows
        if row.station_id is not None and (row.supplier_id, row.station_id) not in young
    ]


def _ask(pair: Pair, day: date) -> Sequence[TheirShift] | None:
    """A network's answer; None where it gave none. Reads no row: it may run beside others.

    Only that it sells nothing of the day is an answer: one that is not there has not taken its buses back.
    """
    supplier, station, code = pair
    try:
        return source_of(supplier.adapter).shifts(code, "", day)
    except SupplierRefused as refusal:
        logger.info(
            "coach network %s has no buses of %s on %s: %s", supplier.code, station.code, day, refusal.code
        )
        return [] if refusal.code == NOT_ON_SALE else None
    except (SupplierSilent, LookupError) as error:
        logger.warning(
            "coach network %s is silent about %s on %s: %s", supplier.code, station.code, day, error
        )
        return None


@transaction.atomic
def keep(supplier: SupplierAccount, station: Station, day: date, rows: Sequence[TheirShift] | None) -> News:
    """Write what a network said of a station's buses of a day; None: it was silent. What is to be done about buses.

    Locks: the row of this question, so that two answers are written one after the other. Flat in statements.
    """
    Refresh.objects.bulk_create(
        [Refresh(supplier=supplier, station=station, day=day, asked_at=now() - STALE, ok=False)],
        ignore_conflicts=True,
    )
    [question] = lock_rows(Refresh.objects.filter(supplier=supplier, station=station, day=day))
    question.asked_at, question.ok = now(), rows is not None
    question.save(update_fields=["asked_at", "ok"])
    if rows is None:
        return News()
    known = _known(supplier, rows)
    days, off = _days(supplier, station, day, known)
    told = [(days[row.shift], goal, row) for row, goal in known if row.shift in days]
    _keep_offers(supplier, station, day, told)
    # again and again until all of it is done: whoever began may have died, or found a row taken
    by = supplier.adapter
    fresh = {one.pk for one in off if one.state != ShiftState.CANCELLED or by not in one.stopped_by}
    cancelled = fresh | to_let_go([one.pk for one in off]) if off else fresh
    sold = {one.pk for one, _goal, row in told if row.state == ON_SALE and by in one.stopped_by}
    return News(sorted(cancelled), sorted(sold))


def _known(supplier: SupplierAccount, rows: Iterable[TheirShift]) -> list[tuple[TheirShift, Station]]:
    """Buses to places that are matched. One that would cost less than nothing is not sold there."""
    places = places_of(supplier.pk)
    return [
        (row, places[row.goal])
        for row in rows
        if row.goal in places
        and all(one >= 0 for told in (row.prices, row.services, row.costs) for one in told.values())
    ]


def _days(
    supplier: SupplierAccount, station: Station, day: date, known: Sequence[tuple[TheirShift, Station]]
) -> tuple[dict[str, ShiftDay], list[ShiftDay]]:
    """The day's row of each of the network's buses, made where it is missing, and those of which it says that they do
    not go.

    A bus is known by its line (the two ends), the minute at which it leaves, and whether it is a flow; of two buses of
    one minute each stays the one that it was, and none becomes one of which people have other tickets (`standing`).
    """
    grouped: dict[str, list[tuple[TheirShift, Station]]] = {}
    for row, goal in known:
        if goal.pk != station.pk:
            grouped.setdefault(row.shift, []).append((row, goal))
    ends: dict[tuple[int, int], dict[int, int]] = {}
    keys: dict[tuple[Any, ...], TheirShift] = {}
    known_of, by = standing(station, day), supplier.adapter
    # two buses of one minute: who has a place keeps it, then the others get what is free
    moved: dict[str, tuple[TheirShift, tuple[tuple[int, int], time, bool]]] = {}
    for code in sorted(grouped):
        found = grouped[code]
        far, terminal = max(found, key=lambda one: (one[0].kilometres, one[0].arrives))
        pair = (station.pk, terminal.pk)
        ends.setdefault(pair, {}).update({goal.pk: row.kilometres for row, goal in found})
        bus = (pair, far.departs.astimezone(now().tzinfo).time(), far.flow)
        was = known_of.was(by, code)
        if was is not None and was[:3] == (terminal.pk, *bus[1:]) and (*bus, was[3]) not in keys:
            keys[*bus, was[3]] = far
        else:
            moved[code] = far, bus
    for code, (far, bus) in moved.items():
        copy = 0
        while (*bus, copy) in keys or known_of.is_anothers((bus[0][1], *bus[1:], copy), by, code):
            copy += 1
        keys[*bus, copy] = far
    lines = lines_for(ends)
    shifts = _shifts(day, keys, lines)
    ShiftDay.objects.bulk_create(
        [
            ShiftDay(shift=shifts[key], day=day, departs=row.departs, last=row.last, seats=row.seats)
            for key, row in keys.items()
        ],
        ignore_conflicts=True,
    )
    there = ShiftDay.objects.filter(day=day, shift__in=[one.pk for one in shifts.values()])
    by_shift = {one.shift_id: one for one in there.select_related("shift")}
    found_days, off = {}, []
    for key, row in keys.items():
        one = by_shift[shifts[key].pk]
        if row.state == CANCELLED:
            off.append(one)
        one.departs, one.last, one.seats = row.departs, row.last, row.seats or one.seats
        one.extra = one.extra or row.extra
        one.gate, one.bay = row.gate[:20] or one.gate, row.bay[:20] or one.bay
        found_days[row.shift] = one
    ShiftDay.objects.bulk_update(
        sorted(found_days.values(), key=lambda one: one.pk),
        ["departs", "last", "seats", "gate", "bay", "extra"],
    )
    return found_days, off


def _shifts(
    day: date, keys: dict[tuple[Any, ...], TheirShift], lines: dict[tuple[int, int], Line]
) -> dict[tuple[Any, ...], Shift]:
    wanted = {
        key: Shift(
            line=lines[key[0]], number=row.shift[:30], departs=key[1], flow=key[2], copy=key[3],
            vehicle=row.vehicle[:30], seats=row.seats, gate=row.gate[:20], bay=row.bay[:20], first_day=day,
            last_day=day,
        )
        for key, row in keys.items()
    }  # fmt: skip
    Shift.objects.bulk_create(
        sorted(wanted.values(), key=lambda one: (one.line_id, one.departs, one.flow, one.copy)),
        update_conflicts=True, unique_fields=["line", "departs", "flow", "copy"],
        update_fields=["vehicle", "seats", "gate", "bay"],
    )  # fmt: skip
    rows = Shift.objects.filter(line__in=[one.pk for one in lines.values()])
    found = {((one.line_id), one.departs, one.flow, one.copy): one for one in rows}
    kept = {key: found[lines[key[0]].pk, key[1], key[2], key[3]] for key in keys}
    pks = [one.pk for one in kept.values()]
    Shift.objects.filter(pk__in=pks, last_day__lt=day).update(last_day=day)
    Shift.objects.filter(pk__in=pks, first_day__gt=day).update(first_day=day)
    return kept


def _keep_offers(
    supplier: SupplierAccount, station: Station, day: date, told: list[tuple[ShiftDay, Station, TheirShift]]
) -> None:
    moment = now()
    offers = {
        (one.pk, goal.pk): ShiftOffer(
            shift_day=one, station=goal, supplier=supplier, their_shift=row.shift[:40], product=dict(row.product),
            prices=_text(row.prices), services=_text(row.services), costs=_text(row.costs),
            parts={kind: _text(parts, PricePart.values) for kind, parts in row.parts.items()}, arrives=row.arrives,
            kilometres=row.kilometres, left=row.left, children_left=row.children_left,
            state=row.state if row.state in OfferState.values else OfferState.STOPPED, stop_minutes=row.stop_sale,
            seat_counts=_counts(row.seat_counts), seen_at=moment,
        )
        for one, goal, row in told
    }  # fmt: skip
    there = ShiftOffer.objects.filter(
        supplier=supplier, shift_day__day=day, shift_day__shift__line__start=station
    ).values_list("pk", "shift_day_id", "station_id")
    gone = [pk for pk, one, goal in there if (one, goal) not in offers]
    if (
        gone
    ):  # by key: hundreds of pairs in one condition is a plan that takes minutes without fresh statistics
        ShiftOffer.objects.filter(pk__in=gone).delete()
    ShiftOffer.objects.bulk_create(
        [offers[key] for key in sorted(offers)], update_conflicts=True,
        unique_fields=["shift_day", "station", "supplier"],
        update_fields=[
            "their_shift", "product", "prices", "services", "costs", "parts", "arrives", "kilometres", "left",
            "children_left", "state", "stop_minutes", "seat_counts", "seen_at",
        ],
    )  # fmt: skip
    fares = {
        (one.shift_id, goal.pk): ShiftFare(
            shift_id=one.shift_id, station=goal, full=row.prices[FULL], half=row.prices.get(HALF), seen_at=moment,
            minutes=max(0, int((row.arrives - row.departs).total_seconds() // 60)),
        )
        for one, goal, row in told if FULL in row.prices
    }  # fmt: skip
    ShiftFare.objects.bulk_create(
        [fares[key] for key in sorted(fares)], update_conflicts=True, unique_fields=["shift", "station"],
        update_fields=["full", "half", "minutes", "seen_at"],
    )  # fmt: skip


def _counts(told: Any) -> dict[str, int]:
    return {state: count for state, count in told.items() if state in SeatState.values}


def _text(amounts: Any, known: Sequence[str] = (FULL, HALF, FREE)) -> dict[str, str]:
    return {
        key: str(Decimal(value).quantize(Decimal("0.01"))) for key, value in amounts.items() if key in known
    }
