"""The organisation's refusals."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import OrgErrorCode

__all__ = ["OrgError", "OrgErrorCode"]


class OrgError(DomainError):
    """A rule of the organisation said no."""

    def __init__(
        self, code: OrgErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
