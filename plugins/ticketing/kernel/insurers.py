"""What is asked of insurers. They issue on their own time: asking is one thing, the policy's number another.

Our number (`Insurance.number`) is written before anything is asked, and the same number twice is one insurance.
Adapters raise the suppliers' two exceptions: `SupplierRefused` (certainly not), `SupplierSilent` (nobody knows).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from .ports import Person


@dataclass(frozen=True, slots=True)
class InsureAsk:
    """Insure somebody for a trip. `premium`: what we owe the insurer, in yuan."""

    own: str
    product: str
    person: Person | None
    trip: str
    starts_at: datetime
    ends_at: datetime
    premium: Decimal


@dataclass(frozen=True, slots=True)
class Policy:
    """Where an insurance stands at the insurer: `working`, `in_force` (with its number), `refused`, `cancelled`.

    `trip`, `starts_at`: for which trip; empty where the insurer does not say.
    """

    state: str
    number: str = ""
    words: str = ""
    trip: str = ""
    starts_at: datetime | None = None

    def is_for(self, ask: InsureAsk) -> bool:
        """Whether it says that it is for this trip."""
        return (self.trip, self.starts_at) == (ask.trip, ask.starts_at)


class Insurer(Protocol):
    """An adapter. Every method raises SupplierRefused or SupplierSilent."""

    def issue(self, ask: InsureAsk) -> Policy:
        """Take an insurance in."""
        ...

    def find(self, own: str) -> Policy | None:
        """Where it stands; None where the insurer does not know the number."""
        ...

    def endorse(self, ask: InsureAsk) -> Policy:
        """Put one that is in force on another trip (批改), for the same premium; for the same trip again: no change.

        Refused after the trip began, and by insurers that do not do so at all.
        """
        ...

    def cancel(self, own: str) -> Policy:
        """End it, with the premium back. Refused after the trip began."""
        ...


_insurers: dict[str, Insurer] = {}


def register_insurer(adapter: str, insurer: Insurer) -> None:
    """Register an adapter under the name that `SupplierAccount.adapter` says."""
    _insurers[adapter] = insurer


def insurers() -> tuple[str, ...]:
    """All names."""
    return tuple(sorted(_insurers))


def insurer_of(adapter: str) -> Insurer:
    """The registered adapter. Raises LookupError."""
    return _insurers[adapter]
