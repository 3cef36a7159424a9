"""What the kernel asks of suppliers, and the registry of adapters. They speak HTTP: no lock and no transaction is held.

An adapter answers, or raises one of two things: `SupplierRefused` where the supplier certainly did not do it, and
`SupplierSilent` where nobody knows. What is unknown is looked up by our own number (`find`), never sent again.
Everything here is plain data, so that a supplier's call-backs can hand over the same facts as its answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from saleor_o2o.kernel.errors import Text

from .choices import CallKind


class SupplierRefused(Exception):
    """It certainly was not done. `code` is one of `REFUSALS` or the supplier's own; `words` are for people."""

    def __init__(self, code: str, words: Text) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class SupplierSilent(Exception):
    """Nobody knows whether it was done: no answer, a broken one, a time-out. `words` hold nothing personal."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


SOLD_OUT, PRICE_CHANGED, NOT_ON_SALE = "SOLD_OUT", "PRICE_CHANGED", "NOT_ON_SALE"
PASSENGER_REFUSED, HOLD_LOST, OUT_OF_HOURS = "PASSENGER_REFUSED", "HOLD_LOST", "OUT_OF_HOURS"
CLOSED_FOR_CHANGE, CANCELLED, OTHER = "CLOSED_FOR_CHANGE", "CANCELLED", "OTHER"
#: What we have paid in beforehand does not cover it; the next one is asked.
NO_DEPOSIT = "NO_DEPOSIT"
#: It was not there to be asked: certainly not done, and a sign of its health.
UNREACHABLE = "UNREACHABLE"
#: Refusals that mean the same with every supplier.
REFUSALS = frozenset({
    SOLD_OUT, PRICE_CHANGED, NOT_ON_SALE, PASSENGER_REFUSED, HOLD_LOST, OUT_OF_HOURS, CLOSED_FOR_CHANGE, CANCELLED,
    OTHER, UNREACHABLE, NO_DEPOSIT,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Who goes, for the supplier alone; never printed."""

    name: str
    document: str
    number: str
    mobile: str = ""

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True, slots=True)
class Unit:
    """One ticket that is wanted: our number, class, what we expect to pay (yuan), seat wish, people it admits."""

    ticket: str
    fare: str
    price: Decimal
    person: Person | None = None
    seat: str = ""
    uses: int = 1
    #: Our number of the adult's ticket that this one (携童) goes with.
    carried_by: str = ""
    #: On which leg of the product it is, from 1; 0 where there is only one.
    leg: int = 0


@dataclass(frozen=True, slots=True)
class LockAsk:
    """Hold these for a while. `own` is the call's number, `product` what the supplier calls the trip."""

    own: str
    product: Mapping[str, Any]
    units: Sequence[Unit]
    minutes: int
    contact: Person | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """They are held until then: seats and prices (yuan) by our ticket number.

    `last`: what our own inventory leaves to be done as the last thing of the transaction, since everybody waits for
    those rows: counting. It raises SupplierRefused, and the transaction (or savepoint) rolls back.
    """

    their_number: str
    until: datetime
    seats: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    last: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class IssueAsk:
    """Make tickets of what is held. `amount`: what we owe, in yuan."""

    own: str
    their_number: str
    product: Mapping[str, Any]
    units: Sequence[Unit]
    amount: Decimal
    contact: Person | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """Tickets: the supplier's number by ours. `pick`: how to fetch them (number, password, address); shown to the buyer
    only. `working`: it will be done later; a call-back or a query tells."""

    working: bool = False
    their_number: str = ""
    tickets: Mapping[str, str] = field(default_factory=dict)
    seats: Mapping[str, str] = field(default_factory=dict)
    pick: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundAsk:
    """Take tickets back. `tickets`: the supplier's number by ours; `quantities` by ours where not all people go back;
    `carriers_fault`: no fee. `expect`: what we think that comes back (yuan). `legs`: on which leg, by ours, of a
    product that has several."""

    own: str
    their_number: str
    product: Mapping[str, Any]
    tickets: Mapping[str, str]
    quantities: Mapping[str, int]
    carriers_fault: bool
    expect: Decimal
    legs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refunded:
    """What came back by our ticket number, in yuan. `working`: decided later.

    `refused`: words by our number for tickets that certainly were not taken back. Of one in neither nothing is known.
    """

    working: bool = False
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    document: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class ChangeAsk:
    """Put tickets on another trip that is held already (`new_number`); units are the new tickets, `old` ours → theirs
    of the ones before, in the same order; `old_legs`: on which leg each of them is, where there are several. `amount`:
    what we owe more (yuan; negative: less). `missed`: the trip before has left without them (误班)."""

    own: str
    their_number: str
    old: Mapping[str, str]
    new_number: str
    product: Mapping[str, Any]
    units: Sequence[Unit]
    amount: Decimal
    missed: bool = False
    old_legs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a day's statement; yuan, given back negative. `leg`: of which leg (coupon) of the ticket, from 1; 0
    for a ticket of one, or for all of its legs together."""

    kind: CallKind
    their_number: str
    their_ticket: str
    amount: Decimal
    leg: int = 0


class Supplier(Protocol):
    """An adapter. Every method raises SupplierRefused or SupplierSilent; `find` answers None where the number is
    unknown to the supplier (it certainly was not done). `local`: our own inventory, asked inside the transaction."""

    local: bool

    def lock(self, ask: LockAsk) -> Locked: ...

    def release(self, own: str, their_number: str, lock_own: str) -> None: ...

    def issue(self, ask: IssueAsk) -> Issued: ...

    def refund(self, ask: RefundAsk) -> Refunded: ...

    def change(self, ask: ChangeAsk) -> Issued: ...

    def find(self, kind: CallKind, own: str) -> Locked | Issued | Refunded | None: ...

    def statement(self, day: date) -> Sequence[Line]: ...

    def ping(self) -> None: ...


@runtime_checkable
class Prepaid(Protocol):
    """What an adapter has besides where its supplier is paid from a deposit of ours. Both raise as a Supplier does."""

    def balance(self) -> Decimal:
        """What is left of the deposit, in yuan."""

    def check(self, ask: LockAsk) -> Decimal:
        """Whether such an order would be taken now (stock, price, people), and what is left of the deposit; nothing is
        held. SupplierRefused: it certainly would not."""


_adapters: dict[str, Supplier] = {}


def register_supplier(adapter: str, supplier: Supplier) -> None:
    """Register an adapter under the name that `SupplierAccount.adapter` says; apps call it when they are ready."""
    _adapters[adapter] = supplier


def own_adapters() -> frozenset[str]:
    """Names of those that sell our own inventory: nobody sends us a bill for it."""
    return frozenset(name for name, one in _adapters.items() if one.local)


def supplier_of(adapter: str) -> Supplier:
    """The registered adapter. Raises LookupError."""
    return _adapters[adapter]


def adapters() -> tuple[str, ...]:
    """All names, for the admin's choice."""
    return tuple(sorted(_adapters))
