"""Journey ``coupon-race``: two phones, one coupon; exactly one order has it, the other is told and buys without."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

from saleor_o2o.journeys.world import World

GATEWAY = "o2o.wechat_pay"
WHO = "shopper2"
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name variants { id } } } } }"""
CENTRE = "{ couponCentre { id title terms gone mine } }"
CLAIM = """mutation($id: ID!, $key: String) { couponClaim(id: $id, key: $key) {
  coupons { number title terms } errors { code message } } }"""
MINE = "query($state: CouponState) { myCoupons(state: $state) { number title state orderNumber } }"
OFFERS = """query($input: BasketInput!) { basketCoupons(input: $input) {
  usable { coupon { number title } saves } others { coupon { number } refusal } best bestSaves } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { quote { shippingMethods { id name }
  total { gross { amount } } discount { amount } deductions { reference title amount } errors { code message } }
  errors { code message } } }"""
PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!, $expected: Decimal) {
  orderPlace(key: $key, input: $input, gateway: $gateway, expectedTotal: $expected) {
    order { token total { gross { amount } } discount { amount } } errors { code message hint } } }"""
ORDERS = """{ myOrders { items { number token total deductions { source reference title amount lines { amount } }
  subOrders { total } } } }"""
CANCEL = (
    "mutation($number: String!) { myOrderCancel(number: $number) { order { state } errors { message } } }"
)
ADDRESS = {
    "firstName": "晓江", "lastName": "李", "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1", "city": "渝中区",
    "countryArea": "重庆市", "postalCode": "400015", "country": "CN", "phone": "+8613800000002",
}  # fmt: skip


def play(world: World) -> None:
    """Claim, be advised, race, buy without, cancel and have it back."""
    title = "全场满百减十"
    offer = next(one for one in world.ask(CENTRE, {}, who=WHO)["couponCentre"] if one["title"] == title)
    key = secrets.token_hex(8)
    taken = [world.ask(CLAIM, {"id": offer["id"], "key": key}, who=WHO)["couponClaim"] for _tap in range(2)]
    world.expect("点两次领到的是同一张", taken[0]["coupons"], taken[1]["coupons"])
    coupon = taken[0]["coupons"][0]
    world.step(
        f"会员在领券中心领了“{coupon['title']}”（{coupon['terms']}），点了两次，只有一张：{coupon['number']}"
    )

    basket = _basket(world)
    plain = _quote(world, basket)
    offers = world.ask(OFFERS, {"input": basket}, who=WHO)["basketCoupons"]
    world.expect(
        "这张券可用", coupon["number"] in [one["coupon"]["number"] for one in offers["usable"]], True
    )
    world.step(
        f"购物车应付 ¥{plain['total']['gross']['amount']:.2f}，平台建议的组合能省 ¥{offers['bestSaves']:.2f}"
    )

    chosen = {**basket, "deductions": [{"source": "coupons", "values": [coupon["number"]]}]}
    quoted = _quote(world, chosen)
    total = quoted["total"]["gross"]["amount"]
    world.expect("少付", round(plain["total"]["gross"]["amount"] - total, 2), 10.0)
    world.step(f"两部手机都选了这张券，都看到应付 ¥{total:.2f}")

    gate = Barrier(2, timeout=30)

    def phone(_number: int) -> Any:
        gate.wait()
        return _place(world, chosen, total)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(phone, range(2)))
    won = [one for one in answers if one["order"] is not None]
    lost = [one for one in answers if one["order"] is None]
    world.expect("得到这张券的订单", len(won), 1)
    world.expect("另一部手机的错误", [one["code"] for one in lost[0]["errors"]], ["IN_USE"])
    world.step(f"同时提交：只有一张订单得到它；另一部手机看到“{lost[0]['errors'][0]['message']}”，购物车还在")

    held = _coupon(world, coupon["number"], "LOCKED")
    order = next(
        one
        for one in world.ask(ORDERS, {}, who=WHO)["myOrders"]["items"]
        if one["number"] == held["orderNumber"]
    )
    world.expect("订单上的明细", [one["reference"] for one in order["deductions"]], [coupon["number"]])
    world.expect(
        "子订单合计", sum(Decimal(str(one["total"])) for one in order["subOrders"]), Decimal(str(total))
    )
    without = _place(world, basket, plain["total"]["gross"]["amount"])
    world.expect("不用券的订单", without["errors"], [])
    world.step(f"另一部手机不用券下单成功；券在订单 {held['orderNumber']} 里锁定，金额分摊到每一行")

    done = world.ask(CANCEL, {"number": order["number"]}, who=WHO)["myOrderCancel"]
    world.expect("取消的错误", done["errors"], [])
    world.wait_for("券退回", lambda: _coupon(world, coupon["number"], "UNUSED") is not None)
    world.step("取消没有付款的订单：券马上退回，还能再用")


def _basket(world: World) -> dict[str, Any]:
    edges = world.ask(SEARCH, {"text": "城口老腊肉"})["products"]["edges"]
    variant = edges[0]["node"]["variants"][0]["id"]
    basket: dict[str, Any] = {
        "lines": [{"variantId": variant, "quantity": 3}], "shippingAddress": ADDRESS, "billingAddress": ADDRESS,
    }  # fmt: skip
    methods = _quote(world, basket)["shippingMethods"]
    return {**basket, "shippingMethod": methods[0]["id"]}


def _quote(world: World, basket: dict[str, Any]) -> Any:
    return world.ask(QUOTE, {"input": basket}, who=WHO)["basketQuote"]["quote"]


def _place(world: World, basket: dict[str, Any], total: float) -> Any:
    given = {"key": secrets.token_hex(16), "input": basket, "gateway": GATEWAY, "expected": str(total)}
    return world.ask(PLACE, given, who=WHO)["orderPlace"]


def _coupon(world: World, number: str, state: str) -> Any:
    found = world.ask(MINE, {"state": state}, who=WHO)["myCoupons"]
    return next((one for one in found if one["number"] == number), None)
