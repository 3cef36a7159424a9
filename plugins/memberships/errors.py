"""The refusals of memberships, in the words of members and of those who serve them."""

from __future__ import annotations

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import MembershipErrorCode

__all__ = ["MembershipError", "MembershipErrorCode"]


class MembershipError(DomainError):
    """A rule of memberships said no; nothing was changed."""

    def __init__(
        self, code: MembershipErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)
