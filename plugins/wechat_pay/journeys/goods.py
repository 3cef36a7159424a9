"""Journey ``goods``: a box of oranges, from the search to half of the money back."""

from __future__ import annotations

from decimal import Decimal

from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.ordering.journeys.shipping import send_all

from .shopping import (
    allocated,
    captures,
    find_variant,
    intent,
    place,
    staff_order,
    start_paying,
    trades,
    wait_until_paid,
)

REFUND = """mutation($id: ID!, $amount: Decimal!) { orderRefund(id: $id, amount: $amount) {
  order { paymentStatus } orderErrors { field message code } } }"""


def play(world: World) -> None:
    """Buy two boxes, pay on the phone, hear the news twice, send them, give half back."""
    variant = find_variant(world, "脐橙")
    world.step(
        f"顾客搜索“脐橙”，看到「{variant['product']}」{variant['name']}，库存 {variant['quantityAvailable']}"
    )
    before = allocated(world, variant["id"])

    order = place(world, variant["id"], 2, who="shopper1")
    world.step(f"放进购物车 2 箱，填好地址，下单：订单 {order.number}，应付 {format_yuan(order.total)}")
    world.expect("下单后占用的库存", allocated(world, variant["id"]) - before, 2)
    world.expect("下单后的支付状态", intent(world, order)["state"], "PENDING")

    refused = send_all(world, order.id)
    world.expect("未付款发货的错误", [error["code"] for error in refused], ["PAYMENT_MISSING"])
    world.step(f"店员想先发货，被拒绝：{refused[0]['message']}")

    told = start_paying(world, order)
    world.expect("发起支付的错误", told["errors"], [])
    world.step(f"选择微信扫码支付，得到付款码 {told['codeUrl'][:38]}…")

    (trade,) = trades(world, order)
    number = trade["out_trade_no"]
    world.sandbox.pay(number)
    world.step(f"顾客用手机付款 {format_yuan(order.total)}（商户订单号 {number}）")
    wait_until_paid(world, order)
    world.step("微信的通知到了，订单显示已支付")

    world.sandbox.send_notification(out_trade_no=number, copies=2)
    paid = staff_order(world, order)
    world.expect("收款笔数与金额", captures(paid), [float(order.total)])
    world.expect("已收金额", Decimal(str(paid["totalCaptured"]["amount"])), order.total)
    world.expect("占用的库存", allocated(world, variant["id"]) - before, 2)
    world.step("同一通知又来了两次：仍只收款一次、占用库存一次")

    world.expect("发货的错误", send_all(world, order.id), [])
    world.expect("发货后占用的库存", allocated(world, variant["id"]), before)
    world.step("店员发货，库存出库")

    half = (order.total / 2).quantize(Decimal("0.01"))
    back = world.ask(REFUND, {"id": order.id, "amount": float(half)}, who="service")["orderRefund"]
    world.expect("退款的错误", back["orderErrors"], [])
    world.step(f"顾客要求退一半，客服受理退款 {format_yuan(half)}")
    again = world.ask(REFUND, {"id": order.id, "amount": float(order.total)}, who="service")["orderRefund"]
    world.expect("超额退款被拒绝", bool(again["orderErrors"]), True)
    world.step(f"再退全款被拒绝：{again['orderErrors'][0]['message']}")

    refund = intent(world, order)["refunds"][0]
    world.wait_for(
        "让微信受理退款",
        lambda: any(
            one["out_refund_no"] == refund["number"] for one in world.sandbox.order(number)["refunds"]
        ),
    )
    world.let_refund_arrive(refund["number"])
    world.wait_for("退款到账", lambda: intent(world, order)["refunds"][0]["state"] == "SUCCEEDED")
    world.expect("到账的退款", Decimal(str(intent(world, order)["refunds"][0]["amount"])), half)
    world.expect("退款笔数", len(intent(world, order)["refunds"]), 1)
    left = staff_order(world, order)
    world.expect("订单净收款", Decimal(str(left["totalCaptured"]["amount"])), order.total - half)
    world.step(f"退款 {format_yuan(half)} 原路退回，订单净收款 {format_yuan(order.total - half)}")
