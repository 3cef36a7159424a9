"""Codes of dispatch's refusals."""

from enum import StrEnum


class DispatchErrorCode(StrEnum):
    """Stable codes; the texts may change."""

    NOT_FOUND = "NOT_FOUND"
    TAKEN = "TAKEN"
    WRONG_STATE = "WRONG_STATE"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    REQUIRED = "REQUIRED"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    NO_SUCH_PERSON = "NO_SUCH_PERSON"
    NO_SUCH_UNIT = "NO_SUCH_UNIT"
    NOT_YOURS = "NOT_YOURS"
    TOO_MANY = "TOO_MANY"
    NOTHING_ABOVE = "NOTHING_ABOVE"
    RULE_INVALID = "RULE_INVALID"
