"""Whole sessions given back by hand: seen first, over a limit by two people; money that a counter pays out."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from threading import BrokenBarrierError
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.access import BATCH, ORDER_VIEW
from plugins.ticketing.kernel.models import MoneyBack, RefundBatch, RefundRequest, TicketOrder
from plugins.ticketing.kernel.services import batches_by_hand, giving_back
from plugins.ticketing.kernel.services.batches import go_on
from plugins.ticketing.kernel.services.batches_by_hand import agree, begin, sessions_of
from plugins.ticketing.kernel.services.giving_back import pay_out
from plugins.ticketing.kernel.todo import batches as waiting
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed
from tests.orgs import again, person
from tests.threads import meeting, together

from .conftest import Tickets
from .test_batches import together_at
from .test_refund_pages import browser, text_of

D = Decimal
SPAN = (today(), today() + timedelta(days=4))


@pytest.fixture
def keeper(coach: Tickets) -> User:
    """Of the city's ticketing; may give back a hundred yuan by herself."""
    return again(person(coach.org["CQ"], "keeper", (BATCH, ORDER_VIEW), limits={"refund": "100.00"}))


@pytest.fixture
def boss(coach: Tickets) -> User:
    return again(person(coach.org["CQ"], "boss", (BATCH, ORDER_VIEW), limits={"refund": "2000.00"}))


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def test_two_who_begin_one_session_at_once_make_one_batch(
    coach: Tickets, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: both have looked before either writes, where nothing makes the second one wait
    coach.order()
    [session] = sessions_of("coach", *SPAN)
    meet, real = meeting(2, timeout=0.5), batches_by_hand._begun

    def begun(*told: Any) -> Any:
        found = real(*told)
        with suppress(BrokenBarrierError):  # whoever waits for the other one's lock does not come
            meet()
        return found

    monkeypatch.setattr(batches_by_hand, "_begun", begun)

    # when
    done = together(
        *(
            lambda key=key: begin(boss, key, [session], "大雾停班", session.due)  # type: ignore[misc]
            for key in ("by-hand-0000011", "by-hand-0000012")
        )
    )

    # then
    refused = [one for one in done if isinstance(one, DomainError)]
    assert [str(one.code.value) for one in refused] == ["CHANGED_MEANWHILE"]
    assert RefundBatch.objects.count() == 1


def test_seen_chosen_and_agreed_to_by_somebody_else(coach: Tickets, keeper: User, boss: User) -> None:
    # given: two orders of a shift, one ticket of which is back; another shift beside it
    orders = [coach.order(count=2) for _at in range(2)]
    together_at(coach, *orders)
    coach.refund(orders[0])
    coach.order(hours=48)
    client, address = browser(keeper), reverse("admin:o2o_ticketing_refundbatch_new")
    told = {"trade": "coach", "first": str(SPAN[0]), "last": str(SPAN[1]), "key": "by-hand-0000001"}
    # when she looks
    seen = client.post(address, {**told, "look": "1"})
    # then
    first = sessions_of("coach", *SPAN)[0]
    assert (first.orders, first.tickets, first.due, first.waiting) == (2, 3, D("119.70"), 0)
    assert "¥119.70" in text_of(seen) and not RefundBatch.objects.exists()
    # when she chooses, sees the sum, and goes on
    told |= {"sessions": [first.name], "reason": "大雾停班"}
    counted = client.post(address, {**told, "do": "1"})
    assert (counted.status_code, RefundBatch.objects.count()) == (200, 0)  # not before the sum was shown
    shown = counted.context_data["form"]["shown"].value()
    assert (shown, "2 单、3 张票" in text_of(counted)) == ("119.70", True)
    assert client.post(address, {**told, "shown": shown, "do": "1"}).status_code == 302
    # then it waits: nothing goes back yet
    batch = RefundBatch.objects.get()
    go_on()
    assert (batch.state, batch.due, RefundRequest.objects.filter(batch=batch).count()) == (
        "pending",
        D("119.70"),
        0,
    )
    assert ([one.title for one in waiting(boss)], waiting(keeper)) == ([f"复核批量退票：{batch.title}"], [])
    with pytest.raises(DomainError) as refusal:
        agree(keeper, batch.pk, yes=True)
    assert code_of(refusal) == "SAME_PERSON"
    # when the other agrees
    browser(boss).post(reverse("admin:o2o_ticketing_refundbatch_agree", args=[batch.pk]), {"do": "1"})
    go_on()
    # then
    batch = RefundBatch.objects.get()
    assert (batch.state, batch.handled, batch.decided_by) == ("done", 2, boss)
    assert sum(RefundRequest.objects.filter(batch=batch).values_list("due", flat=True)) == D("119.70")


def test_within_the_limit_at_once_and_only_for_the_whole_city(coach: Tickets, keeper: User) -> None:
    # given
    coach.order(count=2)
    chosen = sessions_of("coach", *SPAN, "万州")
    assert sessions_of("coach", *SPAN, "没有这条线") == []
    clerk = again(person(coach.org["B111"], "branch", (BATCH, ORDER_VIEW), limits={"refund": "2000.00"}))
    with pytest.raises(NotAllowed):
        begin(clerk, "by-hand-0000002", chosen, "大雾停班", D(1000))
    with pytest.raises(DomainError) as refusal:
        begin(keeper, "by-hand-0000002", chosen, "大雾停班", D("79.79"))
    assert code_of(refusal) == "QUOTE_CHANGED"
    # when
    [batch] = begin(keeper, "by-hand-0000002", chosen, "大雾停班", D("79.80"))
    [same] = begin(keeper, "by-hand-0000002", chosen, "大雾停班", D("79.80"))
    go_on()
    # then
    assert (same.pk, RefundBatch.objects.get().state) == (batch.pk, "done")
    assert RefundRequest.objects.get().due == D("79.80")


def test_refused_with_a_reason_gives_nothing_back(coach: Tickets, keeper: User, boss: User) -> None:
    # given
    coach.order(count=3)
    [batch] = begin(keeper, "by-hand-0000003", sessions_of("coach", *SPAN), "大雾停班", D(200))
    # when
    with pytest.raises(DomainError):
        agree(boss, batch.pk, yes=False)
    agree(boss, batch.pk, yes=False, why="车照开")
    go_on()
    # then
    assert (RefundBatch.objects.get().state, RefundRequest.objects.count()) == ("refused", 0)
    assert [one.state for one in coach.tickets(TicketOrder.objects.get())] == ["issued"] * 3


def test_what_was_sold_while_it_waited_counts_for_the_limit(coach: Tickets, keeper: User, boss: User) -> None:
    # given: three tickets wait for somebody whose limit they are within, and as many are sold meanwhile
    orders = [coach.order(count=3)]
    second = again(person(coach.org["CQ"], "second", (BATCH, ORDER_VIEW), limits={"refund": "150.00"}))
    [batch] = begin(keeper, "by-hand-0000004", sessions_of("coach", *SPAN), "大雾停班", D(200))
    orders.append(coach.order(count=3))
    together_at(coach, *orders)

    # when
    with pytest.raises(DomainError) as refusal:
        agree(second, batch.pk, yes=True)

    # then
    assert code_of(refusal) == "LIMIT_EXCEEDED"
    go_on()
    assert (RefundBatch.objects.get().state, RefundRequest.objects.count()) == ("pending", 0)

    # when somebody who may agrees
    with CaptureQueriesContext(connection) as captured:
        agree(boss, batch.pk, yes=True)

    # then what all six cost stands there, and no orders were counted
    assert RefundBatch.objects.get().due == D("239.40")
    counted = [one["sql"] for one in captured if one["sql"].startswith("SELECT COUNT(*)")]
    assert [sql for sql in counted if "ticketing_ticketorder" in sql] == []


@pytest.mark.parametrize("at_counter", [True, False])
def test_a_clerk_pays_out_what_the_cashier_does_not_have(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch, at_counter: bool
) -> None:
    # given: money that was taken elsewhere
    asked: list[tuple[Any, ...]] = []

    class Till:
        def give_back(self, by: Any, order: int, amount: Decimal, **told: Any) -> None:
            asked.append((by.first_name, amount, told["key"], told["slip"]))

    monkeypatch.setattr(giving_back, "paymaster_of", lambda _order: (Till(), None) if at_counter else None)
    refund = coach.refund(coach.order())
    MoneyBack.objects.update(state="counter")
    money = MoneyBack.objects.get()
    seller = again(coach.people["seller"])
    # when nobody wrote how it was given back elsewhere
    if not at_counter:
        with pytest.raises(DomainError) as refusal:
            pay_out(seller, money.pk)
        assert (code_of(refusal), MoneyBack.objects.get().state) == ("PAY_ELSEWHERE", "counter")
    # when
    for _ in range(2):
        pay_out(seller, money.pk, slip="S1", note="" if at_counter else "银行转账 0012")
    # then it is paid once, and the refund is over
    assert asked == ([("seller", D("35.91"), money.key, "S1")] if at_counter else [])
    assert (MoneyBack.objects.get().state, RefundRequest.objects.get(pk=refund.pk).state) == (
        "arrived",
        "done",
    )
