"""What coach networks tell beside selling (`kernel.ports.Supplier`): stations, where one gets to, shifts of a day.

The adapter of a network is both; it is registered twice under one name. Reading is for showing: what is sold is
asked for again by the lock. Every method raises `SupplierRefused` or `SupplierSilent` and speaks HTTP: outside
locks and transactions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

#: Kinds of tickets, as `Unit.fare` of the kernel's port and as keys of prices.
FULL, HALF, FREE = "full", "half", "free"

#: Whether a shift is sold now, as a network says it.
ON_SALE, STOPPED, CANCELLED, NOT_YET = "on_sale", "stopped", "cancelled", "not_yet"


@dataclass(frozen=True, slots=True)
class TheirStation:
    """A place of a network; `boards`: one may get on there. `stop_sale` in minutes; hours of its sale; most passengers
    of one order (0: not told)."""

    code: str
    name: str
    city: str = ""
    area: str = ""
    initials: str = ""
    address: str = ""
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    boards: bool = True
    presale_days: int = 0
    stop_sale: int = 0
    opens: time | None = None
    closes: time | None = None
    most: int = 0
    half: bool = True
    free: bool = True


@dataclass(frozen=True, slots=True)
class TheirStop:
    """Where one gets to from a station: the network's code and name of the place, and of the line."""

    line: str
    code: str
    name: str
    initials: str = ""
    kilometres: int = 0


@dataclass(frozen=True, slots=True)
class TheirShift:
    """A bus of a day between two places, as a network sells it. Amounts in yuan by kind of ticket.

    `prices`: face values; `services`: its service charge, which the customer pays on top; `costs`: what we owe it for a
    ticket, its part of the charge inside. A kind that is missing is not sold. `left`, `children_left`: None is unknown.
    `last`: when a ticket is past (a flow's last bus; else the departure). `product`: what a lock needs, plain JSON.
    """

    shift: str
    day: date
    flow: bool
    start: str
    goal: str
    start_name: str
    goal_name: str
    departs: datetime
    last: datetime
    arrives: datetime
    prices: Mapping[str, Decimal]
    services: Mapping[str, Decimal]
    costs: Mapping[str, Decimal]
    product: Mapping[str, Any]
    #: What of a face value is more than the fare, by kind of ticket and `PricePart`, where the network tells it.
    parts: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    terminal: str = ""
    line: str = ""
    extra: bool = False
    vehicle: str = ""
    seats: int = 0
    kilometres: int = 0
    left: int | None = None
    children_left: int | None = None
    gate: str = ""
    bay: str = ""
    state: str = ON_SALE
    #: Minutes before the departure when the network stops selling.
    stop_sale: int = 0
    #: Free seat numbers, where one shift was asked for and the network tells them.
    free_seats: Sequence[str] = field(default_factory=tuple)
    #: How many seats are in which state (`choices.SeatState`), where the network tells it.
    seat_counts: Mapping[str, int] = field(default_factory=dict)
    #: The state of every seat by its number, in the bus's order, where one shift was asked for.
    seat_states: Mapping[str, str] = field(default_factory=dict)


class CoachSource(Protocol):
    """The reading half of a network's adapter."""

    def stations(self) -> Sequence[TheirStation]: ...

    def stops(self, station: str) -> Sequence[TheirStop]: ...

    def shifts(self, station: str, goal: str, day: date) -> Sequence[TheirShift]:
        """All buses from a station (its code) on a day; `goal` a code or "" for everywhere."""
        ...

    def shift(self, product: Mapping[str, Any]) -> TheirShift:
        """One bus as it is now; `product` as `TheirShift.product` said."""
        ...


@runtime_checkable
class SeatKeeper(Protocol):
    """A network that keeps seats of a bus back when somebody of a station says so (工作票)."""

    def keep_seats(self, own: str, product: Mapping[str, Any], seats: Sequence[str], reason: str) -> None:
        """Nobody is sold these seats on the whole way; the same number again is the same. Refused: SOLD_OUT."""

    def let_go(self, own: str) -> None:
        """They are sold again; as often as it takes. What was never kept is let go."""


_sources: dict[str, CoachSource] = {}


def register_source(adapter: str, source: CoachSource) -> None:
    """Register the reading half under the name that `SupplierAccount.adapter` says."""
    _sources[adapter] = source


def reroutes_missed(adapter: str) -> bool:
    """Whether a network puts whoever missed a bus on a later one; without a word it does not."""
    return bool(getattr(_sources.get(adapter), "reroutes_missed", False))


def source_of(adapter: str) -> CoachSource:
    """The registered source. Raises LookupError."""
    return _sources[adapter]


def sources() -> tuple[str, ...]:
    """All names."""
    return tuple(sorted(_sources))
