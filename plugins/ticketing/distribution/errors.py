"""The refusals of distribution."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import DistributionErrorCode

__all__ = ["DistributionError", "DistributionErrorCode"]


class DistributionError(DomainError):
    """A rule of distribution said no; nothing was changed."""

    def __init__(
        self, code: DistributionErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
