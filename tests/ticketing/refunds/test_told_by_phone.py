"""A supplier that never answers about a refund says by telephone what it did: once, by who may, and it counts once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.access import DESK, ORDER_VIEW
from plugins.ticketing.kernel.models import DeskTask, RefundRequest, SupplierCall
from plugins.ticketing.kernel.ports import Refunded
from plugins.ticketing.kernel.services import refund_outcomes
from plugins.ticketing.kernel.services.refund_by_phone import told_by_phone
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import person
from tests.threads import kinds, together

from .changes import fresh
from .conftest import Tickets
from .test_refund_pages import browser, text_of

NOTE = "11:20 与省网值班员通话，已退"
D = Decimal


@pytest.fixture
def clerk(coach: Tickets) -> User:
    return person(coach.org["C11"], "phone", (ORDER_VIEW, DESK), limits={"refund": "2000.00"})


def stuck(coach: Tickets, count: int = 1) -> tuple[RefundRequest, SupplierCall, DeskTask]:
    """A refund of which its supplier has never said anything, after so many questions that people are called."""
    coach.supplier.moods = ["down"] * 40
    request = coach.refund(coach.order(), count)
    call = SupplierCall.objects.get(refund=request)
    SupplierCall.objects.filter(pk=call.pk).update(asked_again=refund_outcomes.SILENT - 1)
    with frozen(now() + timedelta(hours=2)):
        refund_outcomes.ask_again()
    request = fresh(request)
    assert request.state == "at_supplier"
    return request, call, DeskTask.objects.get(ticket_order=request.ticket_order, kind="unknown")


def amounts(request: RefundRequest) -> dict[int, Decimal | None]:
    return {one.pk: one.supplier_due for one in request.items.all()}


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as found:
        act()
    return str(found.value.code.value)


def test_it_was_done_and_a_late_answer_pays_nothing_more(coach: Tickets, clerk: User) -> None:
    # given
    request, call, task = stuck(coach)

    # when
    done = told_by_phone(clerk, task.pk, call.pk, amounts(request), NOTE)
    again = refusal(lambda: told_by_phone(clerk, task.pk, call.pk, amounts(request), NOTE))
    numbers = {one.ticket.number: one.supplier_due for one in request.items.all()}
    late = refund_outcomes.said(call.pk, Refunded(amounts=numbers))
    with frozen(now() + timedelta(hours=9)):
        refund_outcomes.ask_again()

    # then
    assert (done.state, again, late) == ("paying", "TASK_DONE", None)
    assert [one.amount for one in OrderRefund.objects.all()] == [request.due]
    call = fresh(call)
    task = fresh(task)
    assert (call.state, call.code, task.state, task.taken_by) == ("done", "BY_HAND", "done", clerk)
    assert not DeskTask.objects.exclude(state="done").exists()
    log = AuditEntry.objects.get(action="ticketing.refund_told")
    assert log.after["note"] == NOTE and log.after["call"] == call.number


def test_it_was_not_done_and_the_ticket_counts_again(coach: Tickets, clerk: User) -> None:
    # given
    request, call, task = stuck(coach)

    # when
    done = told_by_phone(clerk, task.pk, call.pk, dict.fromkeys(amounts(request)), "对方说没有收到，不能退")

    # then
    call = fresh(call)
    assert (done.state, call.state) == ("refused", "refused")
    assert coach.tickets(request.ticket_order)[0].state == "issued"
    assert not OrderRefund.objects.exists()

    # when: it says after all that it did
    refund_outcomes.said(call.pk, Refunded())

    # then: people look, nothing is paid
    assert DeskTask.objects.exclude(state="done").get().why == "供应商先拒绝、后又称已退，请核对"
    assert not OrderRefund.objects.exists()


def test_what_it_says_later_is_another_thing(coach: Tickets, clerk: User) -> None:
    # given
    request, call, task = stuck(coach)
    told_by_phone(clerk, task.pk, call.pk, amounts(request), NOTE)

    # when, then: it refuses
    refund_outcomes.refused(call.pk, "OTHER", "该票已检票")
    [left] = DeskTask.objects.exclude(state="done")
    assert (left.kind, left.why) == ("refund", "供应商电话称已退、后又拒绝，请核对")

    # when, then: it gives less
    refund_outcomes.said(call.pk, Refunded(amounts={"x": D("1.00")}))
    assert DeskTask.objects.get(pk=left.pk).why == "供应商实退金额与电话登记的不同，请核对"
    assert OrderRefund.objects.count() == 1


def test_another_amount_is_for_those_who_audit(coach: Tickets, clerk: User) -> None:
    request, call, task = stuck(coach)
    less = {pk: (amount or D(0)) - 1 for pk, amount in amounts(request).items()}
    assert told_by_phone(clerk, task.pk, call.pk, less, NOTE).state == "audit"
    assert not OrderRefund.objects.exists()


def test_one_of_two_went_back(coach: Tickets, clerk: User) -> None:
    request, call, task = stuck(coach, 2)
    first, second = request.items.order_by("pk")
    told = told_by_phone(clerk, task.pk, call.pk, {first.pk: first.supplier_due, second.pk: None}, NOTE)
    assert (told.state, told.due) == ("paying", first.due)
    assert [one.state for one in coach.tickets(request.ticket_order)] == ["refunded", "issued", "issued"]


def test_who_may_and_what_is_refused(coach: Tickets, clerk: User) -> None:
    # given
    request, call, task = stuck(coach)
    told = amounts(request)
    [item] = told
    far = person(coach.org["C12"], "far", (ORDER_VIEW, DESK), limits={"refund": "2000.00"})
    poor = person(coach.org["C11"], "poor", (ORDER_VIEW, DESK))

    # then
    with pytest.raises(OutOfScope):
        told_by_phone(far, task.pk, call.pk, told, NOTE)
    with pytest.raises((NotAllowed, OutOfScope)):
        told_by_phone(coach.people["auditor"], task.pk, call.pk, told, NOTE)
    assert refusal(lambda: told_by_phone(clerk, task.pk, call.pk, told, "无")) == "INVALID_INPUT"
    assert refusal(lambda: told_by_phone(clerk, task.pk, call.pk, {}, NOTE)) == "CHANGED_MEANWHILE"
    assert refusal(lambda: told_by_phone(clerk, task.pk, call.pk + 999, told, NOTE)) == "CHANGED_MEANWHILE"
    assert (
        refusal(lambda: told_by_phone(clerk, task.pk, call.pk, {item: D("9999")}, NOTE)) == "AMOUNT_INVALID"
    )
    assert refusal(lambda: told_by_phone(clerk, task.pk, call.pk, {item: D("-1")}, NOTE)) == "AMOUNT_INVALID"
    assert refusal(lambda: told_by_phone(poor, task.pk, call.pk, told, NOTE)) == "TASK_TAKEN"
    DeskTask.objects.update(taken_by=None, taken_until=None)
    assert refusal(lambda: told_by_phone(poor, task.pk, call.pk, told, NOTE)) == "LIMIT_EXCEEDED"
    DeskTask.objects.update(taken_by=None, taken_until=None)
    RefundRequest.objects.update(asked_by=clerk)
    assert refusal(lambda: told_by_phone(clerk, task.pk, call.pk, told, NOTE)) == "SAME_PERSON"
    request = fresh(request)
    call = fresh(call)
    assert (request.state, call.state, OrderRefund.objects.count()) == ("at_supplier", "unknown", 0)


def test_the_supplier_answers_at_the_same_moment(coach: Tickets, clerk: User) -> None:
    request, call, task = stuck(coach)
    told = amounts(request)
    numbers = {one.ticket.number: one.supplier_due for one in request.items.all()}
    found = together(
        lambda: told_by_phone(clerk, task.pk, call.pk, told, NOTE),
        lambda: refund_outcomes.said(call.pk, Refunded(amounts=numbers)),
    )
    request = fresh(request)
    assert (request.state, OrderRefund.objects.count()) == ("paying", 1)
    assert kinds(found) in (["NoneType", "RefundRequest"], ["RefundRequest", "TicketError"])


@pytest.mark.parametrize(
    ("state", "asked", "called"),
    [("unknown", 5, False), ("unknown", 6, True), ("working", 11, False), ("working", 12, True)],
)
def test_who_says_nothing_is_asked_by_people_sooner(
    state: str, asked: int, called: bool, coach: Tickets
) -> None:
    # given: so many questions with this one
    coach.supplier.moods = ["down"] * 40
    request = coach.refund(coach.order())
    SupplierCall.objects.filter(refund=request).update(state=state, asked_again=asked - 1)

    # when
    with frozen(now() + timedelta(hours=2)):
        refund_outcomes.ask_again()

    # then
    assert DeskTask.objects.filter(ticket_order=request.ticket_order, kind="unknown").exists() == called


def test_the_page(coach: Tickets, clerk: User) -> None:
    # given
    request, call, task = stuck(coach)
    [item] = request.items.all()
    client = browser(clerk)
    page = reverse("admin:o2o_ticketing_desktask_change", args=[task.pk])
    form = reverse("admin:o2o_ticketing_desktask_refund_told", args=[task.pk, call.pk])

    # when
    shown, asked = text_of(client.get(page)), client.get(form)
    bad = client.post(form, {f"taken_{item.pk}": "yes", f"back_{item.pk}": "", "note": NOTE})
    done = client.post(form, {f"taken_{item.pk}": "yes", f"back_{item.pk}": item.supplier_due, "note": NOTE})
    late = client.get(form)

    # then
    assert f"登记退票 {request.number} 的答复" in shown
    assert asked.status_code == 200 and item.ticket.number in text_of(asked)
    # with what is said on the telephone: which refund, our number of the call, theirs of the order
    assert task.why == f"退票 {request.number} 供应商一直没有结果"
    for words in (request.number, call.number, request.ticket_order.their_number, item.ticket.their_number):
        assert words and words in text_of(asked)
    assert bad.status_code == 200 and "请填写供应商退的金额" in text_of(bad)
    assert (done.status_code, late.status_code) == (302, 302)
    request = fresh(request)
    assert request.state == "paying"
