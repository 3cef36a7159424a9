"""Time in the sandbox: real for signatures, shiftable for business dates, compressible for waiting."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


@dataclass(slots=True)
class Clock:
    """ratio: sandbox seconds per real second of waiting. offset: seconds added to every business date."""

    ratio: float
    offset: float = 0.0

    def wall(self) -> float:
        """Real epoch seconds: signatures and the order of jobs."""
        return time.time()

    def now(self) -> float:
        """Business epoch seconds: order, payment and expiry dates."""
        return time.time() + self.offset

    def real(self, nominal: float) -> float:
        """Real seconds that a documented wait of `nominal` seconds takes here."""
        return nominal / self.ratio


def rfc3339(epoch: float) -> str:
    """Epoch seconds as 2026-01-31T08:00:00+08:00."""
    return datetime.fromtimestamp(epoch, CHINA).isoformat(timespec="seconds")


def stamp(epoch: float, pattern: str) -> str:
    """Epoch seconds in China's time, by a strftime pattern."""
    return datetime.fromtimestamp(epoch, CHINA).strftime(pattern)
