"""What the networks say of stations and lines, taken over: asked without a transaction, written in one."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DataError, IntegrityError, transaction

from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SupplierRefused, SupplierSilent
from saleor_o2o.kernel.clock import now

from ..models import Line, LineStop, Station, SupplierLine, SupplierStation
from ..ports import CoachSource, TheirStation, TheirStop, source_of, sources
from .mapping import match_by_name

logger = logging.getLogger(__name__)
_KEPT = (
    "name", "city", "area", "initials", "boards", "presale_days", "stop_minutes", "most", "opens", "closes",
    "sells_half", "sells_free", "seen_at",
)  # fmt: skip


def networks() -> list[SupplierAccount]:
    """The coach networks that are on, the one that is asked first first. One statement."""
    # insurers of coach journeys are accounts of the same trade, and tell no buses
    rows = SupplierAccount.objects.filter(trade=Trade.COACH, active=True, adapter__in=sources())
    return list(rows.order_by("priority", "code"))


def sync_networks() -> int:
    """Take over stations and lines of every network; how many places. Who is silent, or says what cannot be written, is
    left out."""
    count = 0
    for supplier in networks():
        try:
            count += sync_network(supplier)
        except (SupplierSilent, SupplierRefused) as error:
            logger.warning("coach network %s was not synchronised: %s", supplier.code, error)
        except (DataError, IntegrityError) as error:
            logger.error(
                "coach network %s says nonsense of its places: %s", supplier.code, type(error).__name__
            )
    return count


def sync_network(supplier: SupplierAccount) -> int:
    """Take over stations, then where one gets to from each. Raises SupplierSilent, SupplierRefused, LookupError."""
    source: CoachSource = source_of(supplier.adapter)
    stations = source.stations()
    stops = {one.code: source.stops(one.code) for one in stations if one.boards}
    with transaction.atomic():
        keep_stations(supplier, stations, stops)
        match_by_name(supplier.pk)
        keep_lines(supplier, stations, stops)
    return SupplierStation.objects.filter(supplier=supplier).count()


def keep_stations(
    supplier: SupplierAccount, stations: Sequence[TheirStation], stops: dict[str, Sequence[TheirStop]]
) -> None:
    """Write what a network calls its places; matches stay. Three statements.

    Where it names stations, buses go from no other one: a code that it gave up is not asked for any more.
    """
    moment = now()
    rows: dict[str, SupplierStation] = {}
    for one in stations:
        rows[one.code] = SupplierStation(
            supplier=supplier, code=one.code, name=one.name[:60], city=one.city[:20], area=one.area[:20],
            initials=one.initials[:40], boards=one.boards, presale_days=one.presale_days, stop_minutes=one.stop_sale,
            most=one.most, opens=one.opens, closes=one.closes, sells_half=one.half, sells_free=one.free, seen_at=moment,
        )  # fmt: skip
    goals: dict[str, TheirStop] = {stop.code: stop for found in stops.values() for stop in found}
    for code, stop in goals.items():
        if code in rows:
            rows[code].goal_name = stop.name[:60]
        else:
            rows[code] = SupplierStation(
                supplier=supplier, code=code, name=stop.name[:60], goal_name=stop.name[:60],
                initials=stop.initials[:40], boards=False, seen_at=moment,
            )  # fmt: skip
    SupplierStation.objects.bulk_create(
        [rows[code] for code in sorted(rows)], update_conflicts=True, unique_fields=["supplier", "code"],
        update_fields=[*_KEPT, "goal_name"],
    )  # fmt: skip
    if stations:
        gone = SupplierStation.objects.filter(supplier=supplier, boards=True).exclude(code__in=rows)
        gone.update(boards=False)


def keep_lines(
    supplier: SupplierAccount, stations: Sequence[TheirStation], stops: dict[str, Sequence[TheirStop]]
) -> None:
    """Write a network's lines from each of its stations, and ours where both ends are known. Flat in statements."""
    known = places_of(supplier.pk)
    names = {one.code: one.name for one in stations}
    ends: dict[tuple[int, int], dict[int, int]] = {}
    theirs: list[tuple[str, str, tuple[int, int] | None]] = []
    for code, found in stops.items():
        for line in sorted({stop.line for stop in found}):
            there = sorted((one for one in found if one.line == line), key=lambda one: one.kilometres)
            last = there[-1]
            start, terminal = known.get(code), known.get(last.code)
            pair = (start.pk, terminal.pk) if start and terminal and start.pk != terminal.pk else None
            theirs.append((f"{line}@{code}"[:60], f"{names[code]} → {last.name}"[:130], pair))
            if pair is not None:
                reach = ends.setdefault(pair, {})
                reach.update({known[one.code].pk: one.kilometres for one in there if one.code in known})
    lines = lines_for(ends)
    moment = now()
    SupplierLine.objects.bulk_create(
        [
            SupplierLine(
                supplier=supplier, code=code, name=name, seen_at=moment, line=lines[pair] if pair else None
            )
            for code, name, pair in sorted(theirs, key=lambda one: one[0])
        ],
        update_conflicts=True, unique_fields=["supplier", "code"], update_fields=["name", "line", "seen_at"],
    )  # fmt: skip


def places_of(supplier_id: int) -> dict[str, Station]:
    """Our places by a network's codes, as far as they are matched. One statement."""
    rows = SupplierStation.objects.filter(
        supplier_id=supplier_id, station__isnull=False, station__active=True
    )
    return {row.code: row.station for row in rows.select_related("station") if row.station is not None}


def lines_for(ends: dict[tuple[int, int], dict[int, int]]) -> dict[tuple[int, int], Line]:
    """Our lines by their two ends, made where they are missing, with the stops told (kilometres by place)."""
    if not ends:
        return {}
    codes = dict(
        Station.objects.filter(pk__in={pk for pair in ends for pk in pair}).values_list("pk", "code")
    )
    Line.objects.bulk_create(
        [
            Line(code=f"{codes[start]}-{codes[terminal]}", start_id=start, terminal_id=terminal)
            for start, terminal in sorted(ends)
        ],
        ignore_conflicts=True,
    )
    rows = Line.objects.filter(start_id__in={one for one, _end in ends}).select_related("start", "terminal")
    found = {(row.start_id, row.terminal_id): row for row in rows}
    LineStop.objects.bulk_create(
        [
            LineStop(line=found[pair], station_id=station, kilometres=kilometres)
            for pair in sorted(ends)
            for station, kilometres in sorted(ends[pair].items())
        ],
        update_conflicts=True, unique_fields=["line", "station"], update_fields=["kilometres"],
    )  # fmt: skip
    return found
