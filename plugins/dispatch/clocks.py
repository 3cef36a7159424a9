"""Clocks by dated rules, in the unit's opening hours; where no rule is in force, what the platform begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from plugins.org_hierarchy.interfaces import spans_of
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.ordering.interfaces import in_force

from .choices import Clock, Stage, State
from .models import ClockRule

#: How far ahead opening hours are looked for: over the longest holiday. A unit closed for longer has no hours here.
AHEAD = 15


@dataclass(frozen=True, slots=True)
class Length:
    """How long a clock runs, in minutes; `in_hours`: only minutes in which the unit is open."""

    minutes: int
    in_hours: bool = True


DEFAULTS: dict[Clock, Length] = {
    Clock.GRAB: Length(15),
    Clock.ASSIGN: Length(30),
    Clock.COUNTY: Length(60),
    Clock.ACCEPT: Length(15),
    Clock.SEND: Length(8 * 60),
}
_WAITING = {Stage.STAFF: Clock.GRAB, Stage.MANAGER: Clock.ASSIGN, Stage.COUNTY: Clock.COUNTY}


def length(kind: Clock, line: str = "") -> Length:
    """How long a clock runs now for a business line. One statement."""
    rule = in_force(ClockRule.objects.filter(clock=kind), line)
    return Length(rule.minutes, rule.in_hours) if rule is not None else DEFAULTS[kind]


def due(kind: Clock, line: str, unit: Any) -> datetime:
    """When a clock that starts now runs out for a unit. One statement."""
    found = length(kind, line)
    return run_out(unit.business_hours if found.in_hours else {}, now(), found.minutes)


def due_for(stage: str, state: str, line: str, unit: Any) -> datetime | None:
    """When the clock of a stage that starts now runs out; None for the last, which has nobody above."""
    if state == State.TAKEN and stage == Stage.STAFF:
        return due(Clock.SEND, line, unit)
    kind = _WAITING.get(Stage(stage))
    return due(kind, line, unit) if kind is not None else None


def run_out(hours: Mapping[str, Any] | None, start: datetime, minutes: int) -> datetime:
    """The moment at which so many minutes of opening have passed since `start` (aware).

    Without hours every minute counts. So it does from the day on up to which hours are looked for.
    """
    left = timedelta(minutes=minutes)
    if not hours:
        return start + left
    here = start.astimezone(SHANGHAI)
    at = here
    for offset in range(-1, AHEAD):
        day = here.date() + timedelta(days=offset)
        midnight = datetime.combine(day, time.min, SHANGHAI)
        for begins, ends in spans_of(hours, day):
            opens = max(at, midnight + timedelta(minutes=begins))
            closes = midnight + timedelta(minutes=ends)
            if closes <= opens:
                continue
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
            at = closes
    return at + left
