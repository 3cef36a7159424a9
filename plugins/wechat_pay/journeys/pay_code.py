"""Journey ``pay-code``: the clerk scans phones: at once, with a password, too slow, with the answer lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from .desk import Till

CHEN, LI, WANG = (
    "oSandboxPersonChenYujiang001",
    "oSandboxPersonLiChunlan00002",
    "oSandboxPersonWangDayong0003",
)


def play(world: World) -> None:
    """Four customers at one till; none is charged twice, none for nothing."""
    till = Till(world, "clerk_jiefangbei")
    goods = next(
        (one for one in till.ask("goods", q="脐橙")["goods"] if one["left"] and one["left"] >= 5), None
    )
    if goods is None:
        raise Differs("搜索“脐橙”没有找到有货的商品")

    sale = till.sell(goods)
    shown = world.sandbox.code(CHEN)
    told = till.ask("scan", sale=sale["id"], code=shown)
    world.expect("扫码即付", told["sale"]["state"], "paid")
    again = till.refused("scan", sale=sale["id"], code=shown)
    world.expect("再扫一次", again["code"], "ALREADY_PAID")
    world.step(f"第一位顾客出示付款码，扫码即到账 {format_yuan(Decimal(sale['total']))}；再扫一次被拒绝")

    sale = till.sell(goods)
    wrong = till.refused("scan", sale=sale["id"], code="281234567890123456")
    world.expect("不是微信付款码", wrong["code"], "CODE_INVALID")
    world.sandbox.fault("codepay", "userpaying")
    told = till.ask("scan", sale=sale["id"], code=world.sandbox.code(LI))
    world.expect("等待密码", told["charge"]["state"], "WAITING")
    world.sandbox.password(_trade(world, sale)["out_trade_no"])
    world.wait_for("顾客输入密码后到账", lambda: till.ask("scan", sale=sale["id"])["sale"]["state"] == "paid")
    world.step("第二位顾客金额较大：手机要求输入密码，输入后柜台自动显示到账")

    sale = till.sell(goods)
    world.sandbox.fault("codepay", "userpaying")
    till.ask("scan", sale=sale["id"], code=world.sandbox.code(WANG))
    slow = _trade(world, sale)["out_trade_no"]
    world.wait_for(
        "超时撤销",
        lambda: till.ask("scan", sale=sale["id"])["charge"]["state"] == "FAILED",
        seconds=120,
    )
    world.expect("微信侧的状态", world.sandbox.order(slow)["trade_state"], "REVOKED")
    world.step("第三位顾客迟迟不输密码：等待期过后先在微信撤销，才允许重新收款，没有扣款")

    # a phone shows a new code each minute, and each is good for one payment
    world.wait_for("新的付款码", lambda: world.sandbox.code(CHEN) != shown, seconds=75)
    world.sandbox.fault("codepay", "answer_lost")
    till.post("scan", sale=sale["id"], code=world.sandbox.code(CHEN))
    world.wait_for("查到已付款", lambda: till.ask("scan", sale=sale["id"])["sale"]["state"] == "paid")
    mine = [one for one in _trades(world, sale) if one["trade_state"] == "SUCCESS"]
    world.expect("这笔销售的成功扣款", len(mine), 1)
    world.step("换一位付款，扣款成功但应答丢失：系统查单得知已付，没有扣第二次")


def _trades(world: World, sale: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {sale['order']}")]


def _trade(world: World, sale: dict[str, Any]) -> dict[str, Any]:
    [trade] = _trades(world, sale)
    return trade
