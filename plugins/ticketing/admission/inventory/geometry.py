"""Where the seats of a published map are, kept in memory: such a map never changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..choices import MapState
from ..models import Seat, SeatMap

#: A row of seats: zone and line.
Line = tuple[str, int]
#: Places of one row, from the left.
Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A seat of a map."""

    seat: int
    zone: str
    line: int
    place: int
    label: str
    category: str


@dataclass(frozen=True, slots=True)
class Geometry:
    """All seats by key, place and name, and the middle of every row as a place (halves where the row is even)."""

    spots: dict[int, Spot]
    at: dict[tuple[str, int, int], Spot]
    named: dict[str, Spot]
    middles: dict[Line, float]


def geometry_of(seat_map: int) -> Geometry:
    """The geometry of a map; read once per process once it is published."""
    found = _kept(seat_map)
    if found is None:
        _kept.cache_clear()
        return _read(seat_map)
    return found


@lru_cache(maxsize=64)
def _kept(seat_map: int) -> Geometry | None:
    drawn = SeatMap.objects.filter(pk=seat_map).values_list("state", flat=True).first()
    return None if drawn in {None, MapState.DRAFT} else _read(seat_map)


def forget() -> None:
    """Drop what is kept; for tests, whose keys come again."""
    _kept.cache_clear()


def _read(seat_map: int) -> Geometry:
    rows = Seat.objects.filter(seat_map=seat_map).order_by("pk")
    spots = [
        Spot(pk, zone, line, place, f"{zone}{row}排{number}座", category)
        for pk, zone, line, place, row, number, category in rows.values_list(
            "pk", "zone", "line", "place", "row", "number", "category"
        )
    ]
    ends: dict[Line, list[int]] = {}
    for spot in spots:
        ends.setdefault((spot.zone, spot.line), []).append(spot.place)
    return Geometry(
        {spot.seat: spot for spot in spots},
        {(spot.zone, spot.line, spot.place): spot for spot in spots},
        {spot.label: spot for spot in spots},
        {line: (min(places) + max(places)) / 2 for line, places in ends.items()},
    )
