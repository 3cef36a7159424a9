"""When a voucher lets in, as people say it: on papers and at windows."""

from __future__ import annotations

from datetime import time, timedelta

from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import SHANGHAI

from ..models import Voucher
from ..sold import days_words


def valid_words(voucher: Voucher) -> str:
    """Whole days as days: nobody comes at the midnight after the last one. Else from when to when; Shanghai's."""
    start, end = (one.astimezone(SHANGHAI) for one in (voucher.valid_from, voucher.valid_until))
    if start.time() == end.time() == time():
        days = days_words(start, end)
        return days if end - start > timedelta(days=1) else _("%(day)s 当天") % {"day": days}
    if start.date() == end.date():
        return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"
    return f"{start:%Y-%m-%d %H:%M} {_('至')} {end:%Y-%m-%d %H:%M}"
