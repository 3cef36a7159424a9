"""Codes of memberships."""

from __future__ import annotations

from enum import StrEnum


class MembershipErrorCode(StrEnum):
    """Why memberships said no; the texts may change."""

    NOT_FOUND = "NOT_FOUND"
    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    SIGN_IN_REQUIRED = "SIGN_IN_REQUIRED"
    NOT_ON_SALE = "NOT_ON_SALE"
    VEHICLE_TAKEN = "VEHICLE_TAKEN"
    VEHICLE_CHANGED = "VEHICLE_CHANGED"
    NOT_HIGHER = "NOT_HIGHER"
    QUOTE_OVER = "QUOTE_OVER"
    QUOTE_MISFIT = "QUOTE_MISFIT"
    NOT_RUNNING = "NOT_RUNNING"
    REFUND_TOO_LATE = "REFUND_TOO_LATE"
    BENEFIT_USED = "BENEFIT_USED"
    NOT_REFUNDABLE = "NOT_REFUNDABLE"
    MEMBER_NOT_ACTIVE = "MEMBER_NOT_ACTIVE"
