"""The counter's refusals, in the clerk's words."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import CounterErrorCode

__all__ = ["CounterError", "CounterErrorCode"]


class CounterError(DomainError):
    """A rule of the counter said no; nothing was changed. `details` is plain JSON for the page (new prices, stock)."""

    def __init__(
        self,
        code: CounterErrorCode,
        message: Text,
        field: str | None = None,
        hint: Text | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, field, hint)
        self.details = details or {}
