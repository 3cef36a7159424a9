"""Codes of distribution's refusals."""

from __future__ import annotations

from enum import StrEnum


class DistributionErrorCode(StrEnum):
    """Stable codes; the message is for people."""

    UPSTREAM = "UPSTREAM"
