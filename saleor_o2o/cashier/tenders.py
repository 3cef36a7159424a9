"""The seam of internal tenders: a card, cash, points … that cover a part of an intent under our own locks.

A plugin names its tenders in its declaration (``tenders``: dotted paths to instances). Every method but `identify` is
called inside the transaction that moves the intent, with intent, part, order and Saleor payment locked; what it raises
(a DomainError with words for the payer) undoes the whole step. None may call anything remote. A step may be repeated
only under another part or refund number, so whatever is written should carry that number as a unique key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from saleor_o2o.kernel.errors import Text

from .error_codes import CashierErrorCode

if TYPE_CHECKING:
    from saleor.order.models import Order

    from .models import PaymentIntent, PaymentPart


class Audience(StrEnum):
    """Who chooses how to pay: the shopper on a page, somebody of the staff for a customer, a partner's program."""

    SHOPPER = "shopper"
    STAFF = "staff"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays or helps paying. `user` is the shopper (None: a guest) or the member of the staff."""

    user: Any = None
    audience: Audience = Audience.SHOPPER
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A part as somebody chose it. `code` is what he typed (a card's number, a slip's); `amount` in yuan, None: all."""

    kind: str
    code: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a wish names. `ref` is the key of the tender's row (kept), `label` what to call it, masked."""

    ref: str
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A hold that is asked for. `number` will be the part's; `most` is what is left of the intent, in yuan."""

    intent: PaymentIntent
    order: Order
    number: str
    ref: str
    code: str
    amount: Decimal | None
    most: Decimal
    payer: Payer


@dataclass(frozen=True, slots=True)
class Held:
    """What was held, in yuan. Not `ready`: promised, and not money before people say so.

    `patience`: how long the order may wait for it at least, from now.
    """

    amount: Decimal
    ready: bool = True
    patience: timedelta | None = None


class Tender:
    """One kind of internal money. A subclass says at least `kind`, `title`, `identify`, `hold` and the ways back."""

    kind: str = ""
    title: Text = ""
    audience: frozenset[Audience] = frozenset(Audience)
    #: What the payer's page asks for, in words; empty: nothing to type.
    prompt: Text = ""

    def prompt_for(self, payer: Payer) -> Text | None:
        """What this payer's page asks for; empty: nothing to type. None: it is nothing for this payer."""
        return self.prompt

    def identify(self, wish: Wish, payer: Payer) -> Found:
        """Say what a wish names, without a lock. Raises DomainError for what cannot be used."""
        raise NotImplementedError

    def lock(self, refs: list[str]) -> None:
        """Lock the tender's own rows that this step touches, in their one order; called before anything below."""

    def hold(self, asked: Asked) -> Held:
        """Say how much can be held, its rows locked. Raises DomainError when it is not there."""
        raise NotImplementedError

    def held(self, part: PaymentPart) -> None:
        """The part is written: take its money out of its owner's reach, in rows that point to it."""

    def capture(self, part: PaymentPart) -> None:
        """The order is paid with it."""

    def release(self, part: PaymentPart) -> bool:
        """Give a held part back. False: people must do it by hand, outside; a row waits for them."""
        raise NotImplementedError

    def refund(self, part: PaymentPart, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        """Give `amount` yuan of a captured part back under `number`. False: by hand, as `release`.

        `at_counter`: the customer stands in front of the clerk who asked for it.
        """
        raise NotImplementedError

    def handed_back(self, part: PaymentPart, amount: Decimal, number: str, reference: str, user: Any) -> None:
        """Somebody of the staff gave by hand what `release` or `refund` left to people."""


_extra: dict[str, Tender] = {}


@cache
def _declared() -> dict[str, Tender]:
    from saleor_o2o.composition import active

    found: dict[str, Tender] = {}
    for plugin in active():
        for path in plugin.tenders:
            tender: Tender = import_string(path)
            if tender.kind in found:
                raise RuntimeError(f"tender {tender.kind!r} is declared twice")
            found[tender.kind] = tender
    return found


def tenders() -> dict[str, Tender]:
    """All tenders of the plugins that are on, by kind."""
    return {**_declared(), **_extra}


def tender_of(kind: str) -> Tender:
    """The tender behind a kind. Raises CashierError METHOD_NOT_OFFERED where its plugin is off."""
    found = _declared().get(kind) or _extra.get(kind)
    if found is None:
        from .errors import CashierError

        raise CashierError(CashierErrorCode.METHOD_NOT_OFFERED, field="kind")
    return found


def use_tender(tender: Tender) -> None:
    """Add a tender that no declaration names (tests)."""
    _extra[tender.kind] = tender


def forget_tender(kind: str) -> None:
    """Take it away again (tests)."""
    _extra.pop(kind, None)


def in_order(parts: list[PaymentPart]) -> list[PaymentPart]:
    """Parts in the one order in which tenders are asked: by kind, then by key as a number would sort."""
    return sorted(parts, key=lambda part: (part.kind, len(part.ref), part.ref, part.pk))


def lock_tenders(pairs: set[tuple[str, str]]) -> None:
    """Lock what a step touches (kind and ref), kind by kind in alphabetical order."""
    by_kind: dict[str, list[str]] = {}
    for kind, ref in sorted(pairs, key=lambda pair: (pair[0], len(pair[1]), pair[1])):
        by_kind.setdefault(kind, []).append(ref)
    for kind, refs in by_kind.items():
        tender_of(kind).lock(refs)
