"""The issue desk: one person at a time, what he says is done, and never two tickets for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.access import DESK, ORDER_VIEW, SELL, SUPPLIER_EDIT, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import CallState, DeskKind, OrderState
from plugins.ticketing.kernel.models import DeskTask, RefundRequest, SupplierAccount, TicketOrder
from plugins.ticketing.kernel.services import desk
from plugins.ticketing.kernel.services.calls import sweep
from plugins.ticketing.kernel.todo import desk as waiting
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope
from tests.orgs import person as staff
from tests.threads import kinds, together

from .till import Till
from .trips import D


@pytest.fixture
def clerk(till: Till) -> User:
    return staff(till.shop.org["B111"], "desk", (ORDER_VIEW, DESK))


@pytest.fixture
def mate(till: Till) -> User:
    return staff(till.shop.org["C11"], "mate", (ORDER_VIEW, DESK))


def dearer(till: Till, *suppliers: str) -> tuple[TicketOrder, DeskTask]:
    """A paid order whose hold was lost, and that nobody has at the old price."""
    held = till.hold(*(suppliers or ("first",)))
    order = till.place(held)
    till.suppliers["first"].lose()
    for name in suppliers or ("first",):
        till.suppliers[name].prices = {"full": D("70.00")}
    till.pay(order)
    return till.fresh(held), DeskTask.objects.get(ticket_order=held)


def silent(till: Till) -> tuple[TicketOrder, DeskTask]:
    """A paid order of which nobody knows whether it was issued, after many questions."""
    first = till.suppliers["first"]
    first.will("issue", "lost")
    first.deaf = True
    order = till.buy()
    for minutes in (3, 10, 30, 90, 200, 400, 800):
        with frozen(now() + timedelta(minutes=minutes)):
            sweep()
    return till.fresh(order), DeskTask.objects.get(ticket_order=order)


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def test_a_task_is_one_persons_for_a_while(till: Till, clerk: User, mate: User) -> None:
    _order, task = dearer(till)
    assert [one.title for one in waiting(clerk)] == ["人工出票：甲县—乙县 08:00"]
    desk.take(clerk, task.pk)
    assert waiting(mate) == []
    with pytest.raises(DomainError) as refusal:
        desk.take(mate, task.pk)
    assert code_of(refusal) == "TASK_TAKEN"
    # after a while somebody else may
    with frozen(now() + timedelta(minutes=11)):
        assert desk.take(mate, task.pk).taken_by == mate
        with pytest.raises(DomainError) as refusal:
            desk.give_up(clerk, task.pk, "没有票了")
    assert code_of(refusal) == "TASK_TAKEN"


def test_two_people_take_it_at_once(till: Till, clerk: User, mate: User) -> None:
    _order, task = dearer(till)
    found = together(lambda: desk.take(clerk, task.pk), lambda: desk.take(mate, task.pk))
    assert kinds(found) == ["DeskTask", "TicketError"]


def test_out_of_reach_is_not_there(till: Till) -> None:
    _order, task = dearer(till)
    stranger = staff(till.shop.org["B121"], "far", (ORDER_VIEW, DESK))
    with pytest.raises(OutOfScope):
        desk.take(stranger, task.pk)
    assert waiting(stranger) == []


def test_numbers_typed_by_hand(till: Till, clerk: User) -> None:
    order, task = dearer(till)
    ticket = order.tickets.get()
    with pytest.raises(DomainError) as refusal:
        desk.issue_by_hand(clerk, task.pk, {ticket.pk: " "})
    assert code_of(refusal) == "INVALID_INPUT"
    desk.issue_by_hand(clerk, task.pk, {ticket.pk: "A0001"}, pick={"password": "1234"})
    found = till.fresh(order)
    assert (found.state, found.tickets.get().their_number) == (OrderState.ISSUED, "A0001")
    assert DeskTask.objects.get(pk=task.pk).state == "done"
    with pytest.raises(DomainError) as refusal:
        desk.issue_by_hand(clerk, task.pk, {ticket.pk: "A0002"})
    assert code_of(refusal) == "TASK_DONE"


def test_another_supplier_at_its_price(till: Till, clerk: User) -> None:
    order, task = dearer(till, "first", "second")
    desk.hand_to(clerk, task.pk, till.accounts["second"])
    found = till.fresh(order)
    assert (found.state, found.supplier.code, found.tickets.get().cost) == (
        OrderState.ISSUED,
        "second",
        D("70.00"),
    )


def test_giving_up_gives_all_of_the_money_back(till: Till, clerk: User) -> None:
    order, task = dearer(till)
    with pytest.raises(DomainError) as refusal:
        desk.give_up(clerk, task.pk, "无")
    assert code_of(refusal) == "INVALID_INPUT"
    desk.give_up(clerk, task.pk, "客户不愿换座")
    assert till.fresh(order).state == OrderState.ISSUE_FAILED
    assert RefundRequest.objects.get(ticket_order=order).due == D("50.00")


def test_nobody_asks_again_before_it_is_known(till: Till, clerk: User) -> None:
    order, task = silent(till)
    assert (order.state, task.kind) == (OrderState.ISSUING, DeskKind.UNKNOWN)
    for act in (
        lambda: desk.give_up(clerk, task.pk, "供应商不应答"),
        lambda: desk.try_again(clerk, task.pk),
        lambda: desk.hand_to(clerk, task.pk, till.accounts["first"]),
    ):
        with pytest.raises(DomainError) as refusal:
            act()
        assert code_of(refusal) == "SUPPLIER_ASKED"
    # the clerk has telephoned: it was issued there
    desk.issue_by_hand(clerk, task.pk, {order.tickets.get().pk: "EA1-0"})
    call = order.calls.get(kind="issue")
    assert (till.fresh(order).state, call.state, call.code) == (OrderState.ISSUED, CallState.DONE, "BY_HAND")


def test_it_is_issued_anew_after_somebody_made_sure(till: Till, clerk: User) -> None:
    order, task = silent(till)
    first = till.suppliers["first"]
    # given that it never arrived there
    first.issues.clear()
    first.issued_holds.clear()
    first.deaf = False
    desk.try_again(clerk, task.pk, not_issued=True)
    assert till.fresh(order).state == OrderState.ISSUED
    assert first.count("issue") == 2


def test_a_matter_that_was_looked_at(till: Till, clerk: User) -> None:
    held = till.hold()
    order = till.place(held)
    till.suppliers["first"].lose()
    till.suppliers["first"].seats = 0
    till.pay(order)
    [task] = DeskTask.objects.filter(ticket_order=held)
    assert (task.kind, [one.title for one in waiting(clerk)]) == ("failed", ["出票失败：甲县—乙县 08:00"])
    desk.conclude(clerk, task.pk, "已电话致歉")
    assert DeskTask.objects.get(pk=task.pk).result == "已电话致歉"
    # what is still to be issued is not ended by a word
    till.suppliers["first"].seats = 1000
    _other, open_task = dearer(till)
    with pytest.raises(DomainError) as refusal:
        desk.conclude(clerk, open_task.pk, "不管了不管了")
    assert code_of(refusal) == "NOT_POSSIBLE"


def test_the_pages(till: Till, clerk: User) -> None:
    order, task = dearer(till)
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "测***" in text and "测试乘客" not in text and "E00000" not in text
    listed = client.get(reverse("admin:o2o_ticketing_desktask_changelist"))
    assert "人工出票" in listed.content.decode()
    with frozen(now() + timedelta(hours=1)):
        assert "已超时" in client.get(reverse("admin:o2o_ticketing_desktask_changelist")).content.decode()
    done = client.post(
        reverse("admin:o2o_ticketing_desktask_numbers", args=[task.pk]),
        {f"ticket_{order.tickets.get().pk}": "A0001", "code": "889", "password": "", "note": ""},
    )
    assert done.status_code == 302, done.content.decode()
    assert till.fresh(order).pick_code == '{"number": "889"}'
    for name in ("take", "put_back", "hand", "again", "give_up", "conclude"):
        assert client.get(reverse(f"admin:o2o_ticketing_desktask_{name}", args=[task.pk])).status_code == 200
    calls = client.get(reverse("admin:o2o_ticketing_suppliercall_changelist"))
    assert calls.status_code == 200


def test_the_page_of_a_supplier(till: Till) -> None:
    boss = staff(till.shop.org["CQ"], "boss", (SUPPLIER_VIEW, SUPPLIER_EDIT, ORDER_VIEW))
    client = Client()
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    till.buy()
    account = till.accounts["first"]
    page = client.get(reverse("admin:o2o_ticketing_supplieraccount_change", args=[account.pk]))
    assert page.status_code == 200 and "近 24 小时" in page.content.decode()
    told = {
        "name": "省网",
        "account": "",
        "priority": "3",
        "opens": "05:00",
        "closes": "",
        "hold_minutes": "15",
        "note": "",
    }
    edit = reverse("admin:o2o_ticketing_supplieraccount_edit", args=[account.pk])
    assert "都不填" in client.post(edit, told).content.decode()
    assert client.post(edit, {**told, "closes": "23:00", "active": "on"}).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.priority, account.active, account.hours_queue) == ("省网", 3, True, False)
    # one that rests is asked before it is used again
    SupplierAccount.objects.filter(pk=account.pk).update(rests_until=now() + timedelta(minutes=5), failures=5)
    till.suppliers["first"].deaf = True
    wake = reverse("admin:o2o_ticketing_supplieraccount_wake", args=[account.pk])
    assert "仍无应答" in client.post(wake, {}).content.decode()
    till.suppliers["first"].deaf = False
    assert client.post(wake, {}).status_code == 302
    account.refresh_from_db()
    assert (account.failures, account.rests_until) == (0, None)


def test_a_seat_that_was_paid_meanwhile_is_not_called_free(till: Till) -> None:
    # given: a clerk has the page open, the customer pays
    seller = staff(till.shop.org["B111"], "sells", (ORDER_VIEW, SELL))
    order = till.buy()
    client = Client()
    client.force_login(seller, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:o2o_ticketing_ticketorder_release", args=[order.pk])

    # when
    told = client.post(address, {"reason": "客户不要了"}, follow=True).content.decode()

    # then
    assert "座位已释放" not in told and "不能释放座位" in told
    assert till.fresh(order).state == OrderState.ISSUED
