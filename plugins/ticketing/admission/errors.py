"""The refusals of admission, in the words of those who buy and of those who sell."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import AdmissionErrorCode

__all__ = ["AdmissionError", "AdmissionErrorCode"]


class AdmissionError(DomainError):
    """A rule of admission said no; nothing was changed."""

    def __init__(
        self, code: AdmissionErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
