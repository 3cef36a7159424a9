"""Journey ``after-sale-card``: the money came by bank card, through stock's gateway; people give it back there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from . import buyer
from .after_sale import CITY
from .desk import Desk

CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id name } } checkoutErrors { message } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { message } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  paymentErrors { message } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id, confirmDuplicate: true) {
  order { id token number } checkoutErrors { message } } }"""
CAPTURED = "query($id: ID!) { order(id: $id) { totalCaptured { amount } } }"
REFUND = """mutation($id: ID!, $amount: Decimal!) { orderRefund(id: $id, amount: $amount) {
  orderErrors { message } } }"""


def play(world: World) -> None:
    """One of two goes back before it is sent; the service pays it out with the card's own refund."""
    goods = buyer.find(world, "涪陵榨菜", 2)
    order, total = _buy_by_card(world, goods)
    _shelf, held = buyer.stock(world, goods)
    world.step(f"顾客刷卡买了 2 份榨菜，{format_yuan(total)} 由 Saleor 自己的银行卡渠道收下")
    [offer] = world.ask(buyer.OFFERS, {"token": order["token"]}, who=buyer.WHO)["afterSaleOffers"]
    line = offer["lines"][0]
    half = Decimal(str(line["amount"])) / 2
    wanted = {
        "subOrderNumber": offer["subOrderNumber"], "kind": "REFUND", "reason": "CHANGED_MIND",
        "lines": [{"lineId": line["lineId"], "quantity": 1}],
    }  # fmt: skip
    key = f"card-{offer['subOrderNumber']}"
    made = world.ask(buyer.APPLY, {"key": key, "input": wanted}, who=buyer.WHO)["afterSaleApply"]
    world.expect("申请售后的错误", made["errors"], [])
    number = made["afterSale"]["number"]

    desk = Desk(world, CITY)
    page = desk.sale(number)
    desk.act(page, "agree")
    if "没有经过在线收银台" not in desk.page(page):
        raise Differs("售后单上没有写明到哪里退款")
    world.expect("状态", buyer.seen(world, number)["state"], "REFUNDING")
    world.expect("库存当时放开", buyer.stock(world, goods)[1], held - 1)
    world.step(f"客服同意退 1 份：售后单 {number} 写明这笔款要到银行卡渠道退 {format_yuan(half)}")

    done = world.ask(REFUND, {"id": order["id"], "amount": float(half)}, who=CITY)["orderRefund"]
    world.expect("退款的错误", done["orderErrors"], [])
    buyer.wait_for_state(world, number, "DONE", seconds=180)
    left = world.ask(CAPTURED, {"id": order["id"]}, who="admin")["order"]["totalCaptured"]["amount"]
    world.expect("净收款", Decimal(str(left)), total - half)
    world.step(f"客服在订单上退款 {format_yuan(half)}，入账后售后单自动完成")


def _buy_by_card(world: World, goods: str) -> tuple[dict[str, Any], Decimal]:
    cart = {
        "email": "shopper1@example.com", "lines": [{"variantId": goods, "quantity": 2}],
        "shippingAddress": buyer.ADDRESS, "billingAddress": buyer.ADDRESS,
    }  # fmt: skip
    made = world.ask(CREATE, {"input": cart}, who=buyer.WHO)["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    checkout = made["checkout"]
    method = next(one["id"] for one in checkout["availableShippingMethods"] if "自提" not in one["name"])
    priced = world.ask(SHIP, {"id": checkout["id"], "method": method}, who=buyer.WHO)
    total = Decimal(str(priced["checkoutShippingMethodUpdate"]["checkout"]["totalPrice"]["gross"]["amount"]))
    card = {"gateway": "mirumee.payments.stripe", "token": "pm_card_visa", "amount": float(total)}
    chosen = world.ask(PAYMENT, {"id": checkout["id"], "input": card}, who=buyer.WHO)["checkoutPaymentCreate"]
    world.expect("选择支付方式的错误", chosen["paymentErrors"], [])
    done = world.ask(COMPLETE, {"id": checkout["id"]}, who=buyer.WHO)["checkoutComplete"]
    world.expect("付款的错误", done["checkoutErrors"], [])
    order: dict[str, Any] = done["order"]
    return order, total
