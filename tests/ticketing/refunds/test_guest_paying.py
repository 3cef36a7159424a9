"""What a guest's change costs more: one order, for whoever has the pass of his telephone, and nothing typed again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from saleor.order.models import Order

from plugins.official_account.seeds import accounts_from_sandbox
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.guest_access import pass_for
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.change_paying import ChangeHolds
from saleor_o2o.cashier.models import PaymentAttempt
from tests.buying.shopper import ask
from tests.official_account.test_logins import CHEN, Trip
from tests.official_account.test_payers import named

from .changes import Desk, fresh, states
from .test_changing import desk, sandbox_address, sandbox_folder, sms

__all__ = ["desk", "sandbox_address", "sandbox_folder", "sms"]
PAY = """mutation($n: String!, $t: String!) { ticketChangePay(number: $n, token: $t) {
  orderNumber orderToken errors { code message } } }"""

START = """mutation($t: String!, $p: String) { paymentStart(
  orderToken: $t, method: WECHAT_JSAPI, payerPass: $p) { errors { code message } } }"""


def pays(number: str, token: str) -> Any:
    return ask(PAY, {"n": number, "t": token})["ticketChangePay"]


def as_guest(*orders: TicketOrder, telephone: str = "a" * 64) -> str:
    """They were bought without an account; the pass of their telephone."""
    TicketOrder.objects.filter(pk__in=[one.pk for one in orders]).update(user=None, mobile_index=telephone)
    return pass_for(TicketOrder.objects.get(pk=orders[0].pk))[0]


def test_it_is_ordered_once_and_paid(desk: Desk) -> None:
    # given: 50.00 against 62.50, and somebody else's telephone
    order = desk.buy()
    target = desk.target("62.50", cost="56.00")
    token = as_guest(order, target)
    change = desk.change(order, target, by=AnonymousUser(), token=token)
    other = as_guest(desk.till.hold(), telephone="b" * 64)
    there = Order.objects.count()
    # then
    for bad in ("", "x", other):
        assert [one["code"] for one in pays(change.number, bad)["errors"]] == ["NOT_FOUND"]
    assert Order.objects.count() == there
    # when: twice, the second time with another pass of the same telephone
    told = [pays(change.number, token), pays(change.number, as_guest(order, target))]
    # then: one order, to the mail of the order that is changed
    assert told[0]["errors"] == []
    assert told[0] == told[1]
    extra = Order.objects.latest("pk")
    assert Order.objects.count() == there + 1
    assert (extra.token, extra.total_gross_amount, extra.user) == (
        told[0]["orderToken"],
        Decimal("12.50"),
        None,
    )
    before = fresh(order).order
    assert extra.user_email == before.user_email != ""
    # when
    desk.pay(extra)
    # then
    assert (fresh(change).state, states(order), states(target)) == ("done", ["changed"], ["issued"])


def test_a_guests_change_is_in_nobody_elses_basket(desk: Desk) -> None:
    # given: a change that a guest asked for
    order = desk.buy()
    target = desk.target("62.50", cost="56.00")
    token = as_guest(order, target)
    change = desk.change(order, target, by=AnonymousUser(), token=token)

    # when: somebody without an account either knows its number, and no more
    for key in ("", "x", as_guest(desk.till.hold(), telephone="b" * 64)):
        with pytest.raises(TicketError) as refused:
            ChangeHolds().lines(change.number, key, AnonymousUser())
        assert refused.value.code.value == "NOT_FOUND"

    # then: it is the guest's to pay
    assert [one.unit for one in ChangeHolds().lines(change.number, token, AnonymousUser())] == [
        Decimal("12.50")
    ]


def test_an_accounts_change_is_ordered_in_its_basket(desk: Desk) -> None:
    order = desk.buy()
    change = desk.change(order, desk.target("62.50", cost="56.00"))
    TicketOrder.objects.filter(pk=order.pk).update(mobile_index="a" * 64)
    guest = desk.till.hold()
    assert [one["code"] for one in pays(change.number, as_guest(guest))["errors"]] == ["NOT_FOUND"]


def test_inside_wechat_it_is_paid_by_whom_wechat_names(
    desk: Desk, sandbox_folder: Any, sandbox_address: str, settings: Any
) -> None:
    # given: the text's link was opened in WeChat, by somebody who is no member
    accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)
    order = desk.buy()
    target = desk.target("62.50", cost="56.00")
    token = as_guest(order, target)
    change = desk.change(order, target, by=AnonymousUser(), token=token)
    extra = pays(change.number, token)
    # then: nobody is guessed
    for bad in (None, "", "invented"):
        told = ask(START, {"t": extra["orderToken"], "p": bad})["paymentStart"]
        assert [one["code"] for one in told["errors"]] == ["PAYER_REQUIRED"]
    # when
    given, errors = named(Trip(f"{settings.PUBLIC_URL}/h5/cashier/{extra['orderNumber']}"))
    told = ask(START, {"t": extra["orderToken"], "p": given})["paymentStart"]
    # then
    assert (errors, told["errors"]) == ([], [])
    attempt = PaymentAttempt.objects.get(intent__order__token=extra["orderToken"])
    assert (attempt.payer_id, attempt.method) == (CHEN, "WECHAT_JSAPI")
    desk.pay(Order.objects.get(token=extra["orderToken"]))
    assert (fresh(change).state, states(target)) == ("done", ["issued"])
