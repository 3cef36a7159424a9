"""The owner of a shop at his own counter: his prices, his float, his rows, and nobody else's."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from saleor.account.models import User
from saleor.order.models import Order

from plugins.channels.models import Channel, Shop
from plugins.channels.types import ChannelStatus
from plugins.counter_sales import sellers
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import (
    CashReceipt,
    CounterCustomer,
    CounterSale,
    FloatAccount,
    FloatMovement,
)
from plugins.counter_sales.places import place_of
from plugins.counter_sales.quoting import quote
from plugins.counter_sales.services import cash
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.floats import open_account, top_up
from plugins.counter_sales.services.pickup import hand_over
from plugins.counter_sales.services.placing import place_sale
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.slips import print_slip
from plugins.counter_sales.wanted import read_wanted
from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for
from tests.buying.shopper import ask, post
from tests.channels import shops
from tests.orgs import again
from tests.stock.world import gid
from tests.threads import together

from .conftest import Counter, Wechat

D = Decimal


@pytest.fixture
def shop(counter: Counter) -> Shop:
    """A micro-shop of B111 that sells the product of 39.90 at 41.50; its float holds 200."""
    made = shops.shop(counter.org["B111"], shops.pool(counter.world.variant))
    account = open_account(counter.finance, counter.org["B111"], made.channel.code)
    top_up(counter.finance, account.pk, D("200.00"), key="shop")
    return made


@pytest.fixture
def owner(shop: Shop) -> User:
    user = User.objects.create_user("owner@example.com", "pass-word", first_name="王小店")
    Channel.objects.filter(pk=shop.pk).update(owner_user=user)
    return user


@pytest.fixture
def stranger(counter: Counter) -> User:
    """The owner of another shop of the same branch."""
    user = User.objects.create_user("stranger@example.com", "pass-word")
    shops.shop(counter.org["B111"], owner_user=user)
    return user


def balance(shop: Shop) -> Decimal:
    return FloatAccount.objects.get(channel_code=shop.channel.code).balance


def refused(call: Callable[[], Any]) -> Code:
    with pytest.raises(CounterError) as caught:
        call()
    return caught.value.code


def test_an_owner_sells_at_his_price_from_his_float(counter: Counter, shop: Shop, owner: User) -> None:
    # when
    sale = counter.place(2, owner, phone="13812340000", customer_name="陈阿姨")
    receipt = pay_cash(again(owner), sale.pk, D("100.00"))
    slip = print_slip(again(owner), sale.pk, "58mm")
    handed = hand_over(again(owner), sale.pk)

    # then: at the shop's price, from the shop's float and not the branch's, for the shop
    assert (sale.total, receipt.change) == (D("83.00"), D("17.00"))
    assert sale.order.lines.get().unit_price_gross_amount == D("41.50")
    assert (balance(shop), counter.balance()) == (D("117.00"), D("500.00"))
    told = OrderAttribution.objects.get(order=sale.order)
    assert (told.unit, told.channel_code, told.operator, told.basis) == (
        counter.org["B111"], shop.channel.code, owner, "counter",
    )  # fmt: skip
    assert (slip.place.name, slip.paper, slip.copy) == (shop.channel.name, "58mm", 1)
    assert handed.state == "handed"


def test_the_breakdown_says_that_the_shops_price_counts(counter: Counter, shop: Shop, owner: User) -> None:
    # when
    told = quote(read_wanted(counter.basket(2)), place_of(again(owner)).shop, offered_only=True).as_dict()

    # then
    assert (told["total"], told["listed"], told["reduced"], told["shop"]) == (
        "83.00",
        "79.80",
        "0.00",
        "3.20",
    )
    assert told["lines"][0]["shopPrice"] is True


def test_a_price_outside_the_band_is_moved_into_it_at_the_counter(
    counter: Counter, shop: Shop, owner: User
) -> None:
    # given
    shop.offers.update(price=D("99.00"))

    # then
    assert counter.place(1, owner).total == D("45.00")


def test_the_clerk_at_the_shops_counter_takes_its_price_and_elsewhere_the_platforms(
    counter: Counter, shop: Shop
) -> None:
    # when
    there = counter.place(1, place=f"B111/{shop.channel.code}")
    here = counter.place(1)

    # then
    assert (there.total, there.channel_code) == (D("41.50"), shop.channel.code)
    assert (here.total, here.channel_code) == (D("39.90"), "")


def test_an_owner_sells_what_his_shop_offers_and_gives_no_discount(
    counter: Counter, shop: Shop, owner: User
) -> None:
    # then
    with_discount = {"discount": "1.00", "discount_reason": "老顾客"}
    assert refused(lambda: counter.place(1, owner, **with_discount)) == Code.DISCOUNT_INVALID
    shop.offers.update(is_active=False)
    assert refused(lambda: counter.place(1, owner)) == Code.GOODS_GONE
    Channel.objects.filter(pk=shop.pk).update(status=ChannelStatus.PAUSED)
    assert refused(lambda: counter.place(1, owner)) == Code.PLACE_CLOSED
    assert Order.objects.count() == 0


def test_a_float_that_is_too_small_is_told_and_books_nothing(
    counter: Counter, shop: Shop, owner: User
) -> None:
    # given
    sale = counter.place(5, owner)

    # when
    with pytest.raises(CounterError) as caught:
        pay_cash(again(owner), sale.pk, D("300.00"))

    # then
    assert caught.value.code == Code.FLOAT_INSUFFICIENT
    assert "还差 ¥7.50" in str(caught.value)
    assert (balance(shop), CashReceipt.objects.count()) == (D("200.00"), 0)


def test_what_others_were_told_of_a_customer_stays_with_them(
    counter: Counter, shop: Shop, owner: User
) -> None:
    # given: the branch knows the name
    counter.place(1, phone="13812340000", customer_name="张三丰")

    # when
    sale = counter.place(1, owner, phone="13812340000")

    # then
    assert CounterCustomer.objects.count() == 1
    assert sale.masked_customer == "138****0000"


def test_the_same_key_is_the_same_sale_and_the_same_cash_once(
    counter: Counter, shop: Shop, owner: User
) -> None:
    # given
    wanted = read_wanted(counter.basket(1))

    # when
    sales = together(*[partial(place_sale, again(owner), wanted) for _ in range(5)])
    receipts = together(*[partial(pay_cash, again(owner), sales[0].pk, D("50.00")) for _ in range(5)])

    # then
    assert len({one.pk for one in sales}) == 1
    assert len({one.pk for one in receipts}) == 1
    assert balance(shop) == D("158.50")


def crowd(counter: Counter, owner: User, people: int) -> Tally[str]:
    """So many sales of 41.50 on one float, all paid at once."""
    placed = [counter.place(1, owner) for _ in range(people)]
    results = together(*[partial(pay_cash, again(owner), sale.pk, D("50.00")) for sale in placed])
    return Tally(getattr(one, "code", type(one).__name__) for one in results)


def test_a_crowd_at_the_shop_cannot_overdraw_its_float(counter: Counter, shop: Shop, owner: User) -> None:
    # when: 200 yuan are four sales
    outcome = crowd(counter, owner, 8)

    # then
    assert outcome == Tally({"CashReceipt": 4, Code.FLOAT_INSUFFICIENT: 4})
    assert balance(shop) == D("34.00")
    moved = FloatMovement.objects.filter(account__channel_code=shop.channel.code, amount__lt=0)
    assert list(moved.values_list("amount", flat=True)) == [D("-41.50")] * 4


def test_without_the_floats_lock_the_books_break(
    counter: Counter, shop: Shop, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(cash, "lock_account", lambda pk: FloatAccount.objects.get(pk=pk))

    # when
    outcome = crowd(counter, owner, 8)

    # then: more was taken, or the balance is not what the movements say
    moved = FloatMovement.objects.filter(account__channel_code=shop.channel.code)
    total = sum(moved.values_list("amount", flat=True), D(0))
    assert outcome["CashReceipt"] > 4 or balance(shop) != total


def test_a_code_at_the_shop_needs_no_float(counter: Counter, shop: Shop, owner: User, wechat: Wechat) -> None:
    # given
    key, line = str(uuid4()), {"variantId": gid("ProductVariant", counter.world.variant), "quantity": 6}
    made = ask(CREATE, {"key": key, "input": {"lines": [line]}}, owner)["counterOrderCreate"]["sale"]

    # when
    shown = ask(CODE, {"id": made["id"]}, owner)["counterOrderShowCode"]
    wechat.notify(wechat.pay(CounterSale.objects.get()))
    after = ask(CHECK, {"id": made["id"]}, owner)["counterOrderCheck"]["sale"]

    # then
    assert shown["codeSvg"].startswith("<svg") and shown["errors"] == []
    assert (after["state"], after["total"]) == ("PAID", 249.0)
    assert balance(shop) == D("200.00")


def test_the_page_over_the_api(counter: Counter, shop: Shop, owner: User) -> None:
    # when
    [desk] = ask(DESKS, {}, owner)["counterDesks"]
    line = {"variantId": desk["goods"][0]["variantId"], "quantity": 2}
    key = str(uuid4())
    made = ask(CREATE, {"key": key, "input": {"lines": [line], "expectedTotal": "83.00"}}, owner)
    sale = made["counterOrderCreate"]["sale"]
    ask(CASH, {"id": sale["id"], "tendered": "100"}, owner)
    slip = ask(SLIP, {"id": sale["id"]}, owner)["counterSlipPrint"]["slip"]
    again_ = ask(SLIP, {"id": sale["id"]}, owner)["counterSlipPrint"]["slip"]
    [after] = ask(DESKS, {}, owner)["counterDesks"]

    # then
    assert (desk["name"], desk["shopCode"], desk["float"]["available"]) == (
        shop.channel.name, shop.channel.code, 200.0,
    )  # fmt: skip
    assert (desk["goods"][0]["price"], desk["goods"][0]["listPrice"]) == (41.5, 39.9)
    assert (slip["isReprint"], again_["isReprint"]) == (False, True)
    assert "重印" in again_["html"] and shop.channel.name in slip["html"] and "<script" not in slip["html"]
    assert (after["float"]["available"], after["day"]["cash"], after["day"]["sales"]) == (117.0, 83.0, 1)
    assert [one["amount"] for one in after["float"]["movements"]] == [-83.0, 200.0]
    assert [one["id"] for one in after["waiting"]] == [sale["id"]]


@pytest.mark.parametrize("who", ["anonymous", "shopper", "stranger", "left", "disabled"])
def test_nobody_else_reaches_the_shops_sales(
    counter: Counter, shop: Shop, owner: User, stranger: User, who: str
) -> None:
    # given
    sale = counter.place(1, owner)
    if who == "left":
        Channel.objects.filter(pk=shop.pk).update(status=ChannelStatus.LEFT)
    user = {"anonymous": None, "shopper": counter.world.customer, "stranger": stranger}.get(who, owner)
    if who == "disabled":
        Channel.objects.filter(pk=shop.pk).update(owner_user=None)

    # when
    key, line = str(uuid4()), {"variantId": gid("ProductVariant", counter.world.variant), "quantity": 1}
    place = f"B111/{shop.channel.code}"
    answers = [
        ask(CASH, {"id": str(sale.pk), "tendered": "50"}, user)["counterOrderPayCash"],
        ask(SLIP, {"id": str(sale.pk)}, user)["counterSlipPrint"],
        ask(CREATE, {"key": key, "input": {"lines": [line], "place": place}}, user)["counterOrderCreate"],
        ask(CANCEL, {"id": str(sale.pk)}, user)["counterOrderCancel"],
    ]
    shown = post(SALE_BY_ID, {"id": str(sale.pk)}, user)
    desks = ask(DESKS, {}, user)["counterDesks"]

    # then
    assert [one["errors"][0]["code"] for one in answers] == ["NOT_FOUND"] * 4
    assert shown["data"]["counterSale"] is None
    assert shop.channel.code not in [one["shopCode"] for one in desks]
    assert (CounterSale.objects.get().state, balance(shop)) == ("placed", D("200.00"))


def test_what_an_owner_may_not(counter: Counter, shop: Shop, owner: User) -> None:
    # given: a sale of his, one of the branch's counter
    mine, theirs = counter.place(1, owner), counter.place(1)
    pay_cash(again(owner), mine.pk, D("50.00"))
    account = FloatAccount.objects.get(channel_code=shop.channel.code)

    # then: he sees his own rows only
    assert list(rows_for(owner, CounterSale)) == [mine]
    assert list(rows_for(owner, FloatAccount)) == [account]
    assert not rows_for(owner, FloatMovement).exclude(account=account).exists()
    with pytest.raises(OutOfScope):
        pay_cash(again(owner), theirs.pk, D("50.00"))
    with pytest.raises(NotAllowed):
        refund_sale(again(owner), mine.pk, D("1.00"), "x", key=str(uuid4()))
    with pytest.raises(NotAllowed):
        top_up(again(owner), account.pk, D("100.00"), key="mine")
    assert balance(shop) == D("158.50")


def test_a_member_of_the_staff_who_is_named_as_owner_gets_nothing_by_it(
    counter: Counter, shop: Shop, colleague: Callable[..., User]
) -> None:
    # given
    clerk = colleague("B211", "elsewhere")
    Channel.objects.filter(pk=shop.pk).update(owner_user=clerk)

    # then
    assert not sellers.is_owner(clerk)
    with pytest.raises(OutOfScope):
        counter.place(1, clerk, place=f"B111/{shop.channel.code}")


def test_the_page_runs_nothing_but_its_own_files(client: Any, db: None) -> None:
    # when
    page = client.get("/counter_sales/shop/?email=a@example.com&token=secret")

    # then
    assert page.status_code == 200
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert (page["Referrer-Policy"], page["Cache-Control"]) == ("no-referrer", "no-store")
    assert "secret" not in page.text and not page.cookies


CREATE = """mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) {
  sale { id state total } errors { code message } } }"""
CASH = """mutation($id: ID!, $tendered: Decimal!) { counterOrderPayCash(saleId: $id, tendered: $tendered) {
  sale { id state } errors { code message } } }"""
CODE = "mutation($id: ID!) { counterOrderShowCode(saleId: $id) { codeSvg errors { code } } }"
CHECK = "mutation($id: ID!) { counterOrderCheck(saleId: $id) { sale { state total } errors { code } } }"
CANCEL = "mutation($id: ID!) { counterOrderCancel(saleId: $id) { sale { state } errors { code } } }"
SLIP = """mutation($id: ID!) { counterSlipPrint(saleId: $id) { slip { html copy isReprint }
  errors { code } } }"""
SALE_BY_ID = "query($id: ID!) { counterSale(saleId: $id) { id } }"
DESKS = """{ counterDesks { key name shopCode isOpen goods { variantId price listPrice left }
  float { available movements { amount } } day { cash sales } waiting: sales(which: WAITING_PICKUP) { id } } }"""
