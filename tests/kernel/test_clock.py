"""The days that a chart shows."""

from __future__ import annotations

from datetime import date

import pytest

from saleor_o2o.kernel.clock import days_drawn


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2028, 2, 28), date(2028, 3, 1), [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]),
        (date(2026, 1, 1), date(2026, 1, 1), [date(2026, 1, 1)]),
        (date(2026, 1, 2), date(2026, 1, 1), []),
    ],
)
def test_every_day_of_a_span_once(first: date, last: date, found: list[date]) -> None:
    assert days_drawn(first, last) == found


def test_a_span_of_more_than_a_year_has_none() -> None:
    assert len(days_drawn(date(2028, 1, 1), date(2028, 12, 31))) == 366
    assert days_drawn(date(2027, 1, 1), date(2028, 1, 2)) == []
