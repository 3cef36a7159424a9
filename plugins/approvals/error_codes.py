"""Codes of approvals."""

from __future__ import annotations

from enum import StrEnum


class ApprovalErrorCode(StrEnum):
    """Why a matter cannot be submitted or decided."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    ALREADY_OPEN = "ALREADY_OPEN"
    NOT_OPEN = "NOT_OPEN"
    NO_ROUTE = "NO_ROUTE"
    NOT_RESPONSIBLE = "NOT_RESPONSIBLE"
    NOT_YOURS = "NOT_YOURS"
    SAME_PERSON = "SAME_PERSON"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    UNKNOWN_MATTER = "UNKNOWN_MATTER"
    UNIT_CLOSED = "UNIT_CLOSED"
    DATE_IN_PAST = "DATE_IN_PAST"
    IN_USE = "IN_USE"
    CITY_ONLY = "CITY_ONLY"
