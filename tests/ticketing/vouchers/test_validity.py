"""When a voucher lets in, in words for people who look at a paper or stand at a window."""

from __future__ import annotations

from datetime import datetime

import pytest

from plugins.ticketing.admission.models import Voucher
from plugins.ticketing.admission.vouchers.validity import valid_words
from saleor_o2o.kernel.clock import SHANGHAI


@pytest.mark.parametrize(
    ("first", "until", "told"),
    [
        ("2026-11-30 00:00", "2026-12-01 00:00", "2026-11-30 当天"),
        ("2026-11-30 00:00", "2026-12-03 00:00", "2026-11-30 至 2026-12-02"),
        ("2026-11-30 19:30", "2026-11-30 21:30", "2026-11-30 19:30–21:30"),
        ("2026-11-30 19:58", "2027-11-30 00:00", "2026-11-30 19:58 至 2027-11-30 00:00"),
        ("2026-11-30 23:00", "2026-12-01 01:00", "2026-11-30 23:00 至 2026-12-01 01:00"),
    ],
)
def test_whole_days_are_told_as_days(first: str, until: str, told: str) -> None:
    at, end = (datetime.fromisoformat(one).replace(tzinfo=SHANGHAI) for one in (first, until))
    assert valid_words(Voucher(valid_from=at, valid_until=end)) == told
