"""The refusals of coach tickets, in the words of whoever stands at the counter."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import CoachErrorCode

__all__ = ["CoachError", "CoachErrorCode", "TooOften"]


class CoachError(DomainError):
    """A rule of coach tickets said no; nothing was held and nothing charged."""

    def __init__(
        self,
        code: CoachErrorCode,
        message: Text,
        field: str | None = None,
        hint: Text | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, field, hint)
        self.details = details or {}


class TooOften(CoachError):
    """Somebody asks too often; `seconds` until he may ask again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            CoachErrorCode.TOO_OFTEN,
            _("操作太频繁，请 %(seconds)d 秒后再试") % {"seconds": seconds},
            hint=_("同一设备每分钟的次数有限"),
        )
        self.seconds = seconds
