"""What a trade (coach, admission) tells the kernel, and what the kernel asks of it: the seam between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from .choices import Trade
from .engine import Facts
from .models import Ticket, TicketOrder
from .passengers import Passenger


@dataclass(frozen=True, slots=True)
class Candidate:
    """A supplier that has this trip: its account's code, what it calls the trip, what it costs us by fare (yuan)."""

    supplier: str
    product: Mapping[str, Any]
    costs: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Want:
    """One ticket that is wanted. `price` is what the customer pays with `service` inside; yuan. `variant`: the Saleor
    variant that it is sold as. `refund_rule`/`change_rule`: keys for `rule_for` are the trade's; these are snapshots.
    `carried_by`: index in the wants of the adult's ticket that this one goes with."""

    fare: str
    fare_name: str
    variant: int
    face: Decimal
    price: Decimal
    full_fare: Decimal
    service: Decimal = Decimal(0)
    passenger: Passenger | None = None
    mobile: str = ""
    seat: str = ""
    uses: int = 1
    carried_by: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    refund_rule: Mapping[str, Any] | None = None
    change_rule: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A whole ticket order that is wanted: the trip and its tickets. `key`, `place`, `title` as on TicketOrder."""

    trade: Trade
    key: str
    title: str
    place: Mapping[str, Any]
    starts_at: datetime
    ends_at: datetime
    wants: Sequence[Want]
    candidates: Sequence[Candidate]
    contact: str = ""
    mobile: str = ""
    #: No passenger may be on two trips at a time.
    overlap: bool = True
    #: The latest moment until which it can be held (stop of the sale).
    latest: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class TradeRules(Protocol):
    """What the kernel asks of a trade."""

    def facts(
        self, ticket: Ticket, *, carriers_fault: bool, quantity: int, target: TicketOrder | None
    ) -> Facts:
        """What the fee engine has to know of a ticket now (its moment does not count)."""

    def issued(self, order: TicketOrder, tickets: Sequence[Ticket]) -> None:
        """The tickets count now: make vouchers, tell the buyer. In the transaction."""

    def gone(self, order: TicketOrder, tickets: Sequence[Ticket], quantities: Mapping[int, int]) -> None:
        """Tickets were given back, changed or voided (`quantities`: people by ticket). In the transaction."""

    def describe(self, order: TicketOrder) -> Sequence[tuple[str, str]]:
        """Label and words of the trip, for pages, papers and the API."""


_trades: dict[str, TradeRules] = {}


def register_trade(trade: Trade, rules: TradeRules) -> None:
    """Register a trade's rules; its app calls it when it is ready."""
    _trades[trade.value] = rules


def trade_of(trade: str) -> TradeRules:
    """The registered rules. Raises LookupError."""
    return _trades[trade]
