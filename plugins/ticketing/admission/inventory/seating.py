"""Which seats of a row: runs of neighbours, single seats left over, the best places. Pure arithmetic on places.

A single seat (孤座) is a free seat without a free neighbour that had one before. Nobody buys it any more, so no choice
may leave one, unless the rest of its run is one seat anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Pick:
    """Neighbours `first` … `first + count - 1`. `orphans`: single seats left; `off`: half seats from the middle."""

    first: int
    count: int
    orphans: int
    off: int

    @property
    def places(self) -> range:
        return range(self.first, self.first + self.count)


def runs(free: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of neighbours among free places: first place and length, from the left."""
    found: list[tuple[int, int]] = []
    for place in sorted(free):
        if found and found[-1][0] + found[-1][1] == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found


def orphans(free: Iterable[int], chosen: Iterable[int]) -> list[int]:
    """The single seats that a choice leaves where it need not: of runs that keep two seats or more."""
    taken = set(chosen)
    found = []
    for first, length in runs(free):
        rest = [place for place in range(first, first + length) if place not in taken]
        if not 2 <= len(rest) < length:
            continue
        left = set(rest)
        found += [place for place in rest if place - 1 not in left and place + 1 not in left]
    return found


@lru_cache(maxsize=4096)
def best_in_line(free: tuple[int, ...], count: int, middle: float) -> Pick | None:
    """The neighbours nearest to the middle, before all without a single seat left over; None: no run is long enough.

    Kept in memory: whoever looks finds all rows but one or two as those before him left them.
    """
    best: tuple[int, int, int] | None = None
    for first, length in runs(free):
        spare = length - count
        if spare < 0:
            continue
        ideal = min(max(round(middle - (count - 1) / 2) - first, 0), spare)
        # a single seat is left one seat from an end only: of the nearest five at least one leaves none, or an end does
        for skip in {0, spare, *range(max(0, ideal - 2), min(spare, ideal + 2) + 1)}:
            start = first + skip
            off = abs(round(2 * start + count - 1 - 2 * middle))
            one = ((skip == 1) + (spare - skip == 1), off, start)
            if best is None or one < best:
                best = one
    return None if best is None else Pick(best[2], count, best[0], best[1])


def spread(lines: Sequence[tuple[int, ...]], count: int) -> list[list[int]] | None:
    """Where nobody can sit side by side: as few groups as possible, per line (same order) the places; None: too few.

    The longest runs first; of the last run its left end, or the whole but one where that would leave a single seat.
    """
    if sum(len(line) for line in lines) < count:
        return None
    pieces = sorted(
        ((length, -at, first) for at, line in enumerate(lines) for first, length in runs(line)), reverse=True
    )
    found: list[list[int]] = [[] for _line in lines]
    left = count
    for length, at, first in pieces:
        some = min(length, left)
        found[-at] += range(first, first + some)
        left -= some
        if left == 0:
            break
    return found
