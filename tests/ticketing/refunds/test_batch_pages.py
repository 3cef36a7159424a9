"""The page that begins refunds of whole sessions: odd days, too many sessions, and somebody who was there before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.models import RefundBatch, RefundRequest, TicketOrder
from plugins.ticketing.kernel.services import batches_by_hand
from plugins.ticketing.kernel.services.batches import go_on
from plugins.ticketing.kernel.services.batches_by_hand import agree, begin, sessions_of
from saleor_o2o.kernel.errors import DomainError

from .conftest import Tickets
from .test_batches import together_at
from .test_batches_by_hand import SPAN, boss, code_of, keeper
from .test_refund_pages import browser, text_of

__all__ = ["boss", "keeper"]
D = Decimal
NEW = "admin:o2o_ticketing_refundbatch_new"


def looked(user: User, **told: Any) -> Any:
    """The page after a look at the days."""
    given = {
        "trade": "coach",
        "first": str(SPAN[0]),
        "last": str(SPAN[1]),
        "key": "page-0000001",
        "look": "1",
    }
    return browser(user).post(reverse(NEW), {**given, **told})


@pytest.mark.parametrize("first", [date(9999, 12, 30), date(1, 1, 1), date(9999, 12, 31)])
def test_days_at_the_end_of_time_are_told(coach: Tickets, keeper: User, first: date) -> None:
    last = min(first, date(9999, 12, 30)) + timedelta(days=1)
    answer = looked(keeper, first=first.isoformat(), last=last.isoformat())
    assert (answer.status_code, "日期" in text_of(answer)) == (200, True)


def test_more_sessions_than_a_page_has_are_told(
    coach: Tickets, keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: three shifts, of which a page shows two
    for hours in (24, 30, 36):
        coach.order(hours=hours, count=1)
    monkeypatch.setattr(batches_by_hand, "MOST", 2)
    # when
    answer = looked(keeper)
    # then
    assert "只列出最早的 2 个" in text_of(answer)
    monkeypatch.setattr(batches_by_hand, "MOST", 3)
    assert "只列出" not in text_of(looked(keeper))


def test_a_shift_that_is_going_back_is_not_begun_again(coach: Tickets, keeper: User, boss: User) -> None:
    # given: one waits for the second person, whose colleague does not know of it
    coach.order(count=3)
    chosen = sessions_of("coach", *SPAN)
    [first] = begin(keeper, "page-0000002", chosen, "大雾停班", D("119.70"))
    assert first.state == "pending"
    # when
    seen = looked(boss)
    with pytest.raises(DomainError) as refusal:
        begin(boss, "page-0000003", chosen, "大雾停班", D("119.70"))
    # then he is told of it, and has only to agree
    assert f"待复核 {first.number}" in text_of(seen)
    assert (code_of(refusal), first.number in str(refusal.value)) == ("CHANGED_MEANWHILE", True)
    agree(boss, first.pk, yes=True)
    go_on()
    assert (RefundBatch.objects.get().state, RefundRequest.objects.get().due) == ("done", D("119.70"))
    # and once it is done, what is issued for the shift later may go back in another one
    together_at(coach, TicketOrder.objects.get(), coach.order(count=1))
    again = sessions_of("coach", *SPAN)
    assert begin(boss, "page-0000004", again, "大雾停班", D(200))[0].state == "running"
