"""A trip by a bus of a day: what it is called, and when it is past."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .models import ShiftDay


def leaves_at(day: ShiftDay) -> datetime:
    """When a ticket of a bus is past: as it leaves, of a flow the last one."""
    return day.last if day.shift.flow else day.departs


def title_of(start: str, goal: str, day: ShiftDay) -> str:
    """What a trip is called."""
    clock = _("流水班") if day.shift.flow else f"{day.departs.astimezone(now().tzinfo):%H:%M}"
    return f"{start} → {goal} {day.day:%m-%d} {clock}"
