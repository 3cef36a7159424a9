"""Codes of member operations."""

from __future__ import annotations

from enum import StrEnum


class OperationsErrorCode(StrEnum):
    """Why member operations said no; stable, the texts may change."""

    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    NOBODY = "NOBODY"
    TOO_MANY = "TOO_MANY"
    NOT_NOW = "NOT_NOW"
    IN_USE = "IN_USE"
