"""The refusals of loyalty, in the words of members and of those who serve them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import LoyaltyErrorCode

__all__ = ["LoyaltyError", "LoyaltyErrorCode", "PointsShort"]


class LoyaltyError(DomainError):
    """A rule of loyalty said no; nothing was changed."""

    def __init__(
        self, code: LoyaltyErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class PointsShort(LoyaltyError):
    """More points were asked for than there are."""

    def __init__(self, left: Decimal, field: str = "points") -> None:
        super().__init__(
            LoyaltyErrorCode.POINTS_SHORT,
            _("积分不足，现有 %(left)d 分") % {"left": left},
            field,
            _("请减少使用的积分"),
        )
