"""The calendar of holidays, and of weekend days that are worked instead."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import DayKind


class CalendarDay(models.Model):
    """A day that is not what its weekday says; days that are not here are ordinary. One calendar for the whole city.

    A single unit's other hours on a day are written in its own hours, and go before the calendar.
    """

    day = models.DateField(_("日期"), primary_key=True)
    kind = models.CharField(_("类别"), max_length=10, choices=DayKind.choices)
    name = models.CharField(_("名称"), max_length=40, help_text=_("如：国庆节"))
    source = models.CharField(
        _("依据"), max_length=120, blank=True, help_text=_("如：国务院办公厅通知的日期")
    )
    changed_at = models.DateTimeField(_("更新时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("节假日")
        ordering = ("day",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=DayKind.values), name="o2o_map_calendar_kind"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
