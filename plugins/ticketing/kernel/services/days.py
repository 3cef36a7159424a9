"""Days as people type them."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import today

from ..errors import TicketError
from ..errors import TicketErrorCode as Code

#: How far ahead anything is planned; what is later is a slip of the hand, and may be the last day that there is.
FARTHEST = timedelta(days=3653)


def refuse_far(day: date | None, field: str) -> None:
    """Refuse a day more than ten years ahead. Raises TicketError INVALID_INPUT."""
    if day is not None and day > today() + FARTHEST:
        latest = today() + FARTHEST
        raise TicketError(
            Code.INVALID_INPUT, _("日期 %(day)s 太远，最晚 %(latest)s") % {"day": day, "latest": latest}, field,
            _("请核对年份"),
        )  # fmt: skip
