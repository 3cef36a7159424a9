"""After-sales that a clerk makes for somebody at the counter: found by the slip, decided, paid out of the shift."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User
from saleor.warehouse.models import Stock

from plugins.after_sale.errors import AfterSaleErrorCode
from plugins.after_sale.models import AfterSale
from plugins.after_sale.services import complaining, deciding, serving
from plugins.after_sale.services.applying import Wanted
from plugins.approvals.interfaces import open_request
from plugins.approvals.services.deciding import approve
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.models import (
    CounterRules,
    CounterSale,
    Drawer,
    PaidBy,
    SaleRefund,
    SaleState,
    Shift,
)
from plugins.counter_sales.selectors.shifts import sums_of
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.codes import show_code
from plugins.counter_sales.services.pickup import hand_over
from plugins.counter_sales.services.pos import pay_pos, read_slip
from plugins.counter_sales.services.shifts import open_shift
from saleor_o2o.cashier.models import OrderRefund, Refund
from saleor_o2o.cashier.ports import RefundState
from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.ordering.models import SubOrder, SubOrderLine
from tests.buying.shopper import ask
from tests.orgs import again, person
from tests.threads import together

from .conftest import SELLING, Counter, Wechat
from .looking import D, fresh

SERVING = (
    *SELLING,
    "order.view",
    "after_sale.view",
    "after_sale.apply",
    "after_sale.decide",
    "complaint.view",
)
KEY = "counter-key-000"
PAGE = "admin:o2o_after_sale_aftersale_apply"
FOUND = "query($q: String!) { afterSaleOrders(search: $q) { number buyer offers { subOrderNumber lines { lineId } } } }"
APPLY = """mutation($key: String!, $input: AfterSaleInput!, $via: AfterSaleVia) {
  afterSaleApply(key: $key, input: $input, via: $via) { afterSale { number state via } errors { code message } } }"""
HANDLE = """mutation($number: String!, $act: AfterSaleAct!, $slip: String) {
  afterSaleHandle(number: $number, act: $act, slip: $slip) { afterSale { state } errors { code } } }"""


@pytest.fixture
def clerk(counter: Counter) -> User:
    """B111's counter: may give back up to 100 yuan; a shift is open with 200 yuan."""
    made = person(counter.org["B111"], "server", SERVING, limits={"refund": "100.00", "cash": "2000.00"})
    CounterRules.objects.create(unit=counter.org["B111"], difference_limit=D("5.00"))
    drawer = Drawer.objects.create(unit=counter.org["B111"], name="1号台")
    open_shift(made, drawer.pk, {"100": 2})
    return made


@pytest.fixture
def sold(counter: Counter, clerk: User) -> CounterSale:
    """Two boxes for 79.80 in cash to somebody without a login, with the telephone 138 1234 5678; both taken along."""
    sale = counter.place(2, clerk, phone="13812345678")
    pay_cash(clerk, sale.pk, D("100.00"))
    hand_over(clerk, sale.pk)
    return sale


def line_of(sale: CounterSale) -> SubOrderLine:
    return SubOrderLine.objects.get(sub_order__order_id=sale.order_id)


def wanted(sale: CounterSale, kind: str = "refund", quantity: int = 1, amount: Any = None) -> Wanted:
    line = line_of(sale)
    return Wanted(line.sub_order_id, kind, "quality", "坏果", {line.pk: (quantity, amount)})


def served(
    clerk: User, sale: CounterSale, yes: serving.Yes | None = None, key: str = "1", **told: Any
) -> Any:
    return serving.serve(
        again(clerk), sale.order_id, wanted(sale, **told), key=f"{KEY}{key}", via="counter", yes=yes
    )


def now_of(row: AfterSale) -> AfterSale:
    return AfterSale.objects.get(pk=row.pk)


def shift() -> Shift:
    return Shift.objects.get()


def test_a_return_at_the_counter_pays_cash_out_of_the_shift(
    counter: Counter, clerk: User, sold: CounterSale
) -> None:
    # when: one of two boxes lies on the counter; clicked twice
    row, refusal = served(clerk, sold, serving.Yes(goods_here=True), kind="return")
    again_, _none = served(clerk, sold, serving.Yes(goods_here=True), kind="return")

    # then: agreed and opened; the money waits for the clerk's hand
    assert (refusal, again_.pk, row.state, row.is_paid_out) == (None, row.pk, "refunding", True)
    assert (row.customer_id, row.applied_by, row.via, row.carrier) == (None, clerk, "counter", "柜台交回")
    assert Stock.objects.get().quantity == 9

    # when: clicked by two at once, and again
    together(*[lambda: serving.pay_out(again(clerk), row.pk)] * 3)
    serving.pay_out(again(clerk), row.pk)

    # then: once, out of the open shift, and the float follows
    assert now_of(row).state == "done"
    refund = SaleRefund.objects.get()
    assert (refund.amount, refund.paid_by, refund.shift_id) == (D("39.90"), PaidBy.CASH, shift().pk)
    assert (sums_of(shift()).cash_in, sums_of(shift()).cash_back) == (D("79.80"), D("39.90"))
    assert (counter.balance(), fresh(sold).refunded) == (D("460.10"), D("39.90"))

    # when: the other box too, damaged
    other, refusal = served(
        clerk, sold, serving.Yes(goods_here=True, damaged={line_of(sold).pk: 1}), "2", kind="return"
    )
    serving.pay_out(again(clerk), other.pk)

    # then: nothing of it is for sale again, and the sale is over
    assert (refusal, now_of(other).state, fresh(sold).state) == (None, "done", SaleState.REFUNDED)
    assert (Stock.objects.get().quantity, SubOrder.objects.get().state) == (9, "closed")


def test_above_the_limit_others_decide_and_the_clerk_pays_out_all_the_same(
    counter: Counter, sold: CounterSale, clerk: User, colleague: Callable[..., User]
) -> None:
    # given: three boxes are more than the clerk's 100 yuan
    sale = counter.place(3, clerk)
    pay_cash(clerk, sale.pk, D("200.00"))
    county = colleague("C11", "county", (*SERVING, "after_sale.approve", "approval.view", "approval.decide"))

    # when
    row, refusal = served(clerk, sale, serving.Yes(), quantity=3)

    # then
    assert (refusal, row.state) == (None, "approving")
    with pytest.raises(DomainError):
        serving.pay_out(again(clerk), row.pk)
    assert SaleRefund.objects.count() == 0

    # when
    request = open_request(row)
    assert request is not None
    approve(request, again(county), "同意")
    serving.pay_out(again(clerk), row.pk)

    # then: the counter's own limit is not asked again
    assert (now_of(row).state, SaleRefund.objects.get().amount) == ("done", D("119.70"))


def test_a_card_needs_the_slip_of_its_return(counter: Counter, clerk: User) -> None:
    # given
    sale = counter.place(1, clerk)
    pay_pos(clerk, sale.pk, D("39.90"), read_slip("30010001", "000123"))
    row, _refusal = served(clerk, sale, serving.Yes())

    # then: without a slip nothing is booked
    with pytest.raises(DomainError) as refused:
        serving.pay_out(again(clerk), row.pk)
    assert (refused.value.code, now_of(row).state, SaleRefund.objects.count()) == (
        Code.POS_INVALID,
        "refunding",
        0,
    )

    # when
    serving.pay_out(again(clerk), row.pk, slip="30010001/000124")

    # then
    assert (now_of(row).state, sums_of(shift()).pos_back) == ("done", D("39.90"))


def test_without_a_shift_no_money_leaves_a_drawer(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given
    row, _refusal = served(clerk, sold, serving.Yes(), amount=D("5.00"), quantity=0)
    Shift.objects.update(state="closed")

    # then
    with pytest.raises(DomainError) as refused:
        serving.pay_out(again(clerk), row.pk)
    assert (refused.value.code, now_of(row).state, counter.balance()) == (
        Code.SHIFT_REQUIRED, "refunding", D("420.20"),
    )  # fmt: skip


def test_a_refund_at_the_till_meanwhile_counts(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given: agreed to 39.90, and a colleague gave 10.00 of it back by the sale's own page
    from plugins.counter_sales.services.refunds import refund_sale

    row, _refusal = served(clerk, sold, serving.Yes(goods_here=True), kind="return")
    refund_sale(again(clerk), sold.pk, D("10.00"), "先退一部分", key="0" * 16)

    # when
    serving.pay_out(again(clerk), row.pk)

    # then
    assert (now_of(row).state, fresh(sold).refunded) == ("done", D("39.90"))
    assert sorted(SaleRefund.objects.values_list("amount", flat=True)) == [D("10.00"), D("29.90")]


def test_a_code_goes_back_by_itself_and_the_sale_knows(counter: Counter, clerk: User, wechat: Wechat) -> None:
    # given
    sale = counter.place(1, clerk)
    show_code(again(clerk), sale.pk)
    wechat.notify(wechat.pay(sale))

    # when
    row, _refusal = served(clerk, sale, serving.Yes())
    assert (row.state, row.is_paid_out) == ("refunding", False)
    refund = Refund.objects.get()
    drive_refund(refund.pk)
    [trade] = [one for one in wechat.trades.values() if refund.number in one.refunds]
    trade.refunds[refund.number] = (3990, RefundState.SUCCEEDED)
    apply_refund_fact(wechat.refund_fact(refund.number))

    # then: the counter cannot give it back once more
    assert (now_of(row).state, fresh(sale).state, fresh(sale).refunded) == ("done", "refunded", D("39.90"))
    assert OrderRefund.objects.get().key == row.number


def test_an_exchange_over_the_counter(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # when: a bad box is brought and another one handed over at once
    row, refusal = served(
        clerk, sold, serving.Yes(goods_here=True, damaged={line_of(sold).pk: 1}), kind="exchange"
    )
    assert (refusal, row.state) == (None, "to_send")
    done = serving.hand_over(again(clerk), row.pk)

    # then: eight were on the shelf, one went over the counter, the bad one is for nobody
    assert (done.state, done.outcome, Stock.objects.get().quantity) == ("finished", "swapped", 7)


def test_what_cannot_be_agreed_to_stays_asked_for(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given
    Stock.objects.update(quantity=0)

    # when
    row, refusal = served(clerk, sold, serving.Yes(goods_here=True), kind="exchange")

    # then
    assert refusal is not None
    assert (refusal.code, row.state) == (AfterSaleErrorCode.OUT_OF_STOCK, "applied")


def test_a_clerk_acts_for_somebody_without_a_login(
    counter: Counter, sold: CounterSale, clerk: User, colleague: Callable[..., User]
) -> None:
    # given: asked on the telephone, refused by a colleague
    manager = colleague("B111", "manager", SERVING)
    row = serving.apply(again(clerk), sold.order_id, wanted(sold), key=f"{KEY}1", via="phone")
    deciding.refuse(again(manager), row.pk, "已食用")

    # when
    made = complaining.arbitrate(again(clerk), row.number, "没有吃", key=f"{KEY}2")

    # then: the customer's words, by the clerk's hand
    assert (made.customer_id, made.statements.get().party, made.statements.get().author) == (
        None,
        "buyer",
        clerk,
    )
    complaining.withdraw_complaint(again(clerk), made.number)
    assert now_of(row).state == "cancelled"


def test_nobody_decides_about_an_order_of_his_own(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given
    row, _refusal = served(clerk, sold)
    AfterSale.objects.filter(pk=row.pk).update(customer=clerk)

    # then
    with pytest.raises(DomainError) as refused:
        deciding.agree(again(clerk), row.pk)
    assert (refused.value.code, now_of(row).state) == (AfterSaleErrorCode.SAME_PERSON, "applied")


@pytest.mark.parametrize("who", ["stranger", "seller", "viewer"])
def test_who_may_not_serve(
    counter: Counter, sold: CounterSale, clerk: User, colleague: Callable[..., User], who: str
) -> None:
    # given: out of scope; without the permission; only looking
    user = {
        "stranger": lambda: colleague("B121", "stranger", SERVING),
        "seller": lambda: colleague("B111", "seller", SELLING),
        "viewer": lambda: colleague("B111", "viewer", ("order.view", "after_sale.view")),
    }[who]()
    row, _refusal = served(clerk, sold)

    # then
    with pytest.raises(OutOfScope):
        serving.apply(again(user), sold.order_id, wanted(sold), key=f"{KEY}9", via="counter")
    for call in (deciding.withdraw_wish, partial(complaining.arbitrate, text="x", key=f"{KEY}8")):
        with pytest.raises(OutOfScope):
            call(again(user), row.number)
    for act in (serving.hand_in, serving.hand_over, serving.pay_out):
        with pytest.raises((OutOfScope, NotAllowed)):
            act(again(user), row.pk)
    assert ask(FOUND, {"q": "5678"}, again(user))["afterSaleOrders"] == []
    assert (AfterSale.objects.count(), now_of(row).state) == (1, "applied")


def test_an_order_is_found_by_what_customers_bring(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given: somebody else's, with the same last digits, in another county
    profile = SubOrder.objects.get().order.o2o_profile
    code = fresh(sold).pickup_code

    # then
    for text in (
        profile.number, f"{profile.number}-01", f"#{sold.order_id}", sold.number, "13812345678", "138 1234 5678",
        "5678", code, f"{code[:4]}-{code[4:]}".lower(),
    ):  # fmt: skip
        [found] = ask(FOUND, {"q": text}, again(clerk))["afterSaleOrders"]
        assert found["number"] == profile.number, text
    assert "138****5678" in found["buyer"]
    for text in ("", " ", "5679", "nobody@example.com", "ABCDEFGH", "x" * 300):
        assert ask(FOUND, {"q": text}, again(clerk))["afterSaleOrders"] == [], text


def test_the_api_does_what_the_page_does(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given
    [found] = ask(FOUND, {"q": "5678"}, again(clerk))["afterSaleOrders"]
    [offer] = found["offers"]
    told = {
        "subOrderNumber": offer["subOrderNumber"], "kind": "REFUND", "reason": "QUALITY",
        "lines": [{"lineId": offer["lines"][0]["lineId"], "quantity": 1}],
    }  # fmt: skip

    # when
    made = ask(APPLY, {"key": f"{KEY}1", "input": told, "via": "PHONE"}, again(clerk))["afterSaleApply"]
    number = made["afterSale"]["number"]
    agreed = ask(HANDLE, {"number": number, "act": "AGREE"}, again(clerk))["afterSaleHandle"]
    paid = ask(HANDLE, {"number": number, "act": "PAY_OUT"}, again(clerk))["afterSaleHandle"]

    # then; a clerk's own orders are another matter
    assert made["afterSale"] == {"number": number, "state": "APPLIED", "via": "PHONE"}
    assert (agreed["afterSale"], paid["afterSale"]) == ({"state": "REFUNDING"}, {"state": "DONE"})
    own = ask(APPLY, {"key": f"{KEY}2", "input": told, "via": "SELF"}, again(clerk))["afterSaleApply"]
    assert own["errors"][0]["code"] == "NOT_FOUND"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_on_the_page_nothing_typed_is_lost(counter: Counter, sold: CounterSale, clerk: User) -> None:
    # given: one hit leads on by itself
    desk, line = browser(clerk), line_of(sold)
    assert "没有找到订单" in desk.get(reverse(PAGE), {"q": "0000"}).content.decode()
    found = desk.get(reverse(PAGE), {"q": "5678", "go": "1"})
    assert found.status_code == 302
    page = desk.get(found["Location"]).content.decode()
    assert "138****5678" in page
    assert "还可办理 2 件、¥79.80" in page
    typed = {
        "key": f"{KEY}1", "via": "counter", "kind": "return", "part": line.sub_order_id, f"q_{line.pk}": "3",
        "reason": "quality", "text": "坏了两个", "goods_here": "1", "act": "agree",
    }  # fmt: skip

    # when: too many
    answer = desk.post(found["Location"], typed)

    # then
    page = answer.content.decode()
    assert (answer.status_code, AfterSale.objects.count()) == (200, 0)
    assert "最多还能申请 2 件" in page
    assert "坏了两个" in page

    # when
    answer = desk.post(found["Location"], {**typed, f"q_{line.pk}": "1"}, follow=True)

    # then: the money is one click away
    page = answer.content.decode()
    assert "退现金 ¥39.90 给顾客" in page
    assert "到柜台 · server" in page
    assert "138****5678" in page
    done = desk.post(
        answer.redirect_chain[-1][0], {"act": "pay_out", "seen": "refunding"}, follow=True
    ).content.decode()
    assert "已处理，现在是“已退款”" in done
    assert counter.balance() == D("460.10")


def test_the_page_is_for_those_who_serve(
    counter: Counter, sold: CounterSale, clerk: User, colleague: Callable[..., User]
) -> None:
    # given
    stranger, seller = colleague("B121", "stranger", SERVING), colleague("B111", "seller", SELLING)

    # then
    assert browser(seller).get(reverse(PAGE)).status_code == 403
    assert browser(stranger).get(reverse(PAGE), {"order": sold.order_id}).status_code == 404
    assert sold.number not in browser(stranger).get(reverse(PAGE), {"q": "5678"}).content.decode()
    for typed in ("x", "9" * 30, "-1", "0"):
        assert browser(clerk).get(reverse(PAGE), {"order": typed}).status_code == 404


@pytest.mark.parametrize("typed", [{"part": "x"}, {"kind": "x"}, {"via": "x"}, {"reason": ""}, {"key": ""}])
def test_odd_forms_are_refused_in_words(
    counter: Counter, sold: CounterSale, clerk: User, typed: dict[str, str]
) -> None:
    # given
    line = line_of(sold)
    good = {
        "key": f"{KEY}1", "via": "counter", "kind": "refund", "part": str(line.sub_order_id), f"q_{line.pk}": "1",
        "reason": "quality", "act": "apply",
    }  # fmt: skip

    # then
    answer = browser(clerk).post(f"{reverse(PAGE)}?order={sold.order_id}", {**good, **typed})
    assert (answer.status_code, AfterSale.objects.count()) == (200, 0)
    assert 'role="alert"' in answer.content.decode()
