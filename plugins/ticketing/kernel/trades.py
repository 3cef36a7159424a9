"""What a trade (coach, admission) tells the kernel, and what the kernel asks of it: the seam between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _

from .choices import Trade
from .engine import Facts
from .errors import TicketError, TicketErrorCode
from .legs import Leg
from .models import Ticket, TicketOrder
from .passengers import Passenger


@dataclass(frozen=True, slots=True)
class Terms:
    """For what a ticket of a fare is sold where another supplier than the first one has it: yuan, and its rules."""

    face: Decimal
    service: Decimal
    full_fare: Decimal
    refund_rule: Mapping[str, Any] | None = None
    change_rule: Mapping[str, Any] | None = None
    parts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A supplier that has this trip: its account's code, what it calls the trip, what it costs us by fare (yuan).

    `terms` by fare: what its customers pay, where that is not what is wanted of the first one; they count until the
    payment, and never afterwards. Where legs cost differently both are by `leg_fare` (`2:Y`). `paid_only`: dearer than
    the buyer agreed to, so asked only for a paid order that lost its hold.
    """

    supplier: str
    product: Mapping[str, Any]
    costs: Mapping[str, Decimal]
    terms: Mapping[str, Terms] = field(default_factory=dict)
    paid_only: bool = False


@dataclass(frozen=True, slots=True)
class Want:
    """One ticket that is wanted. `price` is what the customer pays with `service` inside; yuan. `variant`: the Saleor
    variant that it is sold as. `refund_rule`/`change_rule`: keys for `rule_for` are the trade's; these are snapshots.
    `carried_by`: index in the wants of the adult's ticket that this one goes with. `leg`: index in the wish's legs;
    somebody who goes on two has a want for each. `parts`: what of the face value is more than
    the fare (`PricePart`: yuan)."""

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
    leg: int = 0
    parts: Mapping[str, Decimal] = field(default_factory=dict)


def leg_fare(fare: str, position: int) -> str:
    """How a candidate's costs and terms name a fare of one leg (position from 1); the plain fare is for all legs."""
    return f"{position}:{fare}"


@dataclass(frozen=True, slots=True)
class Wish:
    """A whole ticket order that is wanted: the trip and its tickets. `key`, `place`, `title` as on TicketOrder.

    `legs`: where it is more than one trip (there and back, a connection), all of them in their order, the first one
    beginning at `starts_at`, the last one ending at `ends_at`. A single trip has none.
    """

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
    legs: Sequence[Leg] = ()


class TradeRules(Protocol):
    """What the kernel asks of a trade."""

    def facts(self, ticket: Ticket, *, carriers_fault: bool, quantity: int, changing: bool = False) -> Facts:
        """What the fee engine has to know of a ticket now (its moment does not count), to give it back or change it.

        The kernel adds what it knows itself: what was really paid, what a changed ticket was before, where to it goes.
        """

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


#: By scope of a fee rule (`models.SCOPE`) whether anything of a trade has a code; a scope that its tickets have not at
#: all is left out.
Codes = Mapping[str, Callable[[str], bool]]
_codes: dict[str, Codes] = {}


def register_codes(trade: Trade, codes: Codes) -> None:
    """Say which codes of a trade are somebody's; its app calls it."""
    _codes[trade.value] = codes


def strange_codes(trade: str, codes: Mapping[str, str]) -> list[str]:
    """The scopes of a fee rule whose code nothing has: it would never be asked. None of a trade that does not tell."""
    known = _codes.get(trade)
    if known is None:
        return []
    return [scope for scope, code in codes.items() if code and not (scope in known and known[scope](code))]


#: What a trade sells under the keys that orders name it by (`TicketOrder.key`), without keys of nothing; as many
#: statements for many keys as for one.
NamesOf = Callable[[Collection[str]], Mapping[str, str]]
_names: dict[str, NamesOf] = {}


def register_names(trade: Trade, names_of: NamesOf) -> None:
    """Say what the keys of a trade's orders mean; its app calls it."""
    _names[trade.value] = names_of


def sold_as(trade: str, key: str) -> str | None:
    """What a trade sells under a key; "" where it is nothing, None where the trade does not tell."""
    names_of = _names.get(trade)
    return names_of({key}).get(key, "") if names_of is not None else None


def names_sold(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What trades sell under keys, by trade and key, for all rows of a page at once; without those that are unknown."""
    asked: dict[str, set[str]] = defaultdict(set)
    for trade, key in keys:
        asked[trade].add(key)
    return {
        (trade, key): name
        for trade, found in asked.items()
        if trade in _names
        for key, name in _names[trade](found).items()
    }


@dataclass(frozen=True, slots=True)
class ReplyTerms:
    """Whose people answer before tickets that their buyer asks to give back go on, within how many hours, and what
    it means that they do not (a `Silence`)."""

    unit: int
    hours: int
    silence: str


#: Whether refunds of an order wait for a merchant's word; None: they do not.
ReplyNeeded = Callable[[TicketOrder], ReplyTerms | None]
_replies: dict[str, ReplyNeeded] = {}


def register_reply(trade: Trade, needed: ReplyNeeded) -> None:
    """Say which refunds of a trade a merchant is asked about; its app calls it."""
    _replies[trade.value] = needed


def reply_needed(order: TicketOrder) -> ReplyTerms | None:
    """Who has to be asked about refunds of an order before they go on."""
    needed = _replies.get(order.trade)
    return needed(order) if needed is not None else None


#: Sends a buyer what his tickets are used with once more, by text; a DomainError where there is nothing to send.
TextAgain = Callable[[TicketOrder], None]
_texts: dict[str, TextAgain] = {}


def register_text_again(trade: Trade, send: TextAgain) -> None:
    """Say how what a trade's tickets are used with is told once more; its app calls it."""
    _texts[trade.value] = send


def text_again(order: TicketOrder) -> TextAgain | None:
    """How what the tickets of an order are used with is told once more; None where its trade tells nothing."""
    return _texts.get(order.trade)


#: By what rule somebody who missed a trip goes with another one (`Rule.to_json()`); a DomainError where by none.
MissedRule = Callable[[Ticket, TicketOrder], Mapping[str, Any]]
_missed: dict[str, MissedRule] = {}


def register_missed(trade: Trade, rule: MissedRule) -> None:
    """Say by what rule passengers of a trade who missed their trip are put on another; its app calls it."""
    _missed[trade.value] = rule


def missed_rule(ticket: Ticket, target: TicketOrder) -> dict[str, Any]:
    """The rule for a ticket whose trip was missed. Raises TicketError NOT_POSSIBLE, and what the trade refuses with."""
    rule = _missed.get(ticket.ticket_order.trade)
    if rule is None:
        raise TicketError(TicketErrorCode.NOT_POSSIBLE, _("这种票不办理误班改乘"), "tickets")
    return dict(rule(ticket, target))


#: What a trade counts again before a paid order that lost its hold, or was closed, is held again. In the transaction,
#: the order and its tickets are locked; a DomainError where it must not be, and its money goes back.
HeldAgain = Callable[[TicketOrder, Sequence[Ticket]], None]
_held_again: dict[str, HeldAgain] = {}


def register_held_again(trade: Trade, check: HeldAgain) -> None:
    """Have a trade's own limits looked at when a paid order is held again; its app calls it."""
    _held_again[trade.value] = check


def check_held_again(order: TicketOrder, tickets: Sequence[Ticket]) -> None:
    """Ask the trade whether a paid order may be held again. Raises what the trade refuses with."""
    check = _held_again.get(order.trade)
    if check is not None:
        check(order, tickets)
