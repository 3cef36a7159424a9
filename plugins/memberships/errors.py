"""The refusals of memberships, in the words of members and of those who serve them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import MembershipErrorCode

__all__ = ["MembershipError", "MembershipErrorCode", "TooOften"]


class MembershipError(DomainError):
    """A rule of memberships said no; nothing was changed."""

    def __init__(
        self, code: MembershipErrorCode, message: Text, field: str | None = None, hint: Text | None = None
    ) -> None:
        super().__init__(code, message, field, hint)


class TooOften(MembershipError):
    """Somebody tries codes; `seconds` until he may try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            MembershipErrorCode.TOO_OFTEN,
            _("试的次数太多，请 %(seconds)d 秒后再试") % {"seconds": seconds},
            "scratch",
            _("请看清激活码；看不清请带卡到网点激活"),
        )
        self.seconds = seconds
