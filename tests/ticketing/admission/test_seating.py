"""Which seats of a row: arithmetic, with the shapes that people run into and with any shapes at all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ticketing.admission.inventory.seating import best_in_line, orphans, runs, spread
from plugins.ticketing.admission.inventory.taking import _by_line

ROW = st.sets(st.integers(1, 24), max_size=24)


@pytest.mark.parametrize(
    ("free", "chosen", "single"),
    [
        ("1 2 3 4 5", "1 2", []),
        ("1 2 3 4 5", "2 3", [1]),
        ("1 2 3 4 5", "1 2 3 4", []),  # one is left whatever is chosen
        ("1 2 3", "2", [1, 3]),
        ("1 2 3", "1 3", []),  # one is left whatever is chosen
        ("1 2 3 4", "1 3", [2, 4]),
        ("1 2 4 5 6", "4", []),
        ("1 2 4 5 6", "5", [4, 6]),
        ("1 3 4", "3 4", []),  # 1 was single before
    ],
)
def test_a_choice_leaves_single_seats_or_not(free: str, chosen: str, single: list[int]) -> None:
    assert orphans(map(int, free.split()), map(int, chosen.split())) == single


def test_the_middle_is_taken_first_and_the_rest_stays_saleable() -> None:
    # given ten seats with their middle between 5 and 6
    row = tuple(range(1, 11))
    # then four sit in the middle, seven at an end rather than beside a single seat or two
    four, seven = best_in_line(row, 4, 5.5), best_in_line(row, 8, 5.5)
    assert four is not None and list(four.places) == [4, 5, 6, 7]
    assert four.orphans == 0
    # eight in the middle would leave a single seat on both sides: an end is better
    assert seven is not None and list(seven.places) in ([1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 5, 6, 7, 8, 9, 10])


@given(ROW)
def test_runs_are_the_row(free: set[int]) -> None:
    told = [place for first, length in runs(free) for place in range(first, first + length)]
    assert told == sorted(free)
    ends = [(first, first + length) for first, length in runs(free)]
    assert all(before[1] < after[0] for before, after in pairwise(ends))


@given(ROW, st.integers(1, 6), st.floats(1, 24))
def test_the_best_is_free_side_by_side_and_without_single_seats_wherever_that_can_be(
    free: set[int], count: int, middle: float
) -> None:
    pick = best_in_line(tuple(sorted(free)), count, middle)
    every = [list(range(first, first + count)) for first in free if set(range(first, first + count)) <= free]
    if pick is None:
        assert every == []
        return
    assert list(pick.places) in every
    # the best by everything that counts: single seats of its run, how far from the middle, the left one first
    ends = {place: first + length for first, length in runs(free) for place in range(first, first + length)}
    starts = {place: first for first, length in runs(free) for place in range(first, first + length)}
    best = min(
        (
            (one[0] - starts[one[0]] == 1) + (ends[one[0]] - one[0] - count == 1),
            abs(round(2 * one[0] + count - 1 - 2 * middle)),
            one[0],
        )
        for one in every
    )
    assert (pick.orphans, pick.off, pick.first) == best
    # exhaustively: is there a choice that isolates nobody?
    assert (pick.orphans == 0) == any(not _isolates(free, choice) for choice in every)
    assert orphans(free, pick.places) == [] or pick.orphans > 0


def _isolates(free: set[int], choice: list[int]) -> bool:
    rest = free - set(choice)
    return any(
        place - 1 not in rest and place + 1 not in rest and ({place - 1, place + 1} & set(choice))
        for place in rest
    )


@given(st.lists(ROW, max_size=5), st.integers(1, 30))
def test_a_spread_party_gets_free_seats_of_its_number(rows: list[set[int]], count: int) -> None:
    groups = spread([tuple(sorted(row)) for row in rows], count)
    if groups is None:
        assert sum(map(len, rows)) < count
        return
    assert sum(map(len, groups)) == count
    for row, group in zip(rows, groups, strict=True):
        assert len(set(group)) == len(group)
        assert set(group) <= row


@given(st.sets(st.tuples(st.sampled_from("甲乙"), st.integers(1, 4), st.integers(1, 12))), st.integers(1, 60))
def test_a_look_is_told_by_rows_and_leaves_out_the_row_in_which_it_ended(
    seats: set[tuple[str, int, int]], most: int
) -> None:
    # given what the nearest seats say, of one zone or of several: row and place in one number
    seen = sorted(seats, key=lambda one: one[1:])[:most]
    zones, numbers = (
        [zone for zone, _line, _place in seen],
        [line << 16 | place for _zone, line, place in seen],
    )
    # when they are put in rows, the zone told once where it is the same
    free, all_seen = _by_line(zones[:1] if len(set(zones)) == 1 else zones, numbers, most)
    # then each row has all of its places from the left, but for the one after which nobody looked
    assert all_seen == (len(seen) < most)
    whole = [one for one in seen if all_seen or one[1] != seen[-1][1]]
    assert free == {
        (zone, line): tuple(sorted(place for a, b, place in whole if (a, b) == (zone, line)))
        for zone, line, _place in whole
    }
