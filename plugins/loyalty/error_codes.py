"""Codes of loyalty."""

from __future__ import annotations

from enum import StrEnum


class LoyaltyErrorCode(StrEnum):
    """Why loyalty said no."""

    NOT_FOUND = "NOT_FOUND"
    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    POINTS_SHORT = "POINTS_SHORT"
    KEY_REUSED = "KEY_REUSED"
    MEMBER_NOT_ACTIVE = "MEMBER_NOT_ACTIVE"
    NOT_OFFERED = "NOT_OFFERED"
    CODE_WRONG = "CODE_WRONG"
    NO_MOBILE = "NO_MOBILE"
    BURN_OVER = "BURN_OVER"
    TOO_MUCH = "TOO_MUCH"
    BALANCE_SHORT = "BALANCE_SHORT"
    BALANCE_FROZEN = "BALANCE_FROZEN"
    SIGN_IN_REQUIRED = "SIGN_IN_REQUIRED"
    NOTHING_TO_REFUND = "NOTHING_TO_REFUND"
