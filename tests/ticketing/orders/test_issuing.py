"""From the money to the ticket: once, whatever is refused, silent, late or dies in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugins.ticketing.kernel.choices import CallState, DeskKind, OrderState, TicketState
from plugins.ticketing.kernel.models import DeskTask, MoneyBack, RefundRequest, SupplierCall
from plugins.ticketing.kernel.ports import Issued
from plugins.ticketing.kernel.services import facts, issuing
from plugins.ticketing.kernel.services.calls import sweep
from plugins.ticketing.kernel.services.expiring import expire_due
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.states import history
from saleor_o2o.ordering.selectors import profile_of

from .till import Till
from .trips import D


def test_a_paid_order_is_issued(till: Till) -> None:
    order = till.buy(people=2)
    assert order.state == OrderState.ISSUED
    assert [(one.state, one.their_number) for one in order.tickets.all()] == [
        ("issued", "EA1-0"),
        ("issued", "EA1-1"),
    ]
    assert order.pick_code == '{"number": "QP1", "password": "8421"}'
    assert [one.transition for one in history(order)] == ["hold", "pay", "issue", "finish"]
    assert till.trade.came == [order.number]
    # the goods are handed over
    assert order.order is not None
    assert [one.quantity_fulfilled for one in order.order.lines.all()] == [2]
    profile = profile_of(order.order.pk)
    assert profile is not None and profile.state in ("received", "completed", "shipped")


def test_our_own_inventory_issues_at_once(till: Till) -> None:
    order = till.buy("own")
    assert (order.state, order.tickets.get().their_number) == (OrderState.ISSUED, "EL1-0")
    assert not SupplierCall.objects.exists()


def test_the_news_of_the_money_twice(till: Till) -> None:
    order = till.buy()
    assert issuing.order_paid(order.order_id) == 0
    issuing.drive(order.pk)
    assert till.suppliers["first"].count("issue") == 1


def test_a_supplier_that_works_on_it_tells_later_and_twice(till: Till) -> None:
    first = till.suppliers["first"]
    first.will("issue", "working")
    order = till.buy()
    call = order.calls.get(kind="issue")
    assert (order.state, call.state) == (OrderState.ISSUING, CallState.WORKING)
    # when it tells so a day later, and again
    with frozen(now() + timedelta(days=1)):
        for _again in range(2):
            facts.issued("first", call.number, first.issues[call.number])
    assert till.fresh(order).state == OrderState.ISSUED
    assert first.count("issue") == 1 and order.tickets.get().fee_lines.count() == 3


def test_a_lost_answer_is_looked_up_and_never_issued_twice(till: Till) -> None:
    first = till.suppliers["first"]
    first.will("issue", "lost")
    first.deaf = True
    order = till.buy()
    assert (order.state, order.calls.get(kind="issue").state) == (OrderState.ISSUING, CallState.UNKNOWN)
    first.deaf = False
    with frozen(now() + timedelta(minutes=5)):
        sweep()
    assert till.fresh(order).state == OrderState.ISSUED
    assert first.count("issue") == 1


def test_a_request_that_never_arrived_is_sent_anew_under_another_number(till: Till) -> None:
    first = till.suppliers["first"]
    first.will("issue", "silent")
    order = till.buy()
    # at first it may still be on its way
    assert order.state == OrderState.ISSUING and first.count("issue") == 1
    with frozen(now() + timedelta(minutes=5)):
        sweep()
    assert till.fresh(order).state == OrderState.ISSUED
    own = [number for kind, number in first.asked if kind == "issue"]
    assert len(set(own)) == 2


def test_a_refusal_goes_to_the_next_supplier_at_the_same_price(till: Till) -> None:
    till.suppliers["first"].will("issue", "OTHER")
    order = till.buy("first", "second")
    assert (order.state, order.supplier.code) == (OrderState.ISSUED, "second")
    # what the first one held is given back
    assert len(till.suppliers["first"].released) == 1


def test_a_lost_hold_is_held_again(till: Till) -> None:
    held = till.hold()
    order = till.place(held)
    till.suppliers["first"].lose()
    till.pay(order)
    found = till.fresh(held)
    assert (found.state, till.suppliers["first"].count("lock")) == (OrderState.ISSUED, 2)


def test_a_little_dearer_is_ours_to_bear(till: Till) -> None:
    held = till.hold()
    order = till.place(held)
    till.suppliers["first"].lose()
    till.suppliers["first"].prices = {"full": D("49.00")}
    till.pay(order)
    found = till.fresh(held)
    assert (found.state, found.tickets.get().cost) == (OrderState.ISSUED, D("49.00"))


def test_much_dearer_is_for_people_to_decide(till: Till) -> None:
    held = till.hold()
    order = till.place(held)
    till.suppliers["first"].lose()
    till.suppliers["first"].prices = {"full": D("60.00")}
    till.pay(order)
    assert till.fresh(held).state == OrderState.PAID
    [task] = DeskTask.objects.filter(ticket_order=held)
    assert (task.kind, task.state) == (DeskKind.ISSUE, "waiting")
    # and the job leaves it to them
    with frozen(now() + timedelta(minutes=5)):
        issuing.drive_waiting()
    assert till.fresh(held).state == OrderState.PAID and not MoneyBack.objects.exists()


def test_nobody_issues_it_so_all_of_the_money_goes_back(till: Till) -> None:
    held = till.hold(people=2)
    order = till.place(held)
    till.suppliers["first"].lose()
    till.suppliers["first"].seats = 0
    till.pay(order)
    found = till.fresh(held)
    assert found.state == OrderState.ISSUE_FAILED
    assert {one.state for one in found.tickets.all()} == {TicketState.VOID}
    refund = RefundRequest.objects.get(ticket_order=held)
    assert (refund.cause, refund.due, refund.state) == ("issue_failed", D("100.00"), "paying")
    assert [(one.key, one.amount) for one in OrderRefund.objects.all()] == [(refund.number, D("100.00"))]
    assert {(one.fee, one.due) for one in refund.items.all()} == {(D("0.00"), D("50.00"))}


def test_money_that_comes_after_the_seat_was_given_up(till: Till) -> None:
    # given an order that is paid in the last second, and the news comes late
    held = till.hold("own")
    order = till.place(held)
    number = till.trade_of(order)
    with frozen(held.held_until + timedelta(minutes=3)):
        # the seat is free by then
        assert expire_due() == 1
        assert till.fresh(held).state == OrderState.CLOSED
        confirm_paid(till.shop.provider.fact(number))
    # then it is held again and issued
    assert till.fresh(held).state == OrderState.ISSUED
    assert till.suppliers["own"].seats == 999


def test_money_that_comes_when_the_seat_is_somebody_elses(till: Till) -> None:
    held = till.hold("own")
    order = till.place(held)
    number = till.trade_of(order)
    with frozen(held.held_until + timedelta(minutes=3)):
        expire_due()
        till.suppliers["own"].seats = 0
        confirm_paid(till.shop.provider.fact(number))
    assert till.fresh(held).state == OrderState.ISSUE_FAILED
    assert [one.amount for one in OrderRefund.objects.all()] == [D("50.00")]


def test_an_order_that_was_paid_is_not_expired(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    held = till.hold()
    order = till.place(held)
    number = till.trade_of(order)
    # given news of the money that nobody has told ticketing yet
    monkeypatch.setattr(issuing, "order_paid", lambda _order_id: 0)
    confirm_paid(till.shop.provider.fact(number))
    with frozen(held.held_until + timedelta(hours=1)):
        assert expire_due() == 0
    assert till.fresh(held).state == OrderState.HELD


def test_outside_its_hours_a_supplier_waits_for_the_morning(till: Till) -> None:
    account = till.accounts["first"]
    account.opens, account.closes, account.hours_queue = (
        (now() - timedelta(hours=3)).time(), (now() - timedelta(hours=2)).time(), True,
    )  # fmt: skip
    account.save()
    order = till.buy()
    assert order.state == OrderState.PAID and till.suppliers["first"].count("issue") == 0
    assert DeskTask.objects.get(ticket_order=order).kind == DeskKind.HOURS
    # when it opens
    till.suppliers["first"].minutes = 60
    with frozen(now() + timedelta(hours=21, minutes=30)):
        issuing.drive_waiting()
    assert till.fresh(order).state == OrderState.ISSUED
    assert DeskTask.objects.get(ticket_order=order).state == "done"


@pytest.mark.parametrize("where", ["before_call", "after_call"])
def test_a_worker_that_dies_between_two_steps(
    till: Till, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = till.hold()
    order = till.place(held)
    first = till.suppliers["first"]

    class Died(BaseException):
        pass

    def die(*_told: Any) -> Any:
        raise Died

    with monkeypatch.context() as patched:
        if where == "before_call":
            patched.setattr(issuing, "ask", die)
        else:
            patched.setattr(issuing, "record_issue", die)
        with pytest.raises(Died):
            till.pay(order)
    assert till.fresh(held).state == OrderState.ISSUING
    with frozen(now() + timedelta(minutes=5)):
        sweep()
        issuing.drive_waiting()
    assert till.fresh(held).state == OrderState.ISSUED
    assert first.count("issue") == 1


def test_an_order_refunded_before_it_was_issued_is_not_issued(till: Till) -> None:
    # given an order that waits for the morning
    account = till.accounts["first"]
    account.opens, account.closes, account.hours_queue = (
        (now() - timedelta(hours=3)).time(), (now() - timedelta(hours=2)).time(), True,
    )  # fmt: skip
    account.save()
    order = till.buy()
    assert order.order is not None
    from saleor.order.actions import cancel_order

    cancel_order(order.order, None)
    found = till.fresh(order)
    assert found.state == OrderState.ISSUE_FAILED and not RefundRequest.objects.exists()
    assert till.suppliers["first"].count("issue") == 0


def test_a_refusal_that_turns_out_wrong_calls_people(till: Till) -> None:
    first = till.suppliers["first"]
    first.will("issue", "OTHER")
    order = till.buy("first", "second")
    call = order.calls.get(kind="issue", supplier__code="first")
    facts.issued("first", call.number, Issued(their_number="A1", tickets={}))
    assert DeskTask.objects.filter(ticket_order=order, kind=DeskKind.UNKNOWN).exists()


def test_what_a_supplier_works_on_and_does_not_find_is_never_issued_twice(till: Till) -> None:
    # given: it said that it works on it; its books do not show it (yet)
    first = till.suppliers["first"]
    first.will("issue", "working")
    order = till.buy()
    call = order.calls.get(kind="issue")
    done = first.issues.pop(call.number)

    # when
    with frozen(now() + timedelta(minutes=10)):
        sweep()
    assert (till.fresh(order).state, first.count("issue")) == (OrderState.ISSUING, 1)

    # then: once it tells, it is issued
    facts.issued("first", call.number, done)
    assert (till.fresh(order).state, first.count("issue")) == (OrderState.ISSUED, 1)


def test_a_ticket_that_the_supplier_left_without_a_number_is_looked_at(till: Till) -> None:
    # given: it works on three tickets, and tells the numbers of two
    first = till.suppliers["first"]
    first.will("issue", "working")
    order = till.buy(people=3)
    call = order.calls.get(kind="issue")
    done = first.issues[call.number]
    *told, missing = sorted(done.tickets)

    # when
    numbers = {number: done.tickets[number] for number in told}
    facts.issued("first", call.number, Issued(tickets=numbers, their_number=done.their_number))

    # then: it is issued, and people ask for the third
    assert till.fresh(order).state == OrderState.ISSUED
    task = DeskTask.objects.get()
    assert (task.kind, task.why) == (DeskKind.UNKNOWN, f"供应商没有给出 {missing} 的票号，请核对是否出票")
