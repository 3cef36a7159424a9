"""The calendar of holidays: whole years at once, as the State Council's notice gives them, or a day by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import access_of
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed

from ..errors import MapError, MapErrorCode
from ..kinds import DayKind
from ..models import CalendarDay
from .rights import Actor, name_of
from .texts import tidy

CHANGED = action("service_map.calendar.changed", _("修改节假日"))
#: How the basis of days begins that the law gives without a notice.
BY_LAW = "《全国年节及纪念日放假办法》法定日"
#: The most days that one line of a notice spans, and that are written at once.
LONGEST, MOST = 31, 400
_RANGE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:至|到|~|～|—|–)\s*(\d{4}-\d{1,2}-\d{1,2}))?")
_WORDS = {
    "放假": DayKind.HOLIDAY,
    "休息": DayKind.HOLIDAY,
    "上班": DayKind.WORKDAY,
    "调休上班": DayKind.WORKDAY,
}
_HINT = _("如：国庆节 2026-10-01至2026-10-07 放假")


def may_change(by: Any) -> bool:
    """True for whoever keeps the calendar: it counts for the whole city."""
    return bool(by.is_superuser or access_of(by).reach("map.calendar").everything)


def read_notice(text: str) -> dict[date, tuple[str, str]]:
    """The days of a notice, a line each: `名称 日期[至日期] 放假|上班`; kind and name by day.

    Raises MapError REQUIRED, INVALID (says which line), TOO_MANY.
    """
    found: dict[date, tuple[str, str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, kind, days = _line(line.strip(), number)
        for day in days:
            if day in found and found[day] != (kind, name):
                raise _wrong(number, _("%(day)s 写了两次") % {"day": day})
            found[day] = (kind, name)
    if not found:
        raise MapError(MapErrorCode.REQUIRED, _("请填写节假日安排"), field="notice", hint=_HINT)
    if len(found) > MOST:
        raise MapError(MapErrorCode.TOO_MANY, _("一次最多 400 天"), field="notice")
    return found


def write_days(days: Mapping[date, tuple[str, str]], *, source: str = "", by: Actor = None) -> int:
    """Write days, in place of what was said of them before; how many are different now. All or nothing.

    Raises NotAllowed, MapError(INVALID).
    """
    _require(by)
    basis = tidy(source, "source", 120)
    with transaction.atomic():
        before = {
            row.day: row
            for row in CalendarDay.objects.select_for_update().filter(day__in=days).order_by("day")
        }
        rows = [
            CalendarDay(day=day, kind=kind, name=name, source=basis, changed_at=now())
            for day, (kind, name) in sorted(days.items())
            if day not in before
            or (before[day].kind, before[day].name, before[day].source) != (kind, name, basis)
        ]
        CalendarDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["day"],
            update_fields=["kind", "name", "source", "changed_at"],
        )
        if rows:
            record(
                CHANGED, rows[0], actor=name_of(by),
                before={str(row.day): f"{row.kind} {row.name}" for row in before.values()},
                after={str(row.day): f"{row.kind} {row.name}" for row in rows},
            )  # fmt: skip
    return len(rows)


def remove_day(row: CalendarDay, *, by: Actor = None) -> None:
    """Make a day an ordinary one again. Raises NotAllowed."""
    _require(by)
    with transaction.atomic():
        record(CHANGED, row, actor=name_of(by), before={str(row.day): f"{row.kind} {row.name}"}, after={})
        row.delete()


def _require(by: Actor) -> None:
    if by is not None and not may_change(by):
        raise NotAllowed


def _line(line: str, number: int) -> tuple[str, str, list[date]]:
    match = _RANGE.search(line)
    if match is None:
        raise _wrong(number, _("没有日期"))
    name = tidy(line[: match.start()].strip(" :："), "notice", 40)
    word = line[match.end() :].strip(" :：，,。")
    kind = _WORDS.get(word)
    if kind is None:
        raise _wrong(number, _("请在日期后写“放假”或“上班”"))
    if not name:
        raise _wrong(number, _("请先写节日名称"))
    first = _date(match[1], number)
    last = _date(match[2] or match[1], number)
    if not first <= last <= first + timedelta(days=LONGEST):
        raise _wrong(number, _("起止日期不对，一行最长 31 天"))
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    if kind == DayKind.WORKDAY and any(day.isoweekday() < 6 for day in days):
        raise _wrong(number, _("调休上班的日子应是周六或周日"))
    return name, kind.value, days


def _date(text: str, number: int) -> date:
    year, month, day = (int(part) for part in text.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        raise _wrong(number, _("“%(day)s”不是日期") % {"day": text}) from None


def _wrong(number: int, message: Any) -> MapError:
    words = _("第 %(number)s 行：%(message)s") % {"number": number, "message": message}
    return MapError(MapErrorCode.INVALID, words, field="notice", hint=_HINT)
