"""Places by what people type, and where one gets to from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from django.db.models import Count, Q

from plugins.org_hierarchy.interfaces import OrgUnit, distance_m
from saleor_o2o.kernel.clock import today

from ..models import Line, LineStop, Season, Station
from ..names import best, fits

#: Answered at most.
MOST = 20
#: Metres within which people go to the station with the most buses.
AROUND = 30_000


def _chosen(rows: list[Station], typed: str) -> list[Station]:
    """By a code, the one; else whatever fits, the best first; nothing typed: all."""
    if not typed.strip():
        return rows
    coded = [one for one in rows if one.code == typed.strip().upper()]
    return coded or [one for one in best(rows, typed) if isinstance(one, Station)][:MOST]


def starts(typed: str = "") -> list[Station]:
    """Where one may get on, by what was typed; nothing typed: every one, the city with the most stations first.
    One statement."""
    rows = list(Station.objects.filter(active=True, boards=True).order_by("city", "pinyin"))
    many = Counter(one.city for one in rows)
    return _chosen(sorted(rows, key=lambda one: -many[one.city]), typed)


def home(unit: OrgUnit | None, stations: Sequence[Station]) -> Station | None:
    """Where those who come to a unit mostly begin: a station whose nearest branch it is, else one of the same branch's.

    Else the one with the most lines of those around (`AROUND`), else the nearest one with any; where the unit has no
    place, the one with the most lines of all. One statement at most.
    """
    own = beside(unit, stations)
    if own is not None:
        return own
    keys = [one.pk for one in stations]
    lines = dict(Line.objects.filter(start__in=keys).values_list("start").annotate(Count("pk")).order_by())
    served = [one for one in stations if one.pk in lines]
    if not served:
        return stations[0] if stations else None
    if unit is not None and unit.lng is not None and unit.lat is not None:
        away = {
            one.pk: distance_m(unit.lng, unit.lat, one.lng, one.lat)
            for one in served
            if one.lng is not None and one.lat is not None
        }
        around = [one for one in served if away.get(one.pk, AROUND) < AROUND]
        if away and not around:
            return min((one for one in served if one.pk in away), key=lambda one: (away[one.pk], one.pk))
        served = around or served
    return max(served, key=lambda one: (lines[one.pk], -one.pk))


def beside(unit: OrgUnit | None, stations: Sequence[Station]) -> Station | None:
    """The station whose nearest branch a unit is, else one of the same branch's; None where there is none."""
    above = [int(part) for part in unit.path.strip("/").split("/") if part] if unit is not None else []
    for units in (above[-1:], above):
        for one in stations:
            if one.unit_id in units:
                return one
    return None


def goals(start: Collection[Station], typed: str = "") -> list[Station]:
    """Where one gets to from these, by what was typed. One statement."""
    keys = [one.pk for one in start]
    reached = LineStop.objects.filter(line__start__in=keys).values("station")
    rows = list(Station.objects.filter(active=True, pk__in=reached).order_by("pinyin"))
    return _chosen(rows, typed)


def those_named(typed: str, *, boards: bool = False) -> list[Station]:
    """The places that a text means: a code, a whole name, else a town or whatever begins so. One statement."""
    rows = Station.objects.filter(active=True)
    if boards:
        rows = rows.filter(boards=True)
    found = list(rows.order_by("pinyin"))
    by_code = [one for one in found if one.code == typed.strip().upper()]
    if by_code:
        return by_code
    levels = [(fits(one, typed), one) for one in found]
    whole = [one for level, one in levels if level == 3]
    return whole or [one for level, one in levels if level]


def seasons() -> list[Season]:
    """Those that are not over. One statement."""
    return list(Season.objects.filter(last__gte=today()))


def serving(start: Collection[Station], goal: Collection[Station]) -> list[Station]:
    """Of the first ones, those from which a line goes to one of the others: only they are asked for. One statement."""
    pairs = LineStop.objects.filter(
        Q(line__start__in=[one.pk for one in start]), station__in=[one.pk for one in goal]
    )
    keys = set(pairs.values_list("line__start", flat=True))
    return [one for one in start if one.pk in keys]
