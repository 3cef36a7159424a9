"""The refusals of resale."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import ResaleErrorCode

__all__ = ["ResaleError", "ResaleErrorCode"]


class ResaleError(DomainError):
    """A rule of resale said no; nothing was changed. `told`: what a reseller's program needs beside the words."""

    def __init__(
        self,
        code: ResaleErrorCode,
        message: Text,
        field: str | None = None,
        hint: Text | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, field, hint)
        self.told = told or {}
