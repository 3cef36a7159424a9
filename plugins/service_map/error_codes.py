"""Codes of the map."""

from __future__ import annotations

from enum import StrEnum


class MapErrorCode(StrEnum):
    """Why the map said no."""

    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    POSITION_INVALID = "POSITION_INVALID"
    AREA_INVALID = "AREA_INVALID"
    NAME_TAKEN = "NAME_TAKEN"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    MIRRORED = "MIRRORED"
    NOT_SERVED = "NOT_SERVED"
    TOO_MANY = "TOO_MANY"
    PROVIDER_DOWN = "PROVIDER_DOWN"
    PROVIDER_LIMIT = "PROVIDER_LIMIT"
    NOT_CONFIGURED = "NOT_CONFIGURED"
