"""The staff app's four mutations: who may, what it answers, and that nothing changes for the others."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from saleor.account.models import User
from saleor.order.models import Fulfillment, Order

from plugins.counter_sales.models import CashReceipt, CounterSale
from plugins.counter_sales.services.cash import pay_cash
from saleor_o2o.cashier.models import PaymentIntent
from tests.buying.shopper import ask
from tests.stock.world import gid

from .conftest import Counter, Wechat

D = Decimal
SALE = "sale { id number state total paidBy customer pickupCode receipt { number change } }"
CREATE = f"""mutation($key: String!, $input: CounterOrderInput!) {{
  counterOrderCreate(key: $key, input: $input) {{ {SALE} errors {{ field message hint code }} }} }}"""
CASH = f"""mutation($id: ID!, $tendered: Decimal!) {{
  counterOrderPayCash(saleId: $id, tendered: $tendered) {{ {SALE} errors {{ field message hint code }} }} }}"""
CODE = f"""mutation($id: ID!) {{
  counterOrderShowCode(saleId: $id) {{ {SALE} codeUrl expiresAt errors {{ field message hint code }} }} }}"""
PICKUP = f"""mutation($code: String!, $handOver: Boolean) {{
  counterPickup(code: $code, handOver: $handOver) {{ {SALE} errors {{ field message hint code }} }} }}"""


def basket(counter: Counter, quantity: int = 1, **more: Any) -> dict[str, Any]:
    line = {"variantId": gid("ProductVariant", counter.world.variant), "quantity": quantity}
    return {"lines": [line], **more}


def test_an_afternoon_in_the_app(counter: Counter) -> None:
    # when
    key = str(uuid4())
    wanted = basket(counter, 2, phone="13812340000", customerName="张三丰", expectedTotal="79.80")
    made = ask(CREATE, {"key": key, "input": wanted}, counter.clerk)["counterOrderCreate"]
    again = ask(CREATE, {"key": key, "input": wanted}, counter.clerk)["counterOrderCreate"]
    paid = ask(CASH, {"id": made["sale"]["id"], "tendered": "100"}, counter.clerk)["counterOrderPayCash"]
    code = paid["sale"]["pickupCode"]
    looked = ask(PICKUP, {"code": code}, counter.clerk)["counterPickup"]
    handed = ask(PICKUP, {"code": code, "handOver": True}, counter.clerk)["counterPickup"]
    twice = ask(PICKUP, {"code": code, "handOver": True}, counter.clerk)["counterPickup"]

    # then
    assert made["errors"] == [] and again == made
    assert (made["sale"]["state"], made["sale"]["pickupCode"], made["sale"]["customer"]) == (
        "PLACED",
        None,
        "张** 138****0000",
    )
    assert (paid["sale"]["paidBy"], paid["sale"]["receipt"]["change"]) == ("CASH", 20.2)
    assert (looked["sale"]["state"], handed["sale"]["state"]) == ("PAID", "HANDED")
    assert [error["code"] for error in twice["errors"]] == ["ALREADY_HANDED"]


def test_a_code_in_the_app(counter: Counter, wechat: Wechat) -> None:
    # given
    sale = counter.place(1)

    # when
    shown = ask(CODE, {"id": str(sale.pk)}, counter.clerk)["counterOrderShowCode"]
    wechat.notify(wechat.pay(sale))
    after = ask(CODE, {"id": str(sale.pk)}, counter.clerk)["counterOrderShowCode"]

    # then
    assert shown["errors"] == [] and shown["codeUrl"].startswith("pay://") and shown["expiresAt"]
    assert [error["code"] for error in after["errors"]] == ["ALREADY_PAID"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": []}, "EMPTY_BASKET"),
        ({"lines": [{"variantId": "x", "quantity": 1}]}, "GOODS_GONE"),
        ({"lines": [{"variantId": gid("Order", 1), "quantity": 1}]}, "GOODS_GONE"),
        ({"phone": "1"}, "PHONE_INVALID"),
        ({"expectedTotal": "1.00"}, "PRICE_CHANGED"),
        ({"discount": "11.00", "discountReason": "x"}, "LIMIT_EXCEEDED"),
        ({"place": "B121"}, "NOT_FOUND"),
        ({"place": "nowhere"}, "NOT_FOUND"),
        ({"delivery": "ADDRESS"}, "ADDRESS_INCOMPLETE"),
    ],
)
def test_refusals_have_codes(counter: Counter, changes: dict[str, Any], code: str) -> None:
    # when
    made = ask(CREATE, {"key": str(uuid4()), "input": basket(counter, **changes) | changes}, counter.clerk)

    # then
    assert [error["code"] for error in made["counterOrderCreate"]["errors"]] == [code]
    assert Order.objects.count() == 0


PEOPLE = ("anonymous", "shopper", "clerk", "abroad", "viewer", "manager")


def person(counter: Counter, colleague: Callable[..., User], who: str) -> User | None:
    return {
        "anonymous": lambda: None,
        "shopper": lambda: counter.world.customer,
        "clerk": lambda: counter.clerk,
        "abroad": lambda: colleague("B121", "abroad", limits={"cash": "1000.00"}),
        "viewer": lambda: colleague("C11", "viewer", ["counter_order.view"]),
        "manager": lambda: colleague("C11", "manager", limits={"cash": "1000.00"}),
    }[who]()


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what(counter: Counter, wechat: Wechat, colleague: Callable[..., User], who: str) -> None:
    # given: one sale each to be paid in cash, by code, to be fetched
    user = person(counter, colleague, who)
    for_cash, for_code, fetched = counter.place(1), counter.place(1), counter.place(1)
    pay_cash(counter.clerk, fetched.pk, D("50.00"))
    place = {"place": "B111"}

    # when
    answers = {
        "create": ask(CREATE, {"key": str(uuid4()), "input": basket(counter, **place)}, user)[
            "counterOrderCreate"
        ],
        "cash": ask(CASH, {"id": str(for_cash.pk), "tendered": "50"}, user)["counterOrderPayCash"],
        "code": ask(CODE, {"id": str(for_code.pk)}, user)["counterOrderShowCode"],
        "pickup": ask(PICKUP, {"code": fetched.pickup_code, "handOver": True}, user)["counterPickup"],
    }

    # then
    done = {name: not answer["errors"] for name, answer in answers.items()}
    may = who in ("clerk", "manager")
    assert done == dict.fromkeys(answers, may), answers
    assert CounterSale.objects.count() == 3 + may
    assert CashReceipt.objects.count() == 1 + may
    assert PaymentIntent.objects.count() == may
    assert Fulfillment.objects.count() == may
    if not may:
        allowed = {"NOT_FOUND", "CODE_UNKNOWN", "PERMISSION_DENIED"}
        assert {answer["errors"][0]["code"] for answer in answers.values()} <= allowed
