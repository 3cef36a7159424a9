"""What waits for whoever keeps the calendar: the State Council's notice of the year to come."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import SHANGHAI, today

from .models import CalendarDay
from .services.calendar import BY_LAW, may_change

#: The notice of a year comes out in November of the year before.
MONTH = 11


def todo(user: Any) -> list[Todo]:
    """From November on, until the next year's notice is entered; then until this year's is. One statement.

    Nothing is made up meanwhile: what the law itself gives counts, weekends and workdays are as the week has them.
    """
    if not may_change(user):
        return []
    day = today()
    year = day.year + 1 if day.month >= MONTH else day.year
    entered = CalendarDay.objects.filter(day__year=year).exclude(source__startswith=BY_LAW)
    if entered.exists():
        return []
    return [
        Todo(
            _("录入 %(year)s 年放假安排") % {"year": year},
            _("国务院办公厅的通知公布后录入；未录入前只按法定节日，没有调休"),
            reverse("admin:o2o_service_map_calendarday_notice"),
            datetime.combine(date(year - 1, MONTH, 1), time.min, SHANGHAI),
            datetime.combine(date(year, 1, 1), time.min, SHANGHAI),
        )
    ]
