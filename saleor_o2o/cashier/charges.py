"""What a counter page sees of a charge by payment code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChargeState(StrEnum):
    """Where a charge stands: paid; waiting for the customer (or for an answer); over without money."""

    PAID = "PAID"
    WAITING = "WAITING"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Charge:
    """A charge by payment code. ``ends_at``: when it is taken back by itself."""

    state: ChargeState
    number: str
    ends_at: datetime
