"""After-sale's refusals."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import AfterSaleErrorCode

__all__ = ["AfterSaleError", "AfterSaleErrorCode"]


class AfterSaleError(DomainError):
    """A rule of after-sale said no."""

    def __init__(
        self, code: AfterSaleErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
