"""WeChat's rule for messages of customer service: five within forty-eight hours of somebody's last word.

(Other doings open a minute: nobody at a desk answers in a minute, so that it is not counted on.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from saleor_o2o.kernel.clock import now

from .models import Fan

#: For how long after somebody's last word messages may be sent, and how many of them.
WINDOW = timedelta(hours=48)
MOST = 5


@dataclass(frozen=True)
class Window:
    """What may still be sent to somebody: until when, and how many messages; `until` is None for who never wrote."""

    until: datetime | None
    left: int
    follows: bool

    @property
    def is_open(self) -> bool:
        """True while a message may be sent."""
        return self.follows and self.left > 0 and self.until is not None and self.until > now()

    @property
    def hours_left(self) -> float:
        """Hours until it closes; 0 when it has."""
        return max(0.0, (self.until - now()).total_seconds() / 3600) if self.until is not None else 0.0


def window_of(fan: Fan) -> Window:
    """The window of a follower, as his row says. Reads nothing."""
    until = fan.said_at + WINDOW if fan.said_at is not None else None
    return Window(until, max(0, MOST - fan.answers_used), fan.is_following)
