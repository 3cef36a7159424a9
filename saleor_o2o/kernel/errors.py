"""Errors that people see: a Chinese message and a stable code."""

from __future__ import annotations

from enum import Enum, StrEnum

from django.utils.functional import Promise

Text = str | Promise


class KernelErrorCode(StrEnum):
    """Codes of the kernel itself. Each plugin has an Enum of its own in `error_codes.py`."""

    INVALID_AMOUNT = "INVALID_AMOUNT"
    INVALID_NUMBER = "INVALID_NUMBER"
    ILLEGAL_MOVE = "ILLEGAL_MOVE"
    LOCK_TIMEOUT = "LOCK_TIMEOUT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    NOT_FOUND = "NOT_FOUND"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_REPLAYABLE = "NOT_REPLAYABLE"


class DomainError(Exception):
    """A business rule said no. The GraphQL layer maps it; it is never a 500.

    `code` is a member of the domain's Enum, `message` is for people, `field` names the input at fault
    and `hint` says what to do next. Neither text may hold personal data.
    """

    def __init__(self, code: Enum, message: Text, field: str | None = None, hint: Text | None = None) -> None:
        super().__init__(code, message, field, hint)
        self.code = code
        self._message = message
        self.field = field
        self._hint = hint

    @property
    def message(self) -> str:
        """The message in the language active now."""
        return str(self._message)

    @property
    def hint(self) -> str | None:
        return None if self._hint is None else str(self._hint)

    @property
    def in_words(self) -> str:
        """What happened and, where it is known, what to do next: one text for a page."""
        return f"{self.message}。{self.hint}" if self.hint else self.message

    def as_dict(self) -> dict[str, str | None]:
        """Plain JSON: code, message, field, hint."""
        return {
            "code": str(self.code.value),
            "message": self.message,
            "field": self.field,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        return self.message


def error_code(error: BaseException) -> str:
    """Return a short code for logs and rows: never the text of the error, it may hold personal data."""
    if isinstance(error, DomainError):
        return str(error.code.value)
    return type(error).__name__
