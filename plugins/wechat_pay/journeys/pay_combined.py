"""Journey ``pay-combined``: one cart of two sellers, one payment, a trade each, money back in shares."""

from __future__ import annotations

from decimal import Decimal

from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.money import format_yuan

from .goods import REFUND
from .shopping import (
    find_seller_goods,
    intent,
    place_lines,
    start_paying,
    wait_until_paid,
)


def play(world: World) -> None:
    """Two sellers' goods in one cart: paid once, refunded in exact shares, each from its own account."""
    variants = find_seller_goods(world)
    order = place_lines(world, [(variant, 1) for variant in variants], who="shopper1")
    world.step(
        f"购物车里有 {len(variants)} 个商家的货，下成一单 {order.number}，应付 {format_yuan(order.total)}"
    )

    told = start_paying(world, order)
    world.expect("发起支付的错误", told["errors"], [])
    paying = world.sandbox.call("POST", "/wechat_pay/cancel", {"code_url": told["codeUrl"]})
    number, parts = paying["combine_out_trade_no"], paying["sub_orders"]
    world.expect(
        "各子单合计（分）", sum(one["amount"]["total_amount"] for one in parts), int(order.total * 100)
    )
    world.expect("收款商户各不相同", len({one["mchid"] for one in parts}), len(variants))
    world.expect("每个商家一个子单", len(parts), len(variants))
    world.step(f"合单 {number}：{len(parts)} 个子单，各有商户号与单号，金额合计一分不差")

    world.sandbox.pay(number)
    wait_until_paid(world, order)
    told_states = {one["trade_state"] for one in world.sandbox.order(number)["sub_orders"]}
    world.expect("子单状态", told_states, {"SUCCESS"})
    world.step("顾客付一次款，全部子单同时成功；订单显示已支付")

    amount = Decimal("10.01") if order.total > Decimal("10.01") else Decimal("0.11")
    back = world.ask(REFUND, {"id": order.id, "amount": float(amount)}, who="service")["orderRefund"]
    world.expect("退款的错误", back["orderErrors"], [])
    world.wait_for("微信受理各子单的退款", lambda: len(world.sandbox.order(number)["refunds"]) == len(parts))
    refunds = world.sandbox.order(number)["refunds"]
    world.expect("退款合计（分）", sum(one["amount"]["refund"] for one in refunds), int(amount * 100))
    for one in refunds:
        world.let_refund_arrive(one["out_refund_no"])
    world.wait_for(
        "退款到账", lambda: {one["state"] for one in intent(world, order)["refunds"]} == {"SUCCEEDED"}
    )
    world.step(f"退 {format_yuan(amount)}：按各子单金额分摊到分，分别由各自商户号原路退回")
