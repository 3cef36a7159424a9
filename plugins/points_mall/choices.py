"""The words of the mall."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import midnight, today


class Period(models.TextChoices):
    """Over what a member's limit counts. Days, weeks (from Monday) and months are those of Shanghai."""

    WHOLE = "whole", _("活动期间")
    DAY = "day", _("每天")
    WEEK = "week", _("每周")
    MONTH = "month", _("每月")


def period_begin(period: str) -> datetime | None:
    """When the period that a limit counts over began; None for all that ever was."""
    day: date = today()
    if period == Period.DAY:
        return midnight(day)
    if period == Period.WEEK:
        return midnight(day - timedelta(days=day.weekday()))
    return midnight(day.replace(day=1)) if period == Period.MONTH else None
