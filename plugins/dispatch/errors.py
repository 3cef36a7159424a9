"""Dispatch's refusals."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import DispatchErrorCode

__all__ = ["DispatchError", "DispatchErrorCode"]


class DispatchError(DomainError):
    """A rule of dispatch said no."""

    def __init__(
        self, code: DispatchErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
