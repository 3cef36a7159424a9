"""Deposits at suppliers: asked, kept, told when they run low, and no hold that they do not cover."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel import ports
from plugins.ticketing.kernel.access import SUPPLIER_EDIT, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import CallKind, OrderState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import (
    DepositReading,
    SupplierAccount,
    SupplierCall,
    SupplierDeposit,
    TicketOrder,
)
from plugins.ticketing.kernel.ports import LockAsk, SupplierRefused, SupplierSilent
from plugins.ticketing.kernel.services import deposits
from plugins.ticketing.kernel.services.holding import hold
from plugins.ticketing.kernel.todo import deposits as waiting
from saleor_o2o.kernel.models import EventRecord
from saleor_o2o.kernel.scope import NotAllowed
from tests.orgs import person as staff

from .suppliers import Pretended
from .trips import D, person, want, wish

Suppliers = dict[str, Pretended]


@dataclass
class Paid(Pretended):
    """A supplier that is paid from a deposit; `no` is what it says when it is asked before a hold."""

    left: Decimal | None = Decimal("1000.00")
    no: str = ""
    checked: list[LockAsk] = field(default_factory=list)

    def balance(self) -> Decimal:
        if self.left is None:
            raise SupplierSilent("没有应答")
        return self.left

    def check(self, ask: LockAsk) -> Decimal:
        self.checked.append(ask)
        if self.no:
            raise SupplierRefused(self.no, "证件不符")
        return self.balance()


@pytest.fixture
def paid(accounts: dict[str, SupplierAccount], monkeypatch: pytest.MonkeyPatch) -> Paid:
    """The first supplier has a deposit of ours."""
    made = Paid(prefix="A")
    monkeypatch.setitem(ports._adapters, "test-first", made)
    return made


@pytest.fixture
def boss(org: Any) -> User:
    return staff(org["CQ"], "boss", (SUPPLIER_VIEW, SUPPLIER_EDIT))


@pytest.fixture
def held(variant: Any, buyer: User, unit: Any, accounts: dict[str, SupplierAccount]) -> Any:
    """One ticket that costs us 45.00, at the first supplier, else at the second."""

    def do(key: str = "key-0000-0001", number: int = 1) -> TicketOrder:
        wanted = [want(variant.pk, person(number))]
        return hold(wish(wanted, ("first", "second")), key=key, user=buyer, unit=unit)

    return do


def of(accounts: dict[str, SupplierAccount]) -> SupplierDeposit:
    return SupplierDeposit.objects.get(supplier=accounts["first"])


def told() -> int:
    return EventRecord.objects.filter(name="ticketing.deposit_low").count()


def test_it_is_asked_kept_and_told_once_when_it_is_low(
    paid: Paid, accounts: dict[str, SupplierAccount], boss: User
) -> None:
    # given
    deposits.set_alarm(boss, accounts["first"], alarm_below=D("500.00"), check_first=False)

    # when: enough, the same again, too little twice, silence, filled
    assert deposits.look_all() == 1  # the others have none
    deposits.look_all()
    assert (of(accounts).amount, of(accounts).low_since, told()) == (D("1000.00"), None, 0)
    paid.left = D("499.99")
    deposits.look_all()
    since = of(accounts).low_since
    deposits.look_all()

    # then: once, and with whom to call
    assert since is not None and of(accounts).low_since == since and told() == 1
    [todo] = waiting(boss)
    assert todo.title == "供应商“供应商first”预存款不足，请充值"
    assert todo.note == "余额 499.99 元，低于 500.00 元"
    paid.left = None
    assert deposits.look_all() == 0
    assert (of(accounts).amount, of(accounts).trouble) == (D("499.99"), "没有应答")
    paid.left = D("500.00")
    deposits.look_all()
    assert (of(accounts).low_since, of(accounts).trouble, waiting(boss)) == (None, "", [])
    amounts = list(DepositReading.objects.order_by("pk").values_list("amount", flat=True))
    assert amounts == [D("1000.00"), D("499.99"), D("500.00")]


def test_nothing_is_asked_beforehand_while_it_is_large(paid: Paid, held: Any) -> None:
    # given
    deposits.look_all()

    # when
    order = held()

    # then
    assert (order.supplier.code, order.state, paid.checked) == ("first", OrderState.HELD, [])


def test_a_hold_that_it_does_not_cover_goes_to_the_next_one(
    paid: Paid, held: Any, accounts: dict[str, SupplierAccount], boss: User
) -> None:
    # given: a second ticket of 45.00 is not covered beside the one that is held
    paid.left = D("89.99")
    deposits.look_all()
    first = held()
    assert (first.supplier.code, paid.checked) == ("first", [])

    # when
    second = held("key-0000-0002", 2)

    # then: it was asked, and nothing was held there; people know although they have set no alarm
    assert (second.supplier.code, second.state) == ("second", OrderState.HELD)
    assert len(paid.checked) == 1 and paid.count("lock") == 1
    call = SupplierCall.objects.filter(ticket_order=second, supplier=accounts["first"]).get()
    assert (call.state, call.code) == ("refused", "NO_DEPOSIT")
    assert call.words == "预存款余额 89.99 元，不够支付已占和本单的 90.00 元"
    assert told() == 1 and "已有订单因此出不了票" in waiting(boss)[0].note
    # the same little money is no end of it, more is
    deposits.look_all()
    assert of(accounts).low_since is not None
    paid.left = D("90.00")
    deposits.look_all()
    assert of(accounts).low_since is None
    assert held("key-0000-0003", 3).supplier.code == "first"


def test_what_is_there_counts_and_not_what_was_there(paid: Paid, held: Any) -> None:
    # given: it was too little when the job asked, and has been filled since
    paid.left = D("1.00")
    deposits.look_all()
    paid.left = D("1000.00")

    # when
    order = held()

    # then
    assert (order.supplier.code, len(paid.checked)) == ("first", 1)


def test_the_buyer_reads_no_word_of_our_deposit(
    paid: Paid, suppliers: Suppliers, held: Any, accounts: dict[str, SupplierAccount]
) -> None:
    # given: and the other one has nothing
    suppliers["second"].seats = 0
    paid.left = D("1.00")
    deposits.look_all()
    SupplierAccount.objects.filter(code="second").update(active=False)

    # when
    with pytest.raises(TicketError) as refusal:
        held()

    # then
    assert refusal.value.code == "SUPPLIER_UNAVAILABLE" and "预存款" not in refusal.value.in_words
    order = TicketOrder.objects.get()
    assert (order.state, order.why) == (OrderState.HOLD_FAILED, "暂时不能购买这个班次（场次）")


def test_every_hold_is_asked_about_first_where_people_want_it(
    paid: Paid, held: Any, accounts: dict[str, SupplierAccount], boss: User
) -> None:
    # given
    deposits.set_alarm(boss, accounts["first"], alarm_below=D(0), check_first=True)

    # when: it would not take the document; it says nothing
    paid.no = "PASSENGER_REFUSED"
    refused = held()
    paid.no, paid.left = "", None
    silent = held("key-0000-0002", 2)

    # then: a no is a no, silence is none
    assert refused.supplier.code == "second"
    assert (
        SupplierCall.objects.get(ticket_order=refused, supplier=accounts["first"]).code == "PASSENGER_REFUSED"
    )
    assert silent.supplier.code == "first" and paid.count("lock") == 1


def test_an_issue_that_is_refused_for_it_is_told_and_no_sign_of_sickness(
    paid: Paid, held: Any, accounts: dict[str, SupplierAccount], boss: User
) -> None:
    # given
    deposits.look_all()
    call = SupplierCall.objects.create(
        number="GY-1", supplier=accounts["first"], ticket_order=held(), kind=CallKind.ISSUE
    )

    # when
    from plugins.ticketing.kernel.services.calls import ask

    def refuse(_adapter: Any) -> Any:
        raise SupplierRefused("NO_DEPOSIT", "预存款余额不足")

    answer = ask(call, refuse)

    # then
    assert (answer.state, answer.code) == ("refused", "NO_DEPOSIT")
    assert SupplierAccount.objects.get(code="first").failures == 0
    assert of(accounts).refused_at is not None and told() == 1


def test_the_page(paid: Paid, accounts: dict[str, SupplierAccount], boss: User, org: Any) -> None:
    # given
    client = Client()
    client.force_login(boss)
    page = reverse("admin:o2o_ticketing_supplieraccount_deposit", args=[accounts["first"].pk])

    # when
    done = client.post(page, {"alarm_below": "2000", "check_first": "on"}, follow=True).content.decode()

    # then
    assert "现在余额 ¥1,000.00" in done and "¥1,000.00（不足）" in done and "预存款记录" in done
    assert (of(accounts).alarm_below, of(accounts).check_first) == (D("2000.00"), True)
    listed = client.get(reverse("admin:o2o_ticketing_supplieraccount_changelist")).content.decode()
    assert "预存款不足" in listed
    assert client.post(page, {"alarm_below": "-1"}).status_code == 200
    other = reverse("admin:o2o_ticketing_supplieraccount_deposit", args=[accounts["second"].pk])
    assert "没有预存款接口" in client.post(other, {"alarm_below": "1"}).content.decode()
    with pytest.raises(NotAllowed):
        looks = staff(org["CQ"], "looks", (SUPPLIER_VIEW,))
        deposits.set_alarm(looks, accounts["first"], alarm_below=D(1), check_first=False)


def test_one_supplier_whose_answer_breaks_keeps_no_other_unasked(
    paid: Paid, accounts: dict[str, SupplierAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a supplier before the others whose answer breaks our own code
    class Broken(Paid):
        def balance(self) -> Decimal:
            raise KeyError("balance")

    monkeypatch.setitem(ports._adapters, "broken", Broken())
    before = min(one.pk for one in accounts.values()) - 1
    SupplierAccount.objects.create(pk=before, code="broken", name="坏的", trade="coach", adapter="broken")

    # when, then
    assert deposits.look_all() == 1
