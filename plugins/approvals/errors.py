"""The refusals of approvals."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import ApprovalErrorCode

__all__ = ["ApprovalError", "ApprovalErrorCode"]


class ApprovalError(DomainError):
    """A rule of the approval flow said no; nothing was changed."""

    def __init__(
        self, code: ApprovalErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
