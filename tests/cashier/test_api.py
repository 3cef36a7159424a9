"""The API of the cashier: by an order's token for shoppers, by reach and permission for the staff."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from saleor.account.models import User

from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.cashier.models import MethodRule, OfflineTransfer, OrderRefund, PaymentIntent, PaymentPart
from tests.buying.shopper import ask
from tests.orgs import again, person, small_org
from tests.stock.world import gid

from .conftest import Till, balance, state
from .test_transfers import picture

D = Decimal
PAGE = """covered due parts { method label state amount refunded ready }
  methods { method title remote offered whyNot prompt minAmount maxAmount }
  paymentIntent { number state amount } orderRefunds { number amount state shares { method label amount done } }"""
CASHIER = f"query($token: String!) {{ cashier(orderToken: $token) {{ {PAGE} }} }}"
COMPOSE = f"""mutation($token: String!, $parts: [PaymentPartInput!]!) {{
  paymentCompose(orderToken: $token, parts: $parts) {{
    cashier {{ {PAGE} }} errors {{ field message hint code }} }} }}"""
ORDER = f"query($id: ID!) {{ orderCashier(id: $id) {{ {PAGE} }} }}"
PLAN = """query($id: ID!, $amount: Decimal!) { orderCashier(id: $id) {
  refundPlan(amount: $amount) { label amount left } } }"""
STAFF = """mutation($id: ID!, $parts: [PaymentPartInput!]!) { orderPaymentCompose(id: $id, parts: $parts) {
  cashier { due } errors { field code } } }"""
REFUND = """mutation($id: ID!, $amount: Decimal!, $reason: String!, $key: String!) {
  orderRefundRequest(id: $id, amount: $amount, reason: $reason, key: $key) {
    orderRefund { number amount state shares { method amount done } } errors { field code message } } }"""
TRANSFER = """mutation($token: String!, $name: String!, $voucher: Upload!) {
  paymentTransferSubmit(orderToken: $token, payerName: $name, voucher: $voucher) {
    transferNumber cashier { due parts { method ready } } errors { field code } } }"""


def token(intent: PaymentIntent) -> str:
    return str(intent.order.token)


def test_a_shopper_sees_what_is_offered_and_why_not_the_rest(till: Till) -> None:
    # given
    intent = till.buy()
    MethodRule.objects.create(method="gift_card", is_offered=False, words="代收费不能用储值卡")

    # when
    page = ask(CASHIER, {"token": token(intent)})["cashier"]

    # then
    methods = {one["method"]: (one["remote"], one["offered"], one["whyNot"]) for one in page["methods"]}
    assert methods["WECHAT_NATIVE"] == (True, True, None)
    assert methods["gift_card"] == (False, False, "代收费不能用储值卡")
    assert (page["covered"], page["due"], page["parts"]) == (0, 89.8, [])
    assert "cash" not in methods  # the staff's


def test_composing_over_the_api(till: Till) -> None:
    # given
    intent, card = till.buy(), till.card(20)

    # when
    done = ask(COMPOSE, {"token": token(intent), "parts": [{"method": "gift_card", "code": card.code}]})

    # then
    answer = done["paymentCompose"]
    assert answer["errors"] == []
    assert (answer["cashier"]["covered"], answer["cashier"]["due"]) == (20, 69.8)
    [part] = answer["cashier"]["parts"]
    assert part == {
        "method": "gift_card", "label": f"储值卡 {card.display_code}", "state": "HELD", "amount": 20, "refunded": 0,
        "ready": True,
    }  # fmt: skip
    assert card.code not in json.dumps(answer)

    # when: none any more
    answer = ask(COMPOSE, {"token": token(intent), "parts": []})["paymentCompose"]
    assert (answer["cashier"]["parts"], balance(card)) == ([], D(20))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([{"method": "nonsense"}], "METHOD_NOT_OFFERED"),
        ([{"method": "cash", "amount": "5"}], "METHOD_NOT_OFFERED"),
        ([{"method": "gift_card", "code": "x" * 500}], "CARD_UNUSABLE"),
        ([{"method": "gift_card", "code": "'; --", "amount": "-1"}], "INVALID_AMOUNT"),
        ([{"method": "points", "amount": "1e18"}], "INVALID_AMOUNT"),
        ([{"method": "points", "amount": "0.001"}], "INVALID_AMOUNT"),
        ([{"method": "points", "code": str(n), "amount": "1"} for n in range(9)], "TOO_MANY_PARTS"),
    ],
)
def test_bad_input_is_told_and_holds_nothing(till: Till, parts: list[dict[str, Any]], code: str) -> None:
    # given
    intent = till.buy()

    # when
    answer = ask(COMPOSE, {"token": token(intent), "parts": parts})["paymentCompose"]

    # then
    assert [error["code"] for error in answer["errors"]] == [code]
    assert (answer["cashier"], PaymentPart.objects.count()) == (None, 0)


def test_an_unknown_token_is_not_found(till: Till) -> None:
    # when / then
    for wrong in ("", "x", str(UUID(int=1))):
        assert ask(CASHIER, {"token": wrong})["cashier"] is None
        [error] = ask(COMPOSE, {"token": wrong, "parts": []})["paymentCompose"]["errors"]
        assert error["code"] == "NOT_FOUND"


def test_a_voucher_is_uploaded(till: Till) -> None:
    # given
    intent = till.buy()
    operations = {"query": TRANSFER, "variables": {"token": token(intent), "name": "王建国", "voucher": None}}

    # when
    response = Client().post(
        "/graphql/",
        {
            "operations": json.dumps(operations),
            "map": json.dumps({"0": ["variables.voucher"]}),
            "0": picture(),
        },
    )

    # then
    answer = response.json()["data"]["paymentTransferSubmit"]
    assert answer["errors"] == []
    assert answer["cashier"] == {"due": 0, "parts": [{"method": "transfer", "ready": False}]}
    assert OfflineTransfer.objects.get().number == answer["transferNumber"]


@pytest.fixture
def staff(till: Till) -> dict[str, User | None]:
    """Anonymous, a shopper, clerks of two counties, the city's manager."""
    org = small_org()
    every = ["order.view", "order.create", "order.refund", "payment.view", "payment.refund"]
    return {
        "anonymous": None,
        "shopper": till.world.customer,
        "looks": person(org["C11"], "looks", ["order.view", "payment.view"]),
        "theirs": person(org["C12"], "theirs", every, limits={"refund": "1000"}),
        "ours": person(org["C11"], "ours", every, limits={"refund": "30"}),
        "city": person(org["CQ"], "city", every, limits={"refund": "1000"}),
    }


def at_b111(intent: PaymentIntent) -> str:
    from plugins.org_hierarchy.models import OrgUnit

    unit = OrgUnit.objects.get(code="B111")
    OrderAttribution.objects.update_or_create(
        order=intent.order, defaults={"unit": unit, "org_path": unit.path, "basis": "test"}
    )
    return gid("Order", intent.order)


def test_who_may_look_compose_and_refund(till: Till, staff: dict[str, User | None]) -> None:
    # given
    intent, card = till.buy(), till.card(20)
    order = at_b111(intent)
    parts = [{"method": "gift_card", "code": card.code}]

    def tried(who: str, document: str, **variables: Any) -> Any:
        user = staff[who]
        return ask(document, {"id": order, **variables}, again(user) if user is not None else None)

    # then: sight
    seen = {who: tried(who, ORDER)["orderCashier"] is not None for who in staff}
    assert seen == {
        "anonymous": False, "shopper": False, "looks": True, "theirs": False, "ours": True, "city": True,
    }  # fmt: skip

    # then: composing; whoever may not changes nothing
    refused = {
        who: [error["code"] for error in tried(who, STAFF, parts=parts)["orderPaymentCompose"]["errors"]]
        for who in ("anonymous", "shopper", "looks", "theirs")
    }
    assert refused == {
        "anonymous": ["NOT_FOUND"], "shopper": ["NOT_FOUND"], "looks": ["PERMISSION_DENIED"], "theirs": ["NOT_FOUND"],
    }  # fmt: skip
    assert (balance(card), PaymentPart.objects.count()) == (D(20), 0)
    assert tried("ours", STAFF, parts=parts)["orderPaymentCompose"] == {
        "cashier": {"due": 69.8},
        "errors": [],
    }
    till.pay(till.scan(intent))

    # then: refunding
    give = {"amount": "10", "reason": "坏果", "key": "k1"}
    refused = {
        who: [error["code"] for error in tried(who, REFUND, **give)["orderRefundRequest"]["errors"]]
        for who in ("anonymous", "shopper", "looks", "theirs")
    }
    assert set(map(tuple, refused.values())) == {("NOT_FOUND",), ("PERMISSION_DENIED",)}
    assert OrderRefund.objects.count() == 0
    done = tried("ours", REFUND, **give)["orderRefundRequest"]
    assert done["errors"] == []
    assert [(one["method"], one["amount"], one["done"]) for one in done["orderRefund"]["shares"]] == [
        ("WECHAT_NATIVE", 7.77, False), ("gift_card", 2.23, True),
    ]  # fmt: skip
    assert (
        tried("ours", REFUND, **give)["orderRefundRequest"]["orderRefund"]["number"]
        == done["orderRefund"]["number"]
    )
    # thirty a person, in pieces too
    [beyond] = tried("ours", REFUND, amount="20.01", reason="x", key="k2")["orderRefundRequest"]["errors"]
    assert beyond["code"] == "LIMIT_EXCEEDED"
    assert tried("city", REFUND, amount="79.80", reason="x", key="k3")["orderRefundRequest"]["errors"] == []
    assert (state(intent)[1], balance(card)) == (D(0), D(20))


def test_a_refund_is_shown_before_it_is_made(till: Till, staff: dict[str, User | None]) -> None:
    # given
    intent = till.buy()
    order = at_b111(intent)
    card = till.card(20)
    ask(COMPOSE, {"token": token(intent), "parts": [{"method": "gift_card", "code": card.code}]})
    till.pay(till.scan(intent))

    # when
    shown = ask(PLAN, {"id": order, "amount": "10"}, again(staff["ours"]))["orderCashier"]["refundPlan"]

    # then
    assert shown == [
        {"label": "假想支付", "amount": 7.77, "left": 69.8},
        {"label": f"储值卡 {card.display_code}", "amount": 2.23, "left": 20},
    ]
    assert OrderRefund.objects.count() == 0


def test_the_page_costs_the_same_with_many_parts(till: Till) -> None:
    # given
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(parts: int) -> int:
        intent = till.buy(1)
        chosen = [{"method": "points", "code": f"a{n}", "amount": "1"} for n in range(parts)]
        assert ask(COMPOSE, {"token": token(intent), "parts": chosen})["paymentCompose"]["errors"] == []
        with CaptureQueriesContext(connection) as captured:
            ask(CASHIER, {"token": token(intent)})
        return len(captured)

    # when
    cost(1)
    few, many = cost(1), cost(5)

    # then
    assert few == many <= 12
