"""What vouchers and gates refuse, in the words of those who stand there."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import VoucherErrorCode

__all__ = ["VoucherError", "VoucherErrorCode"]


class VoucherError(DomainError):
    """A rule of vouchers or gates said no; nothing was changed."""

    def __init__(
        self, code: VoucherErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
