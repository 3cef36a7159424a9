"""Codes of the errors that coupons can give."""

from enum import StrEnum


class CouponErrorCode(StrEnum):
    """Stable codes; the texts may change."""

    LOGIN_NEEDED = "LOGIN_NEEDED"
    NOT_FOUND = "NOT_FOUND"
    NOT_YOURS = "NOT_YOURS"
    IN_USE = "IN_USE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    NOT_YET = "NOT_YET"
    VOID = "VOID"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_ENOUGH = "NOT_ENOUGH"
    NOT_STACKABLE = "NOT_STACKABLE"
    NO_FREIGHT = "NO_FREIGHT"
    GONE = "GONE"
    LIMIT_REACHED = "LIMIT_REACHED"
    NOT_GIVEN_NOW = "NOT_GIVEN_NOW"
    TERMS_INVALID = "TERMS_INVALID"
    REASON_REQUIRED = "REASON_REQUIRED"
    QUANTITY_INVALID = "QUANTITY_INVALID"
