"""Clocks by dated rules; where no rule is in force, what the platform begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import in_force

from .choices import Clock
from .models import ClockRule

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Length:
    """How long a clock runs, in minutes, and up to which sum (yuan) silence agrees."""

    minutes: int
    auto_limit: Decimal = Decimal(0)

    @property
    def until(self) -> datetime:
        """When a clock that starts now runs out."""
        return now() + timedelta(minutes=self.minutes)


DEFAULTS: dict[Clock, Length] = {
    Clock.ANSWER: Length(2 * _DAY, Decimal(200)),
    Clock.SHIP_BACK: Length(7 * _DAY),
    Clock.INSPECT: Length(3 * _DAY, Decimal(200)),
    Clock.ARBITRATE: Length(7 * _DAY),
    Clock.CHOOSE: Length(3 * _DAY),
    Clock.REPAIR: Length(15 * _DAY),
    Clock.SEND: Length(2 * _DAY),
    Clock.ARRIVE: Length(10 * _DAY),
    Clock.PAY_OUT: Length(2 * _DAY),
    Clock.ACCEPT: Length(_DAY),
    Clock.APPEAL: Length(2 * _DAY),
    Clock.DIALOGUE: Length(3 * _DAY),
    Clock.RULING: Length(3 * _DAY),
}


def clock(kind: Clock, line: str = "") -> Length:
    """How long a clock runs now for a business line. One statement."""
    rule = in_force(ClockRule.objects.filter(clock=kind), line)
    return Length(rule.minutes, rule.auto_limit) if rule is not None else DEFAULTS[kind]
