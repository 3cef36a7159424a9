"""Journey ``pay-stripe``: cards that are charged, questioned, declined, reserved, given back, and one lost answer."""

from __future__ import annotations

import json
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Iterator

GATEWAY = "mirumee.payments.stripe"

SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  id name isAvailable variants { id name quantityAvailable } } } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id } } checkoutErrors { field message code } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { field message code } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  payment { id } paymentErrors { field message code } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) { order { id number }
  confirmationNeeded confirmationData checkoutErrors { message code } } }"""
ORDER = """query($id: ID!) { order(id: $id) { paymentStatus isPaid totalCaptured { amount } } }"""
CAPTURE = """mutation($id: ID!, $amount: Decimal!) { orderCapture(id: $id, amount: $amount) {
  orderErrors { message code } } }"""
REFUND = """mutation($id: ID!, $amount: Decimal!) { orderRefund(id: $id, amount: $amount) {
  orderErrors { message code } } }"""
VOID = """mutation($id: ID!) { orderVoid(id: $id) { orderErrors { message code } } }"""
SETTING = """mutation($id: ID!, $value: String!) { pluginUpdate(id: $id, input: {configuration: [
  {name: "Automatic payment capture", value: $value}]}) { pluginsErrors { message } } }"""
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


def play(world: World) -> None:
    """Every way a card can go."""
    variant = _variant(world, "脐橙")
    _charge_and_refund(world, variant)
    _question(world, variant)
    _decline(world, variant)
    _lost_answer(world, variant)
    with _reserving(world):
        _capture_in_part(world, variant)
        _void(world, variant)


def _charge_and_refund(world: World, variant: str) -> None:
    cart, total = _cart(world, variant, "pm_card_visa")
    done = _complete(world, cart)
    world.expect("付款的错误", done["checkoutErrors"], [])
    order = done["order"]
    world.expect("订单已收", _captured(world, order), total)
    world.step(f"刷卡付款 {format_yuan(total)}：订单 {order['number']} 已支付")
    world.expect("再提交一次", _complete(world, cart)["order"]["id"], order["id"])
    part = Decimal("10.01")
    back = world.ask(REFUND, {"id": order["id"], "amount": float(part)}, who="service")["orderRefund"]
    world.expect("退款的错误", back["orderErrors"], [])
    world.expect("退款后的净收款", _captured(world, order), total - part)
    too_much = world.ask(REFUND, {"id": order["id"], "amount": float(total)}, who="service")["orderRefund"]
    world.expect("超额退款被拒绝", bool(too_much["orderErrors"]), True)
    world.step(f"客服退 {format_yuan(part)}，再退全款被拒绝：{too_much['orderErrors'][0]['message']}")


def _question(world: World, variant: str) -> None:
    cart, total = _cart(world, variant, "pm_card_threeDSecure2Required")
    asked = _complete(world, cart)
    world.expect("需要验证", (asked["order"], asked["confirmationNeeded"]), (None, True))
    told = json.loads(asked["confirmationData"])
    page = world.http.get(
        f"{world.sandbox.base_url}/stripe/challenge/{told['id']}",
        params={"client_secret": told["client_secret"]},
    )
    world.expect("验证页", (page.status_code, "是我本人" in page.text), (200, True))
    world.step("发卡银行要求验证：没有下单、没有扣款，页面打开银行的验证")
    world.http.post(
        f"{world.sandbox.base_url}/stripe/challenge/{told['id']}",
        data={"client_secret": told["client_secret"], "answer": "yes"},
    )
    done = _complete(world, cart)
    world.expect("验证后的错误", done["checkoutErrors"], [])
    world.expect("订单已收", _captured(world, done["order"]), total)
    world.step(f"持卡人确认，再提交一次：订单 {done['order']['number']} 已支付，只扣一次")

    cart, total = _cart(world, variant, "pm_card_threeDSecure2Required")
    told = json.loads(_complete(world, cart)["confirmationData"])
    world.sandbox.call("POST", "/stripe/challenge", {"intent": told["id"], "answer": "no"})
    refused = _complete(world, cart)
    world.expect("没有订单", refused["order"], None)
    world.step(f"另一位持卡人拒绝：{refused['checkoutErrors'][0]['message']}")


def _decline(world: World, variant: str) -> None:
    cart, _total = _cart(world, variant, "pm_card_chargeDeclinedInsufficientFunds")
    refused = _complete(world, cart)
    world.expect("没有订单", refused["order"], None)
    words = refused["checkoutErrors"][0]["message"]
    _choose(world, cart, _total, "pm_card_unionpay")
    done = _complete(world, cart)
    world.expect("换卡后的错误", done["checkoutErrors"], [])
    world.step(f"余额不足：{words}；换一张银联卡，付款成功")


def _lost_answer(world: World, variant: str) -> None:
    cart, total = _cart(world, variant, "pm_card_lostAnswer")
    done = _complete(world, cart)
    world.expect("答复丢失后的错误", done["checkoutErrors"], [])
    world.expect("订单已收", _captured(world, done["order"]), total)
    world.step("扣了款但答复丢失：按我方编号查到，订单已支付，只扣一次")

    world.sandbox.call("POST", "/faults", {"system": "stripe", "where": "list", "kind": "http_500"})
    cart, total = _cart(world, variant, "pm_card_lostAnswer")
    silent = _complete(world, cart)
    if silent["order"] is None:
        world.step(f"连查询也没有答复：{silent['checkoutErrors'][0]['message']}")
    done = world.wait_for("查明付款", lambda: _finished(world, cart), seconds=150)
    world.expect("订单已收", _captured(world, done["order"]), total)
    world.step("通知或定时查询随后查明：订单已支付，只扣一次")


def _finished(world: World, cart: str) -> dict[str, Any] | None:
    done = _complete(world, cart)
    return done if done["order"] else None


def _capture_in_part(world: World, variant: str) -> None:
    cart, total = _cart(world, variant, "pm_card_visa")
    order = _complete(world, cart)["order"]
    world.expect("只授权，未收款", _captured(world, order), Decimal(0))
    part = total - Decimal("5.00")
    done = world.ask(CAPTURE, {"id": order["id"], "amount": float(part)}, who="admin")["orderCapture"]
    world.expect("请款的错误", done["orderErrors"], [])
    world.expect("已收", _captured(world, order), part)
    world.step(f"授权 {format_yuan(total)}，少发一件，只请款 {format_yuan(part)}，其余自动放回")


def _void(world: World, variant: str) -> None:
    cart, _total = _cart(world, variant, "pm_card_visa")
    order = _complete(world, cart)["order"]
    done = world.ask(VOID, {"id": order["id"]}, who="admin")["orderVoid"]
    world.expect("撤销的错误", done["orderErrors"], [])
    refused = world.ask(CAPTURE, {"id": order["id"], "amount": 1}, who="admin")["orderCapture"]
    world.expect("撤销后不能请款", bool(refused["orderErrors"]), True)
    world.step("另一笔授权被撤销，钱放回卡里，不能再请款")


@contextmanager
def _reserving(world: World) -> Iterator[None]:
    """Money is only reserved at first, as a shop that weighs its goods wants it."""
    _set_capture(world, "false")
    try:
        yield
    finally:
        _set_capture(world, "true")


def _set_capture(world: World, value: str) -> None:
    done = world.ask(SETTING, {"id": GATEWAY, "value": value}, who="admin")["pluginUpdate"]
    world.expect("改设置的错误", done["pluginsErrors"], [])


def _variant(world: World, text: str) -> str:
    for edge in world.ask(SEARCH, {"text": text})["products"]["edges"]:
        for variant in edge["node"]["variants"]:
            if edge["node"]["isAvailable"] and variant["quantityAvailable"] > 10:
                return str(variant["id"])
    raise Differs(f"搜索“{text}”没有找到有货的商品")


def _cart(world: World, variant: str, token: str) -> tuple[str, Decimal]:
    made = world.ask(
        CREATE,
        {
            "input": {
                "email": "shopper1@example.com",
                "lines": [{"variantId": variant, "quantity": 1}],
                "shippingAddress": ADDRESS,
                "billingAddress": ADDRESS,
            }
        },
    )["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    cart = made["checkout"]
    shipped = world.ask(SHIP, {"id": cart["id"], "method": cart["availableShippingMethods"][0]["id"]})
    amount = shipped["checkoutShippingMethodUpdate"]["checkout"]["totalPrice"]["gross"]["amount"]
    total = Decimal(str(amount))
    _choose(world, cart["id"], total, token)
    return str(cart["id"]), total


def _choose(world: World, cart: str, total: Decimal, token: str) -> None:
    given = {"gateway": GATEWAY, "token": token, "amount": float(total)}
    chosen = world.ask(PAYMENT, {"id": cart, "input": given})["checkoutPaymentCreate"]
    world.expect("选择支付方式的错误", chosen["paymentErrors"], [])


def _complete(world: World, cart: str) -> dict[str, Any]:
    done: dict[str, Any] = world.ask(COMPLETE, {"id": cart}, retry=True)["checkoutComplete"]
    return done


def _captured(world: World, order: dict[str, Any]) -> Decimal:
    seen = world.ask(ORDER, {"id": order["id"]}, who="admin")["order"]
    return Decimal(str(seen["totalCaptured"]["amount"]))
