"""A day's buses of a station with their seats by state, as the networks said last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ..choices import SeatState
from ..models import ShiftDay, ShiftOffer, Station


@dataclass(frozen=True, slots=True)
class Row:
    """A bus: seats by `SeatState` on its whole way; None where its network tells only what is left, or nothing."""

    day: ShiftDay
    network: str
    counts: Mapping[str, int] | None
    left: int | None
    seen_at: datetime | None


def board(day: date, station: Station) -> list[Row]:
    """Buses of a day by departure, each once, by the network that tells its seats. Two statements."""
    days = list(
        ShiftDay.objects.filter(day=day, shift__line__start=station)
        .select_related("shift__line__terminal")
        .order_by("departs", "pk")
    )
    offers = ShiftOffer.objects.filter(shift_day__in=[one.pk for one in days]).select_related("supplier")
    best: dict[int, ShiftOffer] = {}
    for offer in offers.order_by("-supplier__priority", "kilometres"):
        there = best.get(offer.shift_day_id)
        # the farthest stop is the whole way; among networks the one that tells seats, else the one asked first
        if there is None or _rank(offer) >= _rank(there):
            best[offer.shift_day_id] = offer
    return [_row(one, best.get(one.pk)) for one in days]


def _rank(offer: ShiftOffer) -> tuple[bool, int]:
    return bool(offer.seat_counts), offer.kilometres


def _row(day: ShiftDay, offer: ShiftOffer | None) -> Row:
    if offer is None:
        return Row(day, "", None, None, None)
    counts = {state: int(offer.seat_counts.get(state, 0)) for state in SeatState.values}
    return Row(
        day, offer.supplier.name, counts if offer.seat_counts else None, offer.left, offer.seen_at
    )  # fmt: skip
