"""The buses of a day. The same day has the same buses whenever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sandbox.clock import CHINA
from sandbox.coach.lines import Line, lines

SPEED = 70  # kilometres an hour
EXTRA_DAYS = frozenset({4, 6})  # Friday and Sunday: one more bus in the evening
EXTRA_AFTER = 30
FLOW_BUSES = 3  # a flow's day has the seats of so many buses
ADDED = 1000  # buses that a station puts on are counted from here: this and the minute of the day


@dataclass(frozen=True, slots=True)
class Shift:
    """One bus of one day; for a flow all of its day. starts, ends: minutes of the day at the first stop."""

    line: Line
    day: date
    index: int
    starts: int
    ends: int
    extra: bool

    @property
    def key(self) -> str:
        """The shift within its day, for both networks."""
        return f"{self.line.number}.{self.index}"

    @property
    def capacity(self) -> int:
        """Seats of the bus; of a flow, of its day."""
        return self.line.seats * (FLOW_BUSES if self.line.flow else 1)

    def departs(self, board: int = 0, later: int = 0) -> datetime:
        """When the bus leaves a stop, `later` minutes behind its timetable; a flow's first one."""
        return self._moment(self.starts + later, board)

    def last(self, board: int = 0, later: int = 0) -> datetime:
        """When a ticket is past: a flow's last bus, else the bus."""
        return self._moment(self.ends + later, board)

    def arrives(self, alight: int, later: int = 0) -> datetime:
        """When the bus that leaves first is there."""
        return self._moment(self.starts + later, alight)

    def _moment(self, minute: int, stop: int) -> datetime:
        on_the_way = round(self.line.stops[stop][1] * 60 / SPEED)
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=CHINA)
        return midnight + timedelta(minutes=minute + on_the_way)


@lru_cache(maxsize=64)
def shifts(day: date) -> tuple[Shift, ...]:
    """All buses of a day, by line and time."""
    found: list[Shift] = []
    for line in lines():
        if line.flow:
            found.append(Shift(line, day, 1, line.first, line.last, False))
            continue
        times = list(range(line.first, line.last + 1, line.every))
        found += [Shift(line, day, index, at, at, False) for index, at in enumerate(times, start=1)]
        if day.weekday() in EXTRA_DAYS:
            at = times[-1] + EXTRA_AFTER
            found.append(Shift(line, day, len(times) + 1, at, at, True))
    return tuple(found)


@lru_cache(maxsize=64)
def _by_key(day: date) -> dict[str, Shift]:
    return {shift.key: shift for shift in shifts(day)}


def added(line: Line, day: date, minute: int) -> Shift:
    """A bus that a station puts on besides its timetable (加班车): its minute of the day is in its key."""
    return Shift(line, day, ADDED + minute, minute, minute, True)


def shift(day: date, key: str) -> Shift | None:
    """The bus with this key: of the timetable, or put on."""
    found = _by_key(day).get(key)
    if found is not None:
        return found
    number, _dot, index = key.partition(".")
    line = next((one for one in lines() if str(one.number) == number), None)
    if line is None or not index.isdecimal() or not 0 <= int(index) - ADDED < 24 * 60:
        return None
    return added(line, day, int(index) - ADDED)
