"""A shopper's own orders: one list, the right counts, nobody else's, and what can be done with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.checkout.models import Checkout
from saleor.order.models import Order

from saleor_o2o.cashier.models import PaymentIntent
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.ordering.models import OrderProfile, OrderTimeline, SubOrder
from saleor_o2o.ordering.services.repeating import note_twins
from saleor_o2o.ordering.shopping import page
from tests.buying.shopper import ask, choose_payment, fill_checkout, start
from tests.orgs import person, small_org
from tests.stock.world import gid

from .conftest import Mall, states
from .test_states import send

MINE = """query($tab: MyOrderTab, $search: String, $first: Int, $after: String) {
  myOrders(tab: $tab, search: $search, first: $first, after: $after) { cursor tabs { tab count } items {
    number state stateLabel total actions subOrders { seller modeLabel stateLabel total actions
      lines { productName quantity } } } } }"""
ONE = """query($number: String!, $token: String) { myOrder(number: $number, token: $token) {
  number state actions timeline { kind text actor ip } } }"""
CANCEL = """mutation($number: String!, $token: String) { myOrderCancel(number: $number, token: $token) {
  order { state cancelLabel } errors { code message hint } } }"""
RECEIVE = """mutation($number: String!, $part: ID) { myOrderReceive(number: $number, subOrder: $part) {
  order { state } errors { code } } }"""
AGAIN = """mutation($number: String!) { myOrderReorder(number: $number) {
  checkout { id lines { quantity } } changes { words } errors { code } } }"""
COMPLETE = """mutation($id: ID!, $sure: Boolean) { checkoutComplete(checkoutId: $id, confirmDuplicate: $sure) {
  order { id } checkoutErrors { field code message } } }"""
TIMELINE = "query($id: ID!) { orderTimeline(id: $id) { kind actor ip } }"
PRICE = """mutation($id: ID!, $shipping: Decimal) { orderPriceChange(id: $id, shipping: $shipping, reason: "老顾客") {
  total errors { code } } }"""
MARK = """mutation($ids: [ID!]!) { orderMark(ids: $ids, flag: RED, remark: "加急") { changed errors { code } } }"""


def number(order: Order) -> str:
    return OrderProfile.objects.get(order=order).number


@pytest.fixture
def stranger(mall: Mall) -> User:
    return User.objects.create_user("stranger@example.com", "pass-word")


def test_the_list(mall: Mall, order: Order) -> None:
    # given
    paid = mall.place({mall.tea: 1})
    mall.pay(paid)

    # when
    found = ask(MINE, {}, mall.world.customer)["myOrders"]

    # then
    counts = {one["tab"]: one["count"] for one in found["tabs"]}
    assert counts == {
        "ALL": 2,
        "TO_PAY": 1,
        "TO_SHIP": 1,
        "TO_RECEIVE": 0,
        "TO_USE": 0,
        "DONE": 0,
        "CLOSED": 0,
    }
    assert [(one["number"], one["stateLabel"], one["actions"]) for one in found["items"]] == [
        (number(paid), "待发货", ["REORDER", "AFTER_SALE"]),
        (number(order), "待付款", ["PAY", "CANCEL", "REORDER"]),
    ]
    assert [one["seller"] for one in found["items"][1]["subOrders"]] == ["自营", "城口山货", "自营"]


def test_tabs_search_and_pages(mall: Mall, order: Order) -> None:
    other = mall.place({mall.tea: 1})

    def numbers(**asked: Any) -> list[str]:
        found = ask(MINE, asked, mall.world.customer)["myOrders"]
        return [one["number"] for one in found["items"]]

    assert numbers(search="生日蛋糕") == [number(order)]
    assert numbers(search=f"{number(other)}-01") == [number(other)]
    assert numbers(search=number(other)[:-1] + str((int(number(other)[-1]) + 1) % 10)) == []
    assert numbers(tab="DONE") == []
    first = ask(MINE, {"first": 1}, mall.world.customer)["myOrders"]
    assert [one["number"] for one in first["items"]] == [number(other)]
    assert numbers(after=first["cursor"]) == [number(order)]
    assert numbers(after="nonsense") == []


def test_the_list_does_not_grow_in_statements(mall: Mall, order: Order) -> None:
    # given
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(mall.world.customer)
        return len(captured)

    one = statements()
    for _more in range(4):
        mall.place({mall.tea: 1})

    # then
    assert statements() == one == 5  # two of them ask which parts may be complained about, and which repaired


def test_nobody_else_sees_or_touches_it(mall: Mall, order: Order, stranger: User) -> None:
    mine = number(order)
    for who in (stranger, None):
        assert ask(ONE, {"number": mine}, who)["myOrder"] is None
        for mutation, name in (
            (CANCEL, "myOrderCancel"),
            (RECEIVE, "myOrderReceive"),
            (AGAIN, "myOrderReorder"),
        ):
            errors = ask(mutation, {"number": mine}, who)[name]["errors"]
            assert [one["code"] for one in errors] == ["NOT_FOUND"], name
        assert ask(TIMELINE, {"id": gid("Order", order)}, who)["orderTimeline"] is None
    assert ask(MINE, {}, stranger)["myOrders"]["items"] == []
    assert ask(MINE, {}, None)["myOrders"] is None
    assert states(order)[-1] == "pending_payment"
    assert Checkout.objects.count() == 0


def test_a_guest_has_the_token(mall: Mall, order: Order) -> None:
    found = ask(ONE, {"number": number(order), "token": order.token})["myOrder"]
    assert found["number"] == number(order)
    assert ask(ONE, {"number": "20260101", "token": order.token})["myOrder"] is None


def test_cancel_closes_at_the_provider_first(mall: Mall, order: Order) -> None:
    # given
    start(order)

    # when
    done = ask(CANCEL, {"number": number(order)}, mall.world.customer)["myOrderCancel"]

    # then
    assert done == {"order": {"state": "CLOSED", "cancelLabel": "买家取消"}, "errors": []}
    assert [trade.state for trade in mall.provider.trades.values()] == [TradeState.CLOSED]
    assert PaymentIntent.objects.get(order=order).state == "closed"
    again = ask(CANCEL, {"number": number(order)}, mall.world.customer)["myOrderCancel"]
    assert again["errors"] == []


def test_cancel_with_a_silent_provider_is_under_way(mall: Mall, order: Order) -> None:
    # given
    start(order)
    mall.provider.mood = lambda: "down"

    # when
    done = ask(CANCEL, {"number": number(order)}, mall.world.customer)["myOrderCancel"]

    # then
    assert [one["code"] for one in done["errors"]] == ["CANCEL_UNDER_WAY"]
    assert states(order)[-1] == "pending_payment"


def test_a_paid_order_is_not_cancelled(mall: Mall, order: Order) -> None:
    mall.pay(order)
    done = ask(CANCEL, {"number": number(order)}, mall.world.customer)["myOrderCancel"]
    assert [one["code"] for one in done["errors"]] == ["NOT_CANCELLABLE"]
    assert states(order)[-1] == "pending_shipment"


def test_receive_a_part(mall: Mall, order: Order) -> None:
    # given
    mall.pay(order)
    send(mall, order, 1)
    part = SubOrder.objects.get(order=order, position=1)

    # when
    for _twice in range(2):
        done = ask(RECEIVE, {"number": number(order), "part": str(part.pk)}, mall.world.customer)
        assert done["myOrderReceive"]["errors"] == []

    # then
    assert states(order) == ["received", "pending_shipment", "pending_pickup", "partly_shipped"]
    entry = OrderTimeline.objects.get(order=order, kind="received")
    assert (entry.actor, entry.source) == (f"user:{mall.world.customer.pk}", "商城")
    missing = ask(RECEIVE, {"number": number(order), "part": "999999"}, mall.world.customer)["myOrderReceive"]
    assert [one["code"] for one in missing["errors"]] == ["NOT_FOUND"]


def test_reorder_says_what_changed(mall: Mall, order: Order) -> None:
    # given: tea is dearer, one orange is left, the card is gone
    mall.tea.product.price_amount = Decimal("66.00")
    mall.tea.product.save()
    mall.world.stock.quantity = 3
    mall.world.stock.save()
    mall.card.product.is_published = False
    mall.card.product.save()

    # when
    done = ask(AGAIN, {"number": number(order)}, mall.world.customer)["myOrderReorder"]

    # then
    assert [one["words"] for one in done["changes"]] == [
        "奉节脐橙 5 千克 库存只剩 1 件",
        "鸡鸣茶 一份 现价 ¥66.00，比上次贵 ¥6.00",
        "生日蛋糕卡 一份 已下架或无货",
    ]
    assert sorted(line["quantity"] for line in done["checkout"]["lines"]) == [1, 1]
    assert Checkout.objects.get().user == mall.world.customer


def test_the_same_basket_twice_asks_first(mall: Mall, order: Order) -> None:
    # given
    cart = fill_checkout(mall.world, {mall.orange: 2, mall.tea: 1, mall.card: 1}, mall.world.customer)
    choose_payment(cart)

    # when
    asked = ask(COMPLETE, {"id": cart["id"], "sure": False}, mall.world.customer)["checkoutComplete"]

    # then: nothing was placed, and the earlier order is named
    assert [(one["field"], one["code"]) for one in asked["checkoutErrors"]] == [
        ("confirmDuplicate", "UNIQUE")
    ]
    assert number(order) in asked["checkoutErrors"][0]["message"]
    assert Order.objects.count() == 1

    # when: the stock storefront, which knows nothing of it, or a buyer who is sure
    done = ask(COMPLETE, {"id": cart["id"]}, mall.world.customer)["checkoutComplete"]
    assert done["checkoutErrors"] == []
    assert (note_twins(), note_twins()) == (1, 0)
    assert OrderProfile.objects.exclude(order=order).get().duplicate_of == order


def test_timeline_for_the_staff_and_for_the_buyer(mall: Mall, order: Order) -> None:
    # given
    assert ask(MARK, {"ids": [gid("Order", order)]}, mall.world.admin)["orderMark"]["changed"] == 1

    # when
    seen = ask(ONE, {"number": number(order)}, mall.world.customer)["myOrder"]["timeline"]
    staff = ask(TIMELINE, {"id": gid("Order", order)}, mall.world.admin)["orderTimeline"]

    # then
    assert [(one["kind"], one["actor"]) for one in seen] == [("PLACED", None)]
    assert [one["kind"] for one in staff] == ["PLACED", "FLAG", "REMARK"]
    assert staff[1]["actor"] == f"user:{mall.world.admin.pk}"


@pytest.fixture
def people(mall: Mall, order: Order, stranger: User) -> dict[str, User | None]:
    """The order belongs to B111; nobody but those of its county may touch it."""
    from plugins.org_hierarchy.models import OrderAttribution

    org = small_org()
    OrderAttribution.objects.update_or_create(
        order=order, defaults={"unit": org["B111"], "org_path": org["B111"].path, "basis": "test"}
    )
    every = ["order.view", "order.edit", "order.price"]
    return {
        "anonymous": None,
        "shopper": stranger,
        "looks": person(org["B111"], "looks", ["order.view"]),
        "clerk": person(org["B111"], "clerk", every, limits={"discount": "50"}),
        "other": person(org["B121"], "other", every, limits={"discount": "50"}),
        "superuser": mall.world.admin,
    }


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("anonymous", "NOT_FOUND"), ("shopper", "NOT_FOUND"), ("looks", "PERMISSION_DENIED"),
        ("other", "NOT_FOUND"), ("clerk", None), ("superuser", None),
    ],
)  # fmt: skip
def test_who_may(
    mall: Mall, order: Order, people: dict[str, User | None], who: str, code: str | None
) -> None:
    # when
    user = people[who]
    marked = ask(MARK, {"ids": [gid("Order", order)]}, user)["orderMark"]
    priced = ask(PRICE, {"id": gid("Order", order), "shipping": "5.00"}, user)["orderPriceChange"]

    # then
    expected = [] if code is None else [{"code": code}]
    assert marked["errors"] == priced["errors"] == expected
    profile = OrderProfile.objects.get(order=order)
    changed = (profile.flag, profile.remark, profile.total) == ("red", "加急", Decimal("232.80"))
    untouched = (profile.flag, profile.remark, profile.total) == ("", "", Decimal("237.80"))
    assert changed if code is None else untouched
