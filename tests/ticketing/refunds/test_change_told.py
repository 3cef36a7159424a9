"""A supplier that never answers about a change says by telephone what it did: once, by who may, and it counts once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.access import DESK, ORDER_VIEW
from plugins.ticketing.kernel.choices import CallKind, CallState
from plugins.ticketing.kernel.models import ChangeRequest, DeskTask, MoneyBack, SupplierCall
from plugins.ticketing.kernel.ports import Issued
from plugins.ticketing.kernel.services import change_following
from plugins.ticketing.kernel.services.calls import Answer
from plugins.ticketing.kernel.services.change_asking import record
from plugins.ticketing.kernel.services.change_by_phone import changed_by_phone
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from tests.orgs import person
from tests.threads import kinds, together

from .changes import Desk, fresh, states, tickets_of
from .test_changing import desk  # noqa: F401 - fixture
from .test_refund_pages import browser, text_of

NOTE = "11:20 与省网值班员通话，已改"
D = Decimal
PICK = {"number": "Q9", "password": "2222"}


@pytest.fixture
def clerk(desk: Desk) -> User:  # noqa: F811
    return person(desk.till.shop.org["B111"], "phone", (ORDER_VIEW, DESK), limits={"refund": "2000.00"})


def stuck(desk: Desk, price: str = "50.00") -> tuple[ChangeRequest, SupplierCall, DeskTask]:  # noqa: F811
    """A change of which its supplier has never said anything, after so many questions that people are called."""
    order = desk.buy()
    desk.supplier.will("change", "lost")
    desk.supplier.deaf = True
    change = desk.change(order, desk.target(price))
    call = SupplierCall.objects.get(kind=CallKind.CHANGE)
    SupplierCall.objects.update(asked_again=6)
    with frozen(now() + timedelta(hours=2)):
        change_following.follow()
    change = fresh(change)
    assert change.state == "at_supplier"
    return change, call, DeskTask.objects.get(ticket_order=order, kind="unknown")


def numbers(change: ChangeRequest) -> dict[int, str]:
    return {one.new_id: f"T{one.new_id}" for one in change.items.all()}


def told_by_it(change: ChangeRequest, prefix: str = "T") -> Answer:
    told = {one.new.number: f"{prefix}{one.new_id}" for one in change.items.all()}
    return Answer(CallState.DONE, Issued(tickets=told))


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as found:
        act()
    return str(found.value.code.value)


def open_tasks() -> list[str]:
    return list(DeskTask.objects.exclude(state="done").values_list("why", flat=True))


def test_it_was_changed_and_a_late_answer_changes_nothing_more(desk: Desk, clerk: User) -> None:  # noqa: F811
    # given: to a cheaper bus, of which something goes back
    change, call, task = stuck(desk, "40.00")
    assert change.back > 0

    # when
    done = changed_by_phone(clerk, task.pk, call.pk, numbers(change), NOTE, pick=PICK)
    again = refusal(lambda: changed_by_phone(clerk, task.pk, call.pk, numbers(change), NOTE))
    record(fresh(call), told_by_it(change))
    with frozen(now() + timedelta(hours=9)):
        change_following.follow()

    # then
    assert (done.state, again) == ("done", "TASK_DONE")
    assert states(change.ticket_order) == ["changed"]
    [new] = tickets_of(done.target)
    assert (new.state, new.their_number) == ("issued", f"T{new.pk}")
    assert '"Q9"' in done.target.pick_code
    assert [one.amount for one in MoneyBack.objects.all()] == [change.back]
    call, task = fresh(call), fresh(task)
    assert (call.state, call.code, call.words) == ("done", "BY_HAND", NOTE)
    assert (task.state, task.taken_by, open_tasks()) == ("done", clerk, [])
    log = AuditEntry.objects.get(action="ticketing.change_told")
    assert (log.after["note"], log.after["call"]) == (NOTE, call.number)


def test_it_was_not_changed_and_the_old_ticket_counts_again(desk: Desk, clerk: User) -> None:  # noqa: F811
    # given
    change, call, task = stuck(desk)

    # when
    done = changed_by_phone(clerk, task.pk, call.pk, None, "对方说没有收到，不能改")

    # then: the buyer is told no more than that; what was said stands with the call
    assert (done.state, done.why) == ("refused", "供应商未改签：电话核实没有改成")
    assert states(change.ticket_order) == ["issued"]
    assert (fresh(call).words, open_tasks()) == ("对方说没有收到，不能改", [])

    # when: it says after all that it did
    record(fresh(call), told_by_it(change))

    # then: people look, nothing is changed
    assert open_tasks() == ["供应商先称未改签、后又改成，请核对"]
    assert states(change.ticket_order) == ["issued"]


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("X", "供应商给的新票号与电话登记的不同，请核对"), ("", "供应商电话称已改签、后又称未改签，请核对")],
)
def test_what_it_says_later_is_another_thing(desk: Desk, clerk: User, prefix: str, words: str) -> None:  # noqa: F811
    change, call, task = stuck(desk)
    changed_by_phone(clerk, task.pk, call.pk, numbers(change), NOTE)
    record(
        fresh(call),
        told_by_it(change, prefix) if prefix else Answer(CallState.REFUSED, None, "OTHER", "不能改"),
    )
    assert open_tasks() == [words]
    assert fresh(change).state == "done"


def test_who_may_and_what_is_refused(desk: Desk, clerk: User) -> None:  # noqa: F811
    # given
    change, call, task = stuck(desk, "40.00")
    told = numbers(change)
    far = person(desk.till.shop.org["B121"], "far", (ORDER_VIEW, DESK), limits={"refund": "2000.00"})
    poor = person(desk.till.shop.org["B111"], "poor", (ORDER_VIEW, DESK))
    nosy = person(desk.till.shop.org["B111"], "nosy", (ORDER_VIEW,))

    # then
    for who in (far, nosy):
        with pytest.raises((NotAllowed, OutOfScope)):
            changed_by_phone(who, task.pk, call.pk, told, NOTE)
    assert refusal(lambda: changed_by_phone(clerk, task.pk, call.pk, told, "无")) == "INVALID_INPUT"
    assert refusal(lambda: changed_by_phone(clerk, task.pk, call.pk, {}, NOTE)) == "INVALID_INPUT"
    assert refusal(lambda: changed_by_phone(clerk, task.pk, call.pk + 999, told, NOTE)) == "CHANGED_MEANWHILE"
    assert refusal(lambda: changed_by_phone(poor, task.pk, call.pk, told, NOTE)) == "TASK_TAKEN"
    DeskTask.objects.update(taken_by=None, taken_until=None)
    assert refusal(lambda: changed_by_phone(poor, task.pk, call.pk, told, NOTE)) == "LIMIT_EXCEEDED"
    DeskTask.objects.update(taken_by=None, taken_until=None)
    ChangeRequest.objects.update(asked_by=clerk)
    assert refusal(lambda: changed_by_phone(clerk, task.pk, call.pk, told, NOTE)) == "SAME_PERSON"
    assert (fresh(change).state, fresh(call).state, MoneyBack.objects.count()) == (
        "at_supplier",
        "unknown",
        0,
    )


def test_the_supplier_answers_at_the_same_moment(desk: Desk, clerk: User) -> None:  # noqa: F811
    change, call, task = stuck(desk, "40.00")
    found = together(
        lambda: changed_by_phone(clerk, task.pk, call.pk, numbers(change), NOTE),
        lambda: record(call, told_by_it(change)),
    )
    assert (fresh(change).state, MoneyBack.objects.count()) == ("done", 1)
    assert kinds(found) in (["ChangeRequest", "NoneType"], ["NoneType", "TicketError"])


def test_the_page(desk: Desk, clerk: User) -> None:  # noqa: F811
    # given
    change, call, task = stuck(desk)
    [item] = change.items.all()
    client = browser(clerk)
    page = reverse("admin:o2o_ticketing_desktask_change", args=[task.pk])
    form = reverse("admin:o2o_ticketing_desktask_change_told", args=[task.pk, call.pk])
    field = f"ticket_{item.new_id}"

    # when
    shown, asked = text_of(client.get(page)), client.get(form)
    bad = client.post(form, {"changed": "yes", field: "", "note": NOTE})
    done = client.post(form, {"changed": "yes", field: "N1", "code": "Q9", "password": "", "note": NOTE})
    late = client.get(form)

    # then
    assert f"登记改签 {change.number} 的答复" in shown
    assert asked.status_code == 200 and item.new.number in text_of(asked)
    # with what is said on the telephone: which change, our number of the call, theirs of the order, and the new trip
    assert task.why == f"改签 {change.number} 供应商一直没有结果"
    for words in (change.number, call.number, change.ticket_order.their_number, change.target.title):  # type: ignore[union-attr]
        assert words and words in text_of(asked)
    assert bad.status_code == 200 and "请填写新票的票号" in text_of(bad)
    assert (done.status_code, late.status_code) == (302, 302)
    assert fresh(change).state == "done"
    assert fresh(item.new).their_number == "N1"
