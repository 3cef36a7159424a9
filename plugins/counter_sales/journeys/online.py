"""A shopper on the web: search, cart, order; over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World

SEARCH = """query { products(first: 20, filter: {search: "脐橙"}) { edges { node {
  isAvailable variants { id quantityAvailable } } } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id } } checkoutErrors { field message code } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { field message code } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  payment { id } paymentErrors { field message code } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token number } checkoutErrors { field message code } } }"""
ADDRESS = {
    "firstName": "晓江",
    "lastName": "李",
    "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1",
    "city": "渝中区",
    "countryArea": "重庆市",
    "postalCode": "400015",
    "country": "CN",
    "phone": "+8613800000001",
}


@dataclass(frozen=True)
class Bought:
    """An order as its buyer knows it; `total` in yuan."""

    id: str
    token: str
    number: str
    total: Decimal


def buy_online(world: World) -> Bought:
    """Two boxes of oranges by the postal parcel, to be paid with WeChat Pay."""
    line = {"variantId": _variant(world), "quantity": 2}
    made = world.ask(
        CREATE,
        {
            "input": {
                "email": "shopper1@example.com",
                "lines": [line],
                "shippingAddress": ADDRESS,
                "billingAddress": ADDRESS,
            }
        },
    )["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    checkout: dict[str, Any] = made["checkout"]
    method = checkout["availableShippingMethods"][0]["id"]
    shipped = world.ask(SHIP, {"id": checkout["id"], "method": method})["checkoutShippingMethodUpdate"]
    total = Decimal(str(shipped["checkout"]["totalPrice"]["gross"]["amount"]))
    chosen = {"gateway": "o2o.wechat_pay", "token": "cart", "amount": float(total)}
    paying = world.ask(PAYMENT, {"id": checkout["id"], "input": chosen})["checkoutPaymentCreate"]
    world.expect("选择支付方式的错误", paying["paymentErrors"], [])
    done = world.ask(COMPLETE, {"id": checkout["id"]}, retry=True)["checkoutComplete"]
    world.expect("下单的错误", done["checkoutErrors"], [])
    order = done["order"]
    return Bought(order["id"], order["token"], order["number"], total)


def _variant(world: World) -> str:
    for edge in world.ask(SEARCH)["products"]["edges"]:
        for variant in edge["node"]["variants"]:
            if edge["node"]["isAvailable"] and variant["quantityAvailable"] >= 2:
                return str(variant["id"])
    raise Differs("搜索“脐橙”没有找到有货的商品")
