"""What the shopper of the journey does: one product to an address, paid with WeChat."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World

GATEWAY = "o2o.wechat_pay"
GOODS = "涪陵榨菜"
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name variants { id quantityAvailable } } } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id name } } checkoutErrors { field message } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { message } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  paymentErrors { message } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token number } checkoutErrors { field message code } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  errors { message } } }"""
INTENT = "query($token: String!) { paymentIntent(orderToken: $token) { state } }"
MINE = """query { myOrders(tab: TO_SHIP) { items { token number subOrders { number } } } }"""


@dataclass(frozen=True)
class Bought:
    """An order as its buyer knows it."""

    id: str
    token: str
    number: str
    part: str


def buy(world: World, street: str, *, district: str = "渝中区", method: str = "") -> Bought:
    """Buy one jar to a street of a district and pay; `method`: a shipping method by name."""
    address = {
        "firstName": "晓江", "lastName": "李", "streetAddress1": street, "city": district, "countryArea": "重庆市",
        "postalCode": "400010", "country": "CN", "phone": "+8613800000001",
    }  # fmt: skip
    wanted = {
        "email": "shopper1@example.com", "lines": [{"variantId": _find(world), "quantity": 1}],
        "shippingAddress": address, "billingAddress": address,
    }  # fmt: skip
    made = world.ask(CREATE, {"input": wanted}, who="shopper1")["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    checkout = made["checkout"]
    methods = checkout["availableShippingMethods"]
    chosen = next(one for one in methods if (one["name"] == method if method else one["name"] != "网点自提"))
    priced = world.ask(SHIP, {"id": checkout["id"], "method": chosen["id"]}, who="shopper1")
    total = Decimal(str(priced["checkoutShippingMethodUpdate"]["checkout"]["totalPrice"]["gross"]["amount"]))
    given = {"gateway": GATEWAY, "token": "cart", "amount": float(total)}
    paid = world.ask(PAYMENT, {"id": checkout["id"], "input": given}, who="shopper1")
    world.expect("选择支付方式的错误", paid["checkoutPaymentCreate"]["paymentErrors"], [])
    done = world.ask(COMPLETE, {"id": checkout["id"]}, who="shopper1", retry=True)["checkoutComplete"]
    world.expect("下单的错误", done["checkoutErrors"], [])
    return _pay(world, done["order"])


def _find(world: World) -> str:
    for edge in world.ask(SEARCH, {"text": GOODS})["products"]["edges"]:
        for variant in edge["node"]["variants"]:
            if variant["quantityAvailable"] > 1:
                return str(variant["id"])
    raise Differs(f"搜索“{GOODS}”没有找到有货的商品")


def _pay(world: World, order: dict[str, Any]) -> Bought:
    told = world.ask(START, {"token": order["token"]})["paymentStart"]
    world.expect("发起支付的错误", told["errors"], [])
    mine = [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order['number']}")]
    world.sandbox.pay(mine[0]["out_trade_no"])
    asked = {"token": order["token"]}
    world.wait_for("到账", lambda: world.ask(INTENT, asked)["paymentIntent"]["state"] == "PAID")
    # picked up or to be sent: by its own number
    from saleor_o2o.ordering.interfaces import profile_of, sub_orders_of

    pk = int(order["number"])
    profile = profile_of(pk)
    if profile is None:
        raise Differs("订单没有编号")
    return Bought(order["id"], order["token"], profile.number, sub_orders_of(pk)[0].number)
