"""Journey ``paid-membership``: bought, upgraded, used at a checkout and a counter; a card raced for, lost, replaced."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.world import World

from . import cards

ERRORS = "errors { field message hint code retryAfter }"
PLANS = "{ membershipPlans { code name kind price months agreement variantId } }"
WISH = f"""mutation($plan: String!, $agreement: String!, $mobile: String) {{
  membershipWish(plan: $plan, agreement: $agreement, giftMobile: $mobile) {{ plan {{ variantId }} {ERRORS} }} }}"""
MINE = """{ myMemberships { number plan { code name } state daysLeft lastDay needsVehicle
  benefits { code name used left } cards { id number state }
  terms { id title paid isVoid refundable refundRefusal plan { code } } } }"""
UPGRADE = f"""mutation($number: String!, $plan: String!) {{ membershipUpgradeAsk(number: $number, plan: $plan) {{
  quote {{ number amount quantity days words plan {{ variantId }} }} {ERRORS} }} }}"""
REFUND = f"mutation($id: ID!) {{ membershipRefundAsk(id: $id) {{ term {{ isVoid }} {ERRORS} }} }}"
PLACE = """mutation($key: String!, $input: BasketInput!) { orderPlace(
  key: $key, input: $input, gateway: "o2o.wechat_pay") {
  order { id number token total { gross { amount } } } errors { code message } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  paymentIntent { number } errors { code message } } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { quote {
  shippingMethods { id name price { amount } }
  total { gross { amount } } deductions { source title amount } errors { code message } }
  errors { code message } } }"""
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name variants { id } } } } }"""
CODE = f"""mutation($number: String!, $benefit: String!) {{
  membershipBenefitCode(number: $number, benefit: $benefit) {{ digits {ERRORS} }} }}"""
REDEEM = f"""mutation($digits: String!, $confirm: Boolean!) {{
  membershipBenefitRedeem(digits: $digits, confirm: $confirm) {{
    look {{ memberName planName benefit {{ name left }} }} use {{ id place }} {ERRORS} }} }}"""
CLERK = "clerk_jiefangbei"
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
        f"网上买{year['name']}，手机付 ¥{paid:.2f}，立即开通，有效期至 {mine['lastDay']}，还剩 {mine['daysLeft']} 天"
    )

    told = person.ask(UPGRADE, number=mine["number"], plan="gold-year")
    world.expect("升级报价", told["errors"], [])
    quote = told["quote"]
    paid = buy(world, person, gold["variantId"], quote["quantity"], quote=quote["number"])
    world.expect("实付差价", paid, Decimal(str(quote["amount"])))
    better = wait_for_plan(world, person, "gold-year")
    world.expect("到期日不变", better["lastDay"], mine["lastDay"])
    world.step(f"补差价升级为{gold['name']}：{quote['words']}，到期日不变")

    first = next(one for one in better["terms"] if one["plan"]["code"] == "year")
    refusal = person.ask(REFUND, id=first["id"])
    world.expect("已升级的不能单独退", [one["code"] for one in refusal["errors"]], ["NOT_REFUNDABLE"])
    world.step(f"想退原来的年卡：{refusal['errors'][0]['message']}")

    _checkout(world, person)
    _redeem(world, person, better)
    play_cards(world, person)


def _checkout(world: World, person: Shopper) -> None:
    """Goods at the member's price, sent for nothing."""
    goods = variant_of(world, "城口老腊肉")
    basket: dict[str, Any] = {
        "lines": [{"variantId": goods, "quantity": 1}], "shippingAddress": ADDRESS, "billingAddress": ADDRESS
    }  # fmt: skip
    methods = person.ask(QUOTE, input=basket)["quote"]["shippingMethods"]
    basket["shippingMethod"] = max(methods, key=lambda one: one["price"]["amount"])["id"]
    plain = person.ask(QUOTE, input=basket)["quote"]
    basket["deductions"] = [{"source": "membership_freight", "values": ["freight"]}]
    quoted = person.ask(QUOTE, input=basket)["quote"]
    world.expect("试算", quoted["errors"], [])
    told = {one["source"]: one["title"] for one in quoted["deductions"]}
    world.expect("会员价和免运费都在明细里", sorted(told), ["member_price", "membership_freight"])
    buy(world, person, goods, basket=basket)
    freight = _benefit(person, "freight")
    world.expect("免运费次数", (freight["used"], freight["left"]), (1, 5))
    before, after = (one["total"]["gross"]["amount"] for one in (plain, quoted))
    world.step(
        f"结算：{told['member_price']}、{told['membership_freight']}，¥{before:.2f} 变成 ¥{after:.2f}，本月还剩 5 次"
    )


def _redeem(world: World, person: Shopper, mine: dict[str, Any]) -> None:
    """A car wash at the counter; after it there is no money back."""
    shown = person.ask(CODE, number=mine["number"], benefit="wash")
    world.expect("出示权益码", shown["errors"], [])
    looked = world.ask(REDEEM, {"digits": shown["digits"], "confirm": False}, who=CLERK)[
        "membershipBenefitRedeem"
    ]
    world.expect("核对", (looked["errors"], looked["look"]["benefit"]["left"]), ([], 6))
    uses = [
        world.ask(REDEEM, {"digits": shown["digits"], "confirm": True}, who=CLERK)["membershipBenefitRedeem"]
        for _tap in range(2)
    ]
    world.expect("点两下是同一次", (uses[0]["errors"], uses[0]["use"]), ([], uses[1]["use"]))
    world.expect("洗车次数", _benefit(person, "wash")["left"], 5)
    world.step(
        f"在{uses[0]['use']['place']}出示十位数字洗车：营业员看到{looked['look']['memberName']}还剩 6 次，核销一次"
    )
    upgrade = next(one for one in person.ask(MINE)[0]["terms"] if one["plan"]["code"] == "gold-year")
    refused = person.ask(REFUND, id=upgrade["id"])
    world.expect("用过不能退", [one["code"] for one in refused["errors"]], ["BENEFIT_USED"])
    world.step(f"想退升级的钱：{refused['errors'][0]['message']}")


def _benefit(person: Shopper, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in person.ask(MINE)[0]["benefits"] if one["code"] == code)
    return found


def variant_of(world: World, name: str) -> str:
    """The variant of goods by their name."""
    edges = world.ask(SEARCH, {"text": name})["products"]["edges"]
    return str(next(one["node"]["variants"][0]["id"] for one in edges if name in one["node"]["name"]))


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


def play_cards(world: World, other: Shopper) -> None:
    """A card for somebody new, whom another telephone races; it is lost and replaced at the counter."""
    codes, _plan = cards.make(world)
    sold, spare, _third = sorted(codes)
    person = enter(world, "王秀英")
    unsold = person.ask(cards.ACTIVATE, number=sold, code=codes[sold])
    world.expect("没售出的卡", [one["code"] for one in unsold["errors"]], ["CARD_UNSOLD"])
    cards.sell(world, sold, variant_of(world, "邮惠年卡（实体卡）"), person.mobile)
    winner = cards.race(world, [person, other], sold, codes[sold])
    cards.lose(world, winner, sold, spare)
