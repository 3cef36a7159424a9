"""What both adapters do alike: looking up what became of a call, giving a hold back, words that need no network.

A network's own words, signature and amounts stay in its file; this says in which order questions are asked and what an
answer means to us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.ports import (
    HOLD_LOST,
    PASSENGER_REFUSED,
    Issued,
    Locked,
    Person,
    Refunded,
    SupplierRefused,
    Unit,
)

from ..ports import CANCELLED, FREE, NOT_YET, ON_SALE, STOPPED
from .speaking import looking

#: Whether a bus is sold, as both networks say it; another word: stopped.
SALE_STATES = {
    "ON_SALE": ON_SALE, "STOPPED_SALE": STOPPED, "SHIFT_CANCELLED": CANCELLED, "NOT_IN_PRESALE": NOT_YET,
}  # fmt: skip
#: A question, how it calls our number, and how its answer is read.
Look = tuple[str, str, Callable[[Mapping[str, Any]], Locked | Issued | Refunded]]


class Network:
    """The part of an adapter that is not the network's own."""

    local = False
    #: How to look up what became of a call; a kind that is missing has no number there and may be repeated.
    looks: Mapping[CallKind, Look]

    def find(self, kind: CallKind, own: str) -> Locked | Issued | Refunded | None:
        """What became of a call of ours; None where the network does not know it. Raises as the port says."""
        if kind not in self.looks:
            return None
        where, field, read = self.looks[kind]
        with looking():
            data = self.look(where, {field: own})
        return None if data is None else read(data)

    def look(self, where: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a question what became of something; None: not known there. Within `looking`."""
        raise NotImplementedError


def parts_told(
    prices: Mapping[str, Decimal], told: Mapping[str, Mapping[str, Decimal]]
) -> dict[str, dict[str, Decimal]]:
    """Parts of face values by kind of ticket, as far as they can be true: what would be more than the price is not told
    at all, since the price itself was."""
    return {
        kind: dict(parts)
        for kind, parts in told.items()
        if kind in prices and parts and min(parts.values()) >= 0 and sum(parts.values()) <= prices[kind]
    }


def given_back(ask: Callable[[], object]) -> None:
    """Give a hold back; what is gone already, or never was, is given back."""
    try:
        ask()
    except SupplierRefused as refusal:
        if refusal.code != HOLD_LOST:
            raise


def person_of(unit: Unit, kinds: Mapping[str, str], documents: Mapping[str, str]) -> Person:
    """Who has a ticket, if the network takes the kind and the document. Raises SupplierRefused PASSENGER_REFUSED."""
    person = unit.person or Person("", "", "")
    if unit.fare not in kinds or (unit.fare != FREE and person.document not in documents):
        raise SupplierRefused(PASSENGER_REFUSED, _("客票网不收这种票类或证件"))
    return person
