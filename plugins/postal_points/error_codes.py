"""Codes of postal points."""

from __future__ import annotations

from enum import StrEnum


class PostalErrorCode(StrEnum):
    """Why a business was not taken in."""

    MALFORMED = "MALFORMED"
    INVALID = "INVALID"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"
    KEY_REUSED = "KEY_REUSED"
    FILE_INVALID = "FILE_INVALID"
