"""What a member leaves behind before two become one: an order, points, a coupon."""

from __future__ import annotations

import secrets
from typing import Any

from saleor_o2o.journeys.world import World

from .login import Shopper

GATEWAY, GOODS = "o2o.wechat_pay", "城口老腊肉"
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name variants { id } } } } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { quote { shippingMethods { id }
  total { gross { amount } } errors { message } } errors { message } } }"""
PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!, $expected: Decimal) {
  orderPlace(key: $key, input: $input, gateway: $gateway, expectedTotal: $expected) {
    order { token number } errors { code message } } }"""
PLANS = "{ membershipPlans { code agreement variantId } }"
WISH = """mutation($plan: String!, $agreement: String!) { membershipWish(plan: $plan, agreement: $agreement) {
  errors { message } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  errors { message } } }"""
MEMBERSHIPS = "{ myMemberships { daysLeft } }"
SIGN = "mutation { pointsSignIn { points errors { code message } } }"
POINTS = "{ myLoyalty { standing { points } } }"
CENTRE = "{ couponCentre { id title gone } }"
CLAIM = "mutation($id: ID!, $key: String) { couponClaim(id: $id, key: $key) { coupons { number } errors { message } } }"
COUPONS = "{ myCoupons { number } }"
ORDERS = "{ myOrders { items { number } } }"
ADDRESS = {
    "firstName": "渝", "lastName": "小", "streetAddress1": "中山四路示例小区 1 栋", "city": "渝中区",
    "countryArea": "重庆市",
    "postalCode": "400015", "country": "CN", "phone": "+8613800000009",
}  # fmt: skip


def live(world: World, one: Shopper) -> dict[str, Any]:
    """Order something, sign in for points, take a coupon; what of it the member sees."""
    variant = world.ask(SEARCH, {"text": GOODS})["products"]["edges"][0]["node"]["variants"][0]["id"]
    basket: dict[str, Any] = {
        "lines": [{"variantId": variant, "quantity": 1}], "shippingAddress": ADDRESS, "billingAddress": ADDRESS,
    }  # fmt: skip
    methods = one.ask(QUOTE, input=basket)["quote"]["shippingMethods"]
    basket["shippingMethod"] = methods[0]["id"]
    total = one.ask(QUOTE, input=basket)["quote"]["total"]["gross"]["amount"]
    placed = one.ask(PLACE, key=secrets.token_hex(16), input=basket, gateway=GATEWAY, expected=str(total))
    world.expect(f"{one.name}下单", placed["errors"], [])
    world.expect(f"{one.name}签到", one.ask(SIGN)["errors"], [])
    offer = next(offer for offer in one.ask(CENTRE) if not offer["gone"])
    claimed = one.ask(CLAIM, id=offer["id"], key=secrets.token_hex(8))
    world.expect(f"{one.name}领券", claimed["errors"], [])
    return seen(one)


def join(world: World, one: Shopper) -> None:
    """Buy the year, and pay on the sandbox's telephone."""
    [year] = [row for row in world.ask(PLANS)["membershipPlans"] if row["code"] == "year"]
    wish = one.ask(WISH, plan="year", agreement=year["agreement"])
    world.expect(f"{one.name}同意会员协议", wish["errors"], [])
    basket = {"lines": [{"variantId": year["variantId"], "quantity": 1}], "billingAddress": ADDRESS}
    placed = one.ask(PLACE, key=secrets.token_hex(16), input=basket, gateway=GATEWAY)
    world.expect(f"{one.name}买年卡", placed["errors"], [])
    order = placed["order"]
    world.expect(f"{one.name}付款", one.ask(START, token=order["token"])["errors"], [])
    [trade] = [
        row for row in world.sandbox.orders() if row["description"].endswith(f"订单 {order['number']}")
    ]
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for(f"{one.name}会员开通", lambda: days_left(one))


def days_left(one: Shopper) -> int:
    """The days that somebody's membership has left."""
    return sum(row["daysLeft"] for row in one.ask(MEMBERSHIPS))


def seen(one: Shopper) -> dict[str, Any]:
    """The orders, points and coupons that somebody sees as his."""
    return {
        "orders": sorted(row["number"] for row in one.ask(ORDERS)["items"]),
        "points": one.ask(POINTS)["standing"]["points"],
        "coupons": {row["number"] for row in one.ask(COUPONS)},
    }
