"""Business hours: the stored form, and the line of text that people write and read.

Stored, Monday is 1, a day that is not named is closed, a date goes before its weekday:
`{"1": [["08:30", "12:00"], ["14:00", "17:30"]], …, "7": [], "holiday": [], "dates": {"2026-10-01": []}}`.
A span that does not end after it starts goes over midnight and belongs to the day it starts on: `["22:00", "02:00"]`.
Written: `周一至周五 08:30-12:00,14:00-17:30；周六 09:00-12:00；节假日 休息；2026-10-01 休息`.

What a day is comes from the calendar of holidays, which the caller hands in: a holiday has the hours written for
holidays, else Sunday's, as the signs at the doors say (周末及节假日); a weekend day that is worked instead has those
written for it, else Friday's. A date of the unit's own goes before both.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import SHANGHAI

from ..errors import OrgError, OrgErrorCode

DAYS = "一二三四五六日"
#: Minutes of a day.
DAY = 1440
CLOSED = ("休息", "不营业", "关闭")
#: Kinds of days in the calendar, which are keys of the stored form: their name, and the weekday that stands in.
KINDS = {"holiday": ("节假日", "7"), "workday": ("调休上班日", "5")}
_KIND_NAMES = {
    "节假日": "holiday", "法定节假日": "holiday", "节日": "holiday", "调休上班日": "workday", "调休上班": "workday",
    "调休": "workday",
}  # fmt: skip
#: What a day is (`holiday`, `workday`); ordinary days are not in it.
Calendar = Mapping[date, str]
_ORDINARY: Calendar = {}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_HINT = _("如：周一至周五 08:30-12:00,14:00-17:30；周六 09:00-12:00；节假日 休息；2026-10-01 休息")
_WIDE = str.maketrans("：，、;－—–~～至到", ":,,；-------")
_DAY_NAMES = {**{day: place for place, day in enumerate(DAYS, 1)}, "天": 7}


def _wrong(field: str, message: Any) -> OrgError:
    return OrgError(OrgErrorCode.INVALID, message, field=field, hint=_HINT)


def check_hours(value: Any, field: str = "business_hours") -> dict[str, Any]:
    """Return tidy hours from the stored form or from a line of text. Raises OrgError(INVALID)."""
    if value in (None, "", {}):
        return {}
    if isinstance(value, str):
        value = _read(value, field)
    if not isinstance(value, Mapping):
        raise _wrong(field, _("营业时间的格式不对"))
    found: dict[str, Any] = {}
    for day in map(str, range(1, 8)):
        if day in value:
            found[day] = _spans(value[day], field, f"周{DAYS[int(day) - 1]}")
    for kind, (name, _instead) in KINDS.items():
        if kind in value:
            found[kind] = _spans(value[kind], field, name)
    dates = value.get("dates") or {}
    if not isinstance(dates, Mapping):
        raise _wrong(field, _("特殊日期的格式不对"))
    if set(map(str, value)) - {*found, "dates"}:
        raise _wrong(field, _("营业时间里有不认识的日子"))
    if dates:
        found["dates"] = {
            _iso(day, field): _spans(spans, field, str(day)) for day, spans in sorted(dates.items())
        }
    return found


def show_hours(hours: Mapping[str, Any]) -> str:
    """The line of text that `check_hours` reads back; days with equal hours are joined."""
    parts: list[str] = []
    days = [(number, hours[str(number)]) for number in range(1, 8) if str(number) in hours]
    at = 0
    while at < len(days):
        end = at
        while end + 1 < len(days) and days[end + 1] == (days[end][0] + 1, days[at][1]):
            end += 1
        name = f"周{DAYS[days[at][0] - 1]}" + (f"至周{DAYS[days[end][0] - 1]}" if end > at else "")
        parts.append(f"{name} {_show(days[at][1])}")
        at = end + 1
    parts += [f"{name} {_show(hours[kind])}" for kind, (name, _instead) in KINDS.items() if kind in hours]
    parts += [f"{day} {_show(spans)}" for day, spans in hours.get("dates", {}).items()]
    return "；".join(parts)


def spans_of(hours: Mapping[str, Any], day: date, calendar: Calendar = _ORDINARY) -> list[tuple[int, int]]:
    """The spans that start on a day, in minutes since its midnight; the end may lie in the next day."""
    spans = (hours.get("dates") or {}).get(day.isoformat())
    if spans is None and (kind := calendar.get(day)) is not None:
        spans = hours.get(kind, hours.get(KINDS[kind][1])) or []
    if spans is None:
        spans = hours.get(str(day.isoweekday())) or []
    return sorted(_minutes(span) for span in spans)


def open_at(hours: Mapping[str, Any], moment: datetime, calendar: Calendar = _ORDINARY) -> bool:
    """True when the hours take in a moment (aware), begun today or over midnight from yesterday."""
    here = moment.astimezone(SHANGHAI)
    today, minute = here.date(), here.hour * 60 + here.minute
    return any(
        start <= at < end
        for day, at in ((today, minute), (today - timedelta(days=1), minute + DAY))
        for start, end in spans_of(hours, day, calendar)
    )


def _minutes(span: Sequence[str]) -> tuple[int, int]:
    begins, ends = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span)
    return begins, ends if ends > begins else ends + DAY


def _show(spans: list[list[str]]) -> str:
    return ",".join(f"{start}-{end}" for start, end in spans) or CLOSED[0]


def _iso(day: Any, field: str) -> str:
    try:
        return date.fromisoformat(str(day)).isoformat()
    except ValueError:
        raise _wrong(field, _("“%(day)s”不是日期") % {"day": str(day)[:20]}) from None


def _spans(value: Any, field: str, day: str) -> list[list[str]]:
    if not isinstance(value, list | tuple):
        raise _wrong(field, _("%(day)s的营业时间格式不对") % {"day": day})
    found: list[list[str]] = []
    for span in value:
        if not isinstance(span, list | tuple) or len(span) != 2 or not all(isinstance(t, str) for t in span):
            raise _wrong(field, _("%(day)s的营业时间格式不对") % {"day": day})
        for moment in span:
            if not _TIME.fullmatch(moment):
                raise _wrong(field, _("“%(time)s”不是时间") % {"time": moment[:10]})
        if span[0] in (span[1], "24:00"):
            raise _wrong(field, _("%(day)s的开始时间不对，整天营业请写 00:00-24:00") % {"day": day})
        found.append(list(span))
    found.sort()
    if any(first[1] > second[0] for first, second in itertools.pairwise(map(_minutes, found))):
        raise _wrong(field, _("%(day)s的时段互相重叠") % {"day": day})
    return found


def _read(text: str, field: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in filter(None, (one.strip() for one in re.split(r"[；\n]", text.translate(_WIDE)))):
        days, _blank, times = part.partition(" ")
        if days.startswith("每天"):
            names, times = [str(n) for n in range(1, 8)], times or days[2:]
        elif re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", days):
            found.setdefault("dates", {})[_iso(_padded(days), field)] = _times(times, field)
            continue
        elif days in _KIND_NAMES:
            names = [_KIND_NAMES[days]]
        else:
            names = _weekdays(days, field)
        spans = _times(times, field)
        for name in names:
            if name in found:
                raise _wrong(field, _("同一天写了两次"))
            found[name] = spans
    if not found:
        raise _wrong(field, _("没有写营业时间"))
    return found


def _padded(day: str) -> str:
    year, month, number = day.split("-")
    return f"{year}-{month:0>2}-{number:0>2}"


def _weekdays(days: str, field: str) -> list[str]:
    names: list[str] = []
    for part in days.split(","):
        match = re.fullmatch(r"(?:周|星期)([一二三四五六日天])(?:-(?:周|星期)?([一二三四五六日天]))?", part)
        if match is None:
            raise _wrong(field, _("不认识“%(days)s”") % {"days": days[:20]})
        first, last = _DAY_NAMES[match[1]], _DAY_NAMES[match[2] or match[1]]
        if first > last:
            raise _wrong(field, _("“%(days)s”的先后写反了") % {"days": days[:20]})
        names += [str(number) for number in range(first, last + 1)]
    return names


def _times(text: str, field: str) -> list[list[str]]:
    text = text.strip()
    if text in CLOSED:
        return []
    found = []
    for part in filter(None, (one.strip() for one in re.split(r"[, ]+", text))):
        match = re.fullmatch(r"(\d{1,2}:\d{2})-(\d{1,2}:\d{2})", part)
        if match is None:
            raise _wrong(field, _("不认识“%(time)s”") % {"time": part[:20]})
        found.append([f"{match[1]:0>5}", f"{match[2]:0>5}"])
    if not found:
        raise _wrong(field, _("请写出时间，或写“休息”"))
    return found
