"""A network's gate says that somebody is on the bus whose ticket is on its way back, or gone (0146)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from plugins.ticketing.coach.suppliers.boarding import note_checked
from plugins.ticketing.kernel.models import DeskTask, RefundRequest, SupplierCall, Ticket, TicketOrder
from plugins.ticketing.kernel.ports import Refunded
from plugins.ticketing.kernel.services import refund_outcomes
from plugins.ticketing.kernel.services.change_paying import give_up
from plugins.ticketing.kernel.services.refund_outcomes import decide
from saleor_o2o.cashier.models import OrderRefund

from .changes import Desk
from .conftest import Tickets
from .test_changing import desk  # noqa: F401 - a fixture
from .test_refund_pages import browser, text_of
from .test_refunding import fresh, states

D = Decimal


def asked(coach: Tickets) -> tuple[TicketOrder, RefundRequest, Ticket, SupplierCall]:
    """A ticket that its clerk asked back; the network works on it."""
    coach.supplier.moods = ["working"]
    order = coach.order(count=1)
    request = coach.refund(order, by=coach.people["seller"])
    return order, request, coach.tickets(order)[0], SupplierCall.objects.get()


def gate(ticket: Ticket) -> list[bool]:
    """The network tells it, and once more."""
    return [note_checked("scripted", ticket.their_number) for _time in range(2)]


def tasks() -> list[tuple[str, str]]:
    return list(DeskTask.objects.order_by("pk").values_list("kind", "why"))


def test_refused_by_the_network_it_is_used_and_goes_back_no_more(coach: Tickets) -> None:
    # given
    order, request, ticket, call = asked(coach)

    # when
    told = gate(ticket)
    refund_outcomes.refused(call.pk, "CHECKED", "该票已检票")

    # then
    assert told == [True, False]
    assert (states(order), fresh(ticket).used) == (["used"], 1)
    assert (fresh(request).state, OrderRefund.objects.count(), tasks()) == ("refused", 0, [])


@pytest.mark.parametrize("pay", [False, True])
def test_taken_back_all_the_same_people_look_before_anybody_is_paid(coach: Tickets, pay: bool) -> None:
    # given
    order, request, ticket, call = asked(coach)
    gate(ticket)

    # when: the network says that it gave it back
    answer = Refunded(amounts={ticket.number: D("34.01")}, document="D1", policy="P1")
    refund_outcomes.said(call.pk, answer)

    # then: nothing is paid, people are called, the page says why
    why = f"供应商称 {ticket.number} 已检票，却又退了票，请核实旅客是否乘车"
    assert (fresh(request).state, fresh(request).why, OrderRefund.objects.count()) == ("audit", why, 0)
    assert tasks() == [("refund", why)]
    address = reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk])
    assert "供应商称已检票" in text_of(browser(coach.people["auditor"]).get(address))

    # when: he did not travel after all; or he did, and gets nothing
    dues = None if pay else {request.items.get().pk: D("0.00")}
    decide(coach.people["auditor"], request.pk, pay=True, note="核实", dues=dues)

    # then: the ticket is gone on both sides, and only who did not travel is paid
    assert (states(order), fresh(ticket).used, fresh(ticket).back) == (["refunded"], 0, 1)
    assert [one.amount for one in OrderRefund.objects.all()] == ([D("35.91")] if pay else [])
    assert [one[0] for one in tasks()] == ["refund"]


def test_the_word_comes_while_people_decide(coach: Tickets) -> None:
    # given: another amount than expected
    coach.supplier.moods = ["less"]
    order = coach.order(count=1)
    request = coach.refund(order, by=coach.people["seller"])
    [ticket] = coach.tickets(order)

    # when
    gate(ticket)

    # then: whoever decides reads it
    assert tasks() == [("refund", f"票 {ticket.number} 已检票上车，退票正待审核，请核实旅客是否乘车")]
    address = reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk])
    assert "供应商称已检票" in text_of(browser(coach.people["auditor"]).get(address))


def test_the_word_comes_after_the_money_went(coach: Tickets) -> None:
    # given
    order = coach.order(count=1)
    coach.refund(order)
    [ticket] = coach.tickets(order)
    assert states(order) == ["refunded"]

    # when
    told = gate(ticket)

    # then: once, and somebody has to talk to both
    assert told == [True, False]
    assert states(order) == ["refunded"]
    assert tasks() == [("other", f"票 {ticket.number} 已退票，却已检票上车，请与供应商和旅客核实")]


def test_who_was_on_the_bus_before_it_was_called_off_is_paid(coach: Tickets) -> None:
    # given: the station calls the bus off
    coach.supplier.moods = ["working"]
    order = coach.order(count=1)
    request = coach.refund(order, by=coach.people["seller"])
    RefundRequest.objects.filter(pk=request.pk).update(cause="session_cancelled")
    [ticket] = coach.tickets(order)
    gate(ticket)

    # when
    answer: Mapping[str, Any] = {ticket.number: D("34.01")}
    refund_outcomes.said(SupplierCall.objects.get().pk, Refunded(amounts=answer))

    # then
    assert (fresh(request).state, states(order), tasks()) == ("paying", ["refunded"], [])


def test_a_change_that_comes_to_nothing_leaves_him_on_his_bus(desk: Desk) -> None:  # noqa: F811
    # given: a dearer trip that is not paid yet
    order = desk.buy()
    change = desk.change(order, desk.target("62.50", cost="56.00"))
    ticket = order.tickets.get()
    Ticket.objects.filter(pk=ticket.pk).update(their_number="T1")
    assert states(order) == ["changing"]

    # when
    told = [note_checked("test-first", "T1") for _time in range(2)]
    give_up(change.pk)

    # then
    assert told == [True, False]
    assert (states(order), fresh(ticket).used) == (["used"], 1)


def test_a_change_that_the_network_made_all_the_same_calls_people(desk: Desk) -> None:  # noqa: F811
    # given
    order = desk.buy()
    change = desk.change(order, desk.target("62.50", cost="56.00"))
    ticket = order.tickets.get()
    Ticket.objects.filter(pk=ticket.pk).update(their_number="T1")
    note_checked("test-first", "T1")

    # when
    desk.pay(desk.place(change))

    # then
    assert states(order) == ["changed"]
    assert tasks() == [("other", f"票 {ticket.number} 已改签，却已检票上车，请与供应商和旅客核实")]
