"""Codes of the errors that the back office itself can give."""

from enum import StrEnum


class BackofficeErrorCode(StrEnum):
    """Stable codes; the texts may change."""

    EXPORT_TOO_LARGE = "EXPORT_TOO_LARGE"
