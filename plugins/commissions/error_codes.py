"""Codes of the commission plans' refusals."""

from enum import StrEnum


class CommissionErrorCode(StrEnum):
    """Stable codes; the message is for people."""

    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    SAME_PERSON = "SAME_PERSON"
    CODE_TAKEN = "CODE_TAKEN"
    INVALID_RULE = "INVALID_RULE"
    LOWER_ABOVE_UPPER = "LOWER_ABOVE_UPPER"
    ABOVE_PARENT = "ABOVE_PARENT"
    OVERLAP = "OVERLAP"
    AMBIGUOUS = "AMBIGUOUS"
    PLAN_IN_USE = "PLAN_IN_USE"
    TOO_LATE = "TOO_LATE"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_FILE = "INVALID_FILE"
    NOTHING_TO_EXPLAIN = "NOTHING_TO_EXPLAIN"
