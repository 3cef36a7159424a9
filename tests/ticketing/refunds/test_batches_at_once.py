"""A session is cancelled while somebody gives it back by hand: one batch does it, and nobody is paid twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from threading import BrokenBarrierError
from typing import Any

import pytest
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.access import BATCH, ORDER_VIEW
from plugins.ticketing.kernel.models import RefundBatch, RefundItem, RefundRequest, TicketOrder
from plugins.ticketing.kernel.services import batches, batches_by_hand
from plugins.ticketing.kernel.services.batches import go_on, refund_cancelled
from plugins.ticketing.kernel.services.batches_by_hand import agree, begin, sessions_of
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from tests.orgs import again, person
from tests.threads import meeting, together

from .conftest import Tickets
from .test_batches import together_at
from .test_refund_pages import browser, text_of

SPAN = (today(), today() + timedelta(days=4))


@pytest.fixture
def evening(coach: Tickets) -> TicketOrder:
    """Two orders of one trip, three tickets."""
    return together_at(coach, coach.order(count=2), coach.order(count=1))


def boss(coach: Tickets, limit: str = "9000.00", name: str = "boss") -> User:
    return again(person(coach.org["CQ"], name, (BATCH, ORDER_VIEW), limits={"refund": limit}))


def chosen() -> list[batches_by_hand.Session]:
    return sessions_of("coach", *SPAN)


def by_its_keeper(coach: Tickets, evening: TicketOrder) -> RefundBatch:
    return refund_cancelled(
        "session-cancelled-7", trade="coach", product="coach:1", starts_at=evening.starts_at, unit=coach.org["C11"],
        reason="场次取消：演员因病", title="甲 → 乙",
    )  # fmt: skip


def paid_once() -> None:
    """Every ticket is in one refund, and all batches have come to their end."""
    go_on()
    go_on()
    assert RefundRequest.objects.count() == 2
    assert RefundItem.objects.count() == len(set(RefundItem.objects.values_list("ticket", flat=True))) == 3
    assert sorted(OrderRefund.objects.values_list("amount", flat=True)) == [
        Decimal("39.90"),
        Decimal("79.80"),
    ]
    assert not RefundBatch.objects.filter(state__in=("running", "pending")).exists()


def both_at_once(
    coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch, limit: str = "9000.00"
) -> list[Any]:
    """By hand and by its keeper; both have looked before either writes, where nothing makes the second one wait."""
    who, sessions = boss(coach, limit), chosen()
    meet, real = meeting(2, timeout=0.5), batches._begin

    def making(*told: Any) -> Any:
        with suppress(BrokenBarrierError):  # whoever waits for the other one's lock does not come
            meet()
        return real(*told)

    monkeypatch.setattr(batches, "_begin", making)
    return together(
        lambda: begin(who, "by-hand-0000001", sessions, "大雾", sessions[0].due),
        lambda: by_its_keeper(coach, evening),
    )


@pytest.mark.parametrize("limit", ["9000.00", "1.00"])
def test_by_hand_and_by_its_keeper_at_one_moment(
    coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    # when
    by_hand, by_keeper = both_at_once(coach, evening, monkeypatch, limit)
    # then: one does it, whoever was first
    assert isinstance(by_keeper, RefundBatch)
    assert not isinstance(by_hand, DomainError) or by_hand.code.value == "CHANGED_MEANWHILE"
    paid_once()
    assert [one.state for one in RefundBatch.objects.order_by("pk")] in (["done"], ["refused", "done"])
    assert RefundBatch.objects.filter(handled=2).count() == 1


def test_without_the_batches_lock_there_would_be_two(
    coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    # given
    for module in (batches, batches_by_hand):
        monkeypatch.setattr(module, "advisory_lock", lambda *_told: None)
    monkeypatch.setattr(batches, "later", lambda _pk: None)
    # when
    both_at_once(coach, evening, monkeypatch)
    # then
    assert RefundBatch.objects.filter(state="running").count() == 2


def test_what_runs_by_hand_already_serves(
    coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(batches, "later", lambda _pk: None)
    [first] = begin(boss(coach), "by-hand-0000001", chosen(), "大雾", Decimal(9000))
    # when
    serves = by_its_keeper(coach, evening)
    # then
    paid_once()
    assert serves == RefundBatch.objects.get() == first


def test_what_waits_for_a_second_word_needs_none_any_more(coach: Tickets, evening: TicketOrder) -> None:
    # given
    second = boss(coach, name="second")
    [waits] = begin(boss(coach, "1.00"), "by-hand-0000001", chosen(), "大雾", Decimal(9000))
    assert waits.state == "pending"
    # when
    by_its_keeper(coach, evening)
    # then it says what does it instead, to who looks and to who decides at that moment
    paid_once()
    waits.refresh_from_db()
    does = RefundBatch.objects.exclude(pk=waits.pk).get()
    assert (waits.state, waits.why) == ("refused", f"场次已取消，由批次 {does.number} 全部退票，不用再复核")
    with pytest.raises(DomainError) as refusal:
        agree(second, waits.pk, yes=True)
    assert (str(refusal.value.message), str(refusal.value.hint)) == (
        "这批退票已经不用复核（不予办理）",
        waits.why,
    )


def test_by_hand_when_all_is_back_makes_no_batch(coach: Tickets, evening: TicketOrder) -> None:
    # given a page of a while ago
    who, sessions = boss(coach), chosen()
    by_its_keeper(coach, evening)
    paid_once()
    # when
    with pytest.raises(DomainError) as refusal:
        begin(who, "by-hand-0000001", sessions, "大雾", sessions[0].due)
    # then
    assert str(refusal.value.message) == f"{sessions[0].title} 已没有要退的票"
    assert RefundBatch.objects.count() == 1


def two_batches(coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch) -> list[RefundBatch]:
    """Of one session, as an earlier version could make them; nothing has run."""
    monkeypatch.setattr(batches, "later", lambda _pk: None)
    return [
        batches.refund_all(
            None, f"two-batches-{at}", trade="coach", product="coach:1", starts_at=evening.starts_at,
            unit=coach.org["CQ"], reason="大雾",
        )
        for at in range(2)
    ]  # fmt: skip


def run_at_once(two: list[RefundBatch], monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have the same orders in hand before either writes."""
    meet, real = meeting(2), batches._next

    def looking(batch: RefundBatch) -> Any:
        found = real(batch)
        meet()
        return found

    monkeypatch.setattr(batches, "_next", looking)
    together(*(lambda one=one: batches._run(one) for one in two))  # type: ignore[misc]


def test_two_batches_that_run_at_once_pay_once(
    coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # when
    run_at_once(two_batches(coach, evening, monkeypatch), monkeypatch)
    # then
    paid_once()
    assert sum(RefundBatch.objects.values_list("handled", flat=True)) == 2
    # and one that found nothing says so
    idle = batches.refund_all(
        None, "two-batches-3", trade="coach", product="coach:1", starts_at=evening.starts_at,
        unit=coach.org["CQ"], reason="大雾",
    )  # fmt: skip
    go_on()
    page = text_of(
        browser(boss(coach)).get(reverse("admin:o2o_ticketing_refundbatch_change", args=[idle.pk]))
    )
    assert "没有要退的票" in page
    # of which trip, in the words of those that are back
    assert (idle.title, f"内容 {evening.title}" in page) == (evening.title, True)


def test_without_the_orders_lock_they_would_pay_twice(
    coach: Tickets, evening: TicketOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    from plugins.ticketing.kernel.services import refunding

    # given
    two = two_batches(coach, evening, monkeypatch)
    meet = meeting(2)
    monkeypatch.setattr(refunding, "lock_rows", lambda rows: list(rows))
    monkeypatch.setattr(refunding, "_go_on", lambda _request, _order: None)
    monkeypatch.setattr(refunding, "move_locked", lambda *_told, **_more: meet())
    # when
    run_at_once(two, monkeypatch)
    # then
    assert RefundItem.objects.count() > len(set(RefundItem.objects.values_list("ticket", flat=True)))
