"""Journey ``paid-membership``: bought on the web, paid on the sandbox's telephone, upgraded by the difference."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.world import World

ERRORS = "errors { field message hint code retryAfter }"
PLANS = "{ membershipPlans { code name kind price months agreement variantId } }"
WISH = f"""mutation($plan: String!, $agreement: String!, $mobile: String) {{
  membershipWish(plan: $plan, agreement: $agreement, giftMobile: $mobile) {{ plan {{ variantId }} {ERRORS} }} }}"""
MINE = """{ myMemberships { number plan { code name } state daysLeft lastDay needsVehicle
  terms { id title paid isVoid refundable refundRefusal plan { code } } } }"""
UPGRADE = f"""mutation($number: String!, $plan: String!) {{ membershipUpgradeAsk(number: $number, plan: $plan) {{
  quote {{ number amount quantity days words plan {{ variantId }} }} {ERRORS} }} }}"""
REFUND = f"mutation($id: ID!) {{ membershipRefundAsk(id: $id) {{ term {{ isVoid }} {ERRORS} }} }}"
PLACE = """mutation($key: String!, $input: BasketInput!) { orderPlace(
  key: $key, input: $input, gateway: "o2o.wechat_pay") {
  order { id number token total { gross { amount } } } errors { code message } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  paymentIntent { number } errors { code message } } }"""
ADDRESS = {
    "firstName": "桂英", "lastName": "李", "streetAddress1": "民族路 18 号", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN", "phone": "+8613800138000",
}  # fmt: skip


def play(world: World) -> None:
    """A year card and what becomes of it."""
    person = enter(world, "李桂英")
    plans = {one["code"]: one for one in world.ask(PLANS)["membershipPlans"]}
    year, gold = plans["year"], plans["gold-year"]
    refused = person.ask(WISH, plan="year", agreement="旧版")
    world.expect("没有同意协议", [one["code"] for one in refused["errors"]], ["REQUIRED"])
    world.expect("同意协议", person.ask(WISH, plan="year", agreement=year["agreement"])["errors"], [])
    paid = buy(world, person, year["variantId"])
    mine = wait_for_plan(world, person, "year")
    world.step(
        f"网上买{year['name']}，手机付 ¥{paid}，立即开通，有效期至 {mine['lastDay']}，还剩 {mine['daysLeft']} 天"
    )

    told = person.ask(UPGRADE, number=mine["number"], plan="gold-year")
    world.expect("升级报价", told["errors"], [])
    quote = told["quote"]
    paid = buy(world, person, gold["variantId"], quote["quantity"], quote=quote["number"])
    world.expect("实付差价", paid, Decimal(str(quote["amount"])))
    better = wait_for_plan(world, person, "gold-year")
    world.expect("到期日不变", better["lastDay"], mine["lastDay"])
    world.step(f"补差价升级为{gold['name']}：{quote['words']}，到期日不变")

    upgrade = next(one for one in better["terms"] if one["plan"]["code"] == "gold-year")
    first = next(one for one in better["terms"] if one["plan"]["code"] == "year")
    refusal = person.ask(REFUND, id=first["id"])
    world.expect("已升级的不能单独退", [one["code"] for one in refusal["errors"]], ["NOT_REFUNDABLE"])
    world.expect("升级没有用过权益，可退", upgrade["refundable"], True)
    world.step(f"想退原来的年卡：{refusal['errors'][0]['message']}")


def enter(world: World, name: str) -> Shopper:
    """Somebody new, logged in by a code."""
    person = Shopper(world, name)
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    entered = person.ask(SIGN_IN, mobile=person.mobile, code=person.code(), agreement=agreement, name=name)
    world.expect("登录", entered["errors"], [])
    person.token = entered["token"]
    return person


def buy(
    world: World, person: Shopper, variant: str, quantity: int = 1, *, quote: str = "", basket: Any = None
) -> Decimal:
    """Order, and pay on the sandbox's telephone; what was paid."""
    wanted: dict[str, Any] = basket or {
        "lines": [{"variantId": variant, "quantity": quantity}], "billingAddress": ADDRESS
    }  # fmt: skip
    if quote:
        wanted["deductions"] = [{"source": "membership_upgrade", "values": [quote]}]
    placed = person.ask(PLACE, key=secrets.token_hex(16), input=wanted)
    world.expect("下单", placed["errors"], [])
    order = placed["order"]
    started = person.ask(START, token=order["token"])
    world.expect("发起支付", started["errors"], [])
    total = Decimal(str(order["total"]["gross"]["amount"]))
    [trade] = [
        one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order['number']}")
    ]
    world.sandbox.pay(trade["out_trade_no"])
    return total


def wait_for_plan(world: World, person: Shopper, code: str) -> dict[str, Any]:
    """One's membership, once it is that plan's: events are delivered after the commit."""

    def look() -> Any:
        return next((one for one in person.ask(MINE) if one["plan"]["code"] == code), None)

    found: dict[str, Any] = world.wait_for("会员开通", look)
    return found
