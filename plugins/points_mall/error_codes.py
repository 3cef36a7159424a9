"""Codes of the mall of points."""

from __future__ import annotations

from enum import StrEnum


class MallErrorCode(StrEnum):
    """Why goods are not exchanged."""

    SIGN_IN_REQUIRED = "SIGN_IN_REQUIRED"
    MEMBER_NOT_ACTIVE = "MEMBER_NOT_ACTIVE"
    NOT_OFFERED = "NOT_OFFERED"
    NOT_OPEN = "NOT_OPEN"
    OVER = "OVER"
    SOLD_OUT = "SOLD_OUT"
    LIMIT_REACHED = "LIMIT_REACHED"
    LEVEL_TOO_LOW = "LEVEL_TOO_LOW"
    NOT_FOR_YOU = "NOT_FOR_YOU"
    NOT_COMBINABLE = "NOT_COMBINABLE"
    POINTS_SHORT = "POINTS_SHORT"
    KEY_REQUIRED = "KEY_REQUIRED"
