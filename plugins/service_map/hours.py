"""Whether a place is open now, until when, and when it opens next.

What hours mean is said in `org_hierarchy`; here they become what a visitor reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Calendar, spans_of
from saleor_o2o.kernel.clock import SHANGHAI

DAYS = "一二三四五六日"
#: How far ahead the next opening is looked for: over the longest holiday.
AHEAD = 15


class OpenState(StrEnum):
    """What can be said about a place now."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Opening:
    """`changes_at` is when it closes (open) or opens (closed); None when that is never or far away."""

    state: OpenState
    changes_at: datetime | None
    text: str


def opening_at(hours: Mapping[str, Any], moment: datetime, calendar: Calendar) -> Opening:
    """What a visitor needs to know at a moment (aware); `calendar`: the special days around it (`holidays.around`)."""
    if not hours:
        return Opening(OpenState.UNKNOWN, None, _("营业时间未登记"))
    here = moment.astimezone(SHANGHAI)
    until = None
    for start, end in _runs(hours, here.date(), calendar):
        if start <= here < end:
            until = end
            break
        if start > here:
            return Opening(OpenState.CLOSED, start, _closed(here, start))
    if until is None:
        return Opening(OpenState.CLOSED, None, _("已休息"))
    if until - here > timedelta(days=7):
        return Opening(OpenState.OPEN, None, _("24 小时营业"))
    return Opening(OpenState.OPEN, until, _("营业中，%(time)s 关门") % {"time": _when(here, until)})


def _runs(hours: Mapping[str, Any], today: date, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Times of uninterrupted business from yesterday on: spans that touch are one."""
    begun: tuple[datetime, datetime] | None = None
    for start, end in _spans(hours, today, calendar):
        if begun is not None and start <= begun[1]:
            begun = begun[0], max(begun[1], end)
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun


def _spans(hours: Mapping[str, Any], today: date, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(-1, AHEAD):
        day = today + timedelta(days=offset)
        midnight = datetime.combine(day, time.min, SHANGHAI)
        for start, end in spans_of(hours, day, calendar):
            yield midnight + timedelta(minutes=start), midnight + timedelta(minutes=end)


def _closed(here: datetime, opens: datetime) -> str:
    return _("已休息，%(time)s 营业") % {"time": _when(here, opens)}


def _when(here: datetime, then: datetime) -> str:
    clock = then.strftime("%H:%M")
    days = (then.date() - here.date()).days
    if days == 1 and then.time() == time.min and here.date() != then.date():
        return "24:00"
    if days == 0:
        return clock
    if days == 1:
        return _("明天 %(clock)s") % {"clock": clock}
    if days < 7:
        return _("周%(day)s %(clock)s") % {"day": DAYS[then.weekday()], "clock": clock}
    return f"{then:%m-%d} {clock}"
