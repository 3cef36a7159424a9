"""A trip does not take place: nobody pays for it any more, and whoever does gets all of it back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from plugins.members.models import SmsMessage
from plugins.ticketing.kernel.choices import DeskKind, OrderState
from plugins.ticketing.kernel.models import MoneyBack, RefundRequest, TicketOrder
from plugins.ticketing.kernel.services import issuing, stopping
from plugins.ticketing.kernel.services.attention import call_people
from plugins.ticketing.kernel.services.holding import close
from plugins.ticketing.kernel.services.stopping import stop
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import LockTimeout
from tests.threads import together

from .till import Till

D = Decimal


def states(*orders: TicketOrder) -> list[str]:
    return [str(TicketOrder.objects.get(pk=one.pk).state) for one in orders]


def told() -> list[str]:
    return list(SmsMessage.objects.order_by("pk").values_list("template", flat=True))


def test_what_has_no_ticket_is_let_go_and_told_once(till: Till) -> None:
    # given: held, in an order that is not paid, paid and waiting for the morning, issued
    issued = till.buy()
    alone, ordered = till.hold("own", mobile="13800000001"), till.hold(mobile="13800000002")
    till.place(ordered)
    account = till.accounts["second"]
    account.opens, account.closes = (now() - timedelta(hours=3)).time(), (now() - timedelta(hours=2)).time()
    account.hours_queue = True
    account.save()
    waits = till.buy("second", mobile="13800000003")
    assert states(issued, alone, ordered, waits) == ["issued", "held", "held", "paid"]

    # when
    closed = [stop(TicketOrder.objects.all(), "车辆故障") for _time in range(2)]

    # then
    assert closed == [2, 0]
    assert states(issued, alone, ordered, waits) == ["issued", "closed", "closed", "issue_failed"]
    assert sorted(told()) == ["ticket_closed", "ticket_closed", "ticket_issue_failed"]
    refund = RefundRequest.objects.get()
    assert (refund.ticket_order_id, refund.due, refund.cause) == (waits.pk, D("50.00"), "issue_failed")
    assert till.suppliers["first"].released != []


def test_money_that_comes_all_the_same_goes_back_whole_and_nothing_is_held_again(till: Till) -> None:
    # given: another supplier would sell the same trip
    held = till.hold("first", "second", mobile="13800000001")
    order = till.place(held)
    stop(TicketOrder.objects.filter(pk=held.pk), "停班")
    assert states(held) == ["closed"]

    # when
    till.pay(order)

    # then
    assert states(held) == ["issue_failed"]
    assert [one.amount for one in MoneyBack.objects.all()] == [D("50.00")]
    assert (till.suppliers["first"].count("lock"), till.suppliers["second"].count("lock")) == (1, 0)


def test_without_the_mark_it_would_be_held_again(till: Till) -> None:
    # given: the control: the same, closed in another way
    held = till.hold("first", "second")
    order = till.place(held)
    close(held.pk, "超时", bound=True)

    # when
    till.pay(order)

    # then
    assert states(held) == ["issued"]


def test_stopped_and_paid_at_the_same_moment_nobody_waits_for_the_other(till: Till) -> None:
    # given: four orders of a trip, the money of each on its way
    orders = [till.hold() for _one in range(4)]
    placed = [till.place(one) for one in orders]
    numbers = [till.trade_of(one) for one in placed]
    provider = till.shop.provider
    rows = TicketOrder.objects.filter(pk__in=[one.pk for one in orders])

    # when: two stop the trip, four pay
    results = together(
        lambda: stop(rows, "停班"), lambda: stop(rows, "停班"),
        *(lambda number=number: confirm_paid(provider.fact(number)) for number in numbers),  # type: ignore[misc]
    )  # fmt: skip

    # then: no deadlock, and each ends with a ticket or with all of its money
    assert [one for one in results if isinstance(one, Exception)] == []
    ends = states(*orders)
    assert set(ends) <= {str(OrderState.ISSUED), str(OrderState.ISSUE_FAILED)}
    assert MoneyBack.objects.count() == ends.count("issue_failed")
    assert {one.amount for one in MoneyBack.objects.all()} <= {D("50.00")}


def test_what_waits_for_people_keeps_nobody_else_waiting(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: as many as one run takes wait for people, and one whose worker died stands behind them
    with monkeypatch.context() as patched:
        patched.setattr(issuing, "_send", lambda _pk: None)
        orders = [till.buy() for _at in range(3)]
    for one in orders[:2]:
        call_people(one, DeskKind.ISSUE, "占座失效，请决定")
    assert states(*orders) == ["paid"] * 3

    # when
    with frozen(now() + timedelta(minutes=1)):
        issuing.drive_waiting(limit=2)

    # then
    assert states(*orders) == ["paid", "paid", "issued"]


def test_a_stopped_trip_does_not_wait_for_people(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: people are to decide about a paid order
    with monkeypatch.context() as patched:
        patched.setattr(issuing, "_send", lambda _pk: None)
        order = till.buy()
    call_people(order, DeskKind.ISSUE, "占座失效，请决定")

    # when
    stop(TicketOrder.objects.all(), "停班")

    # then: the money goes back, and nobody has to decide any more
    assert states(order) == ["issue_failed"]
    assert [one.amount for one in MoneyBack.objects.all()] == [D("50.00")]
    assert not order.desk_tasks.filter(kind=DeskKind.ISSUE).exclude(state="done").exists()


def test_one_order_that_cannot_be_let_go_keeps_no_other_held(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: somebody is at the first one
    busy, other = till.hold("own"), till.hold("own")
    real = stopping.lock_order

    def lock(pk: int) -> TicketOrder | None:
        if pk == busy.pk:
            raise LockTimeout
        return real(pk)

    monkeypatch.setattr(stopping, "lock_order", lock)

    # when: whoever called comes again
    with pytest.raises(LockTimeout):
        stop(TicketOrder.objects.all(), "停班")

    # then
    assert states(busy, other) == ["held", "closed"]
