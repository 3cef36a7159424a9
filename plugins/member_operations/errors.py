"""The refusals of member operations, in the words of those who run campaigns."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import OperationsErrorCode

__all__ = ["OperationsError", "OperationsErrorCode"]


class OperationsError(DomainError):
    """A rule of member operations said no; nothing was changed."""

    def __init__(
        self, code: OperationsErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
