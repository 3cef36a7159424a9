"""What is asked of the inventory, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Wish:
    """So many of a ticket class, for a session, a slot, a day, or whenever.

    `seat_map` of a session with seats, else None; `category`: of the seats. `seats`: those that somebody chose (keys of
    the map's seats); none: the best ones that are free.
    """

    product: int
    ticket_class: int
    quantity: int
    channel: str
    session: int | None = None
    slot: int | None = None
    day: date | None = None
    seat_map: int | None = None
    category: str = ""
    seats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """A seat of the map, and what people call it."""

    seat: int
    label: str


@dataclass(frozen=True, slots=True)
class TakenLine:
    """What a wish got, in the order of the wishes."""

    ticket_class: int
    quantity: int
    seats: tuple[SeatTaken, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a hold got. `together`: everybody of a category sits side by side."""

    hold: str
    lines: tuple[TakenLine, ...]
    together: bool = True
