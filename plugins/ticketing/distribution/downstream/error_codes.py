"""Codes of the refusals of resale; resellers read them in the answers of the interface."""

from __future__ import annotations

from enum import StrEnum


class ResaleErrorCode(StrEnum):
    """Stable codes; the message is for people."""

    MALFORMED = "MALFORMED"
    NOT_FOUND = "NOT_FOUND"
    NOT_ACTIVE = "NOT_ACTIVE"
    NOT_OFFERED = "NOT_OFFERED"
    PRICE_CHANGED = "PRICE_CHANGED"
    NUMBER_REUSED = "NUMBER_REUSED"
    BALANCE_SHORT = "BALANCE_SHORT"
    BELOW_COST = "BELOW_COST"
    INVALID = "INVALID"
    SAME_PERSON = "SAME_PERSON"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    QUOTE_CHANGED = "QUOTE_CHANGED"
