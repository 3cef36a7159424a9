"""Codes of what vouchers and gates refuse; a scan's answer is no refusal (`choices.Answer`)."""

from __future__ import annotations

from enum import StrEnum


class VoucherErrorCode(StrEnum):
    """Stable codes; the message is for people."""

    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    NOT_SENT = "NOT_SENT"
    TOO_OFTEN = "TOO_OFTEN"
    SEVERAL = "SEVERAL"
    SAME_PERSON = "SAME_PERSON"
    TOO_LATE = "TOO_LATE"
    ALREADY = "ALREADY"
    NUMBER_REUSED = "NUMBER_REUSED"
    VOID = "VOID"
    IN_USE = "IN_USE"
    STATE = "STATE"
    ON_PAPER = "ON_PAPER"
    WINDOW_OVER = "WINDOW_OVER"
    KEY_NEEDED = "KEY_NEEDED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    CLOCK = "CLOCK"
    MALFORMED = "MALFORMED"
