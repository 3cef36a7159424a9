"""Journey ``goods-race``: forty buyers, ten boxes."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from saleor_o2o.journeys.world import World

from .shopping import (
    SET_STOCK,
    VARIANT_STOCK,
    Placed,
    allocated,
    captures,
    choose_wechat,
    fill_cart,
    find_variant,
    intent,
    staff_order,
    start_paying,
    trades,
    try_to_place,
)

BUYERS, BOXES = 40, 10


def play(world: World) -> None:
    """All press "buy" at the same moment; ten get a box, thirty a clear refusal, nobody pays for nothing."""
    variant = find_variant(world, "脐橙 礼盒")
    stocks = world.ask(VARIANT_STOCK, {"id": variant["id"]}, who="admin")["productVariant"]["stocks"]
    try:
        _race(world, variant, stocks)
    finally:
        _set(world, variant["id"], {one["warehouse"]["id"]: one["quantity"] for one in stocks})


def _race(world: World, variant: dict[str, Any], stocks: list[dict[str, Any]]) -> None:
    taken = {one["warehouse"]["id"]: one["quantityAllocated"] for one in stocks}
    first = next(iter(taken))
    _set(world, variant["id"], {**taken, first: taken[first] + BOXES})
    before = allocated(world, variant["id"])
    world.step(f"「{variant['product']}」只剩 {BOXES} 箱")

    with ThreadPoolExecutor(8) as pool:
        carts = list(pool.map(lambda _: fill_cart(world, variant["id"]), range(BUYERS)))
        list(pool.map(lambda cart: choose_wechat(world, *cart), carts))
    world.step(f"{BUYERS} 位顾客各放 1 箱进购物车，填好地址，选好微信支付")

    gate = Barrier(BUYERS)

    def press(cart: tuple[str, Any]) -> Any:
        gate.wait(30)
        return try_to_place(world, cart[0])

    with ThreadPoolExecutor(BUYERS) as pool:
        answers = list(pool.map(press, carts))
    won = [
        Placed(order["id"], order["token"], order["number"], cart[1])
        for cart, (order, _errors) in zip(carts, answers, strict=True)
        if order
    ]
    codes = Counter(error["code"] for order, errors in answers if order is None for error in errors)
    world.expect("成功下单的人数", len(won), BOXES)
    world.expect("其余的人得到的答复", dict(codes), {"INSUFFICIENT_STOCK": BUYERS - BOXES})
    world.expect("占用的库存", allocated(world, variant["id"]) - before, BOXES)
    world.step(f"同时按下“提交订单”：{len(won)} 人成功，{codes['INSUFFICIENT_STOCK']} 人被告知库存不足")

    known = {one["out_trade_no"] for one in world.sandbox.orders()}
    with ThreadPoolExecutor(5) as pool:
        started = list(pool.map(lambda order: start_paying(world, order), won))
    world.expect("发起支付的错误", [error for one in started for error in one["errors"]], [])
    numbers = [trade["out_trade_no"] for order in won for trade in trades(world, order)]
    fresh = {one["out_trade_no"] for one in world.sandbox.orders()} - known
    world.expect("微信那边的新交易", sorted(fresh), sorted(numbers))
    for number in numbers:
        world.sandbox.pay(number)
    world.wait_for(
        "全部到账", lambda: all(intent(world, order)["state"] == "PAID" for order in won), seconds=90
    )
    for order in won:
        world.expect("收款", captures(staff_order(world, order)), [float(order.total)])
    world.step(f"{BOXES} 人付款到账，各收一次；没有抢到的人在微信那边没有任何交易")


def _set(world: World, variant_id: str, quantities: dict[str, int]) -> None:
    stocks = [{"warehouse": warehouse, "quantity": number} for warehouse, number in quantities.items()]
    done = world.ask(SET_STOCK, {"variant": variant_id, "stocks": stocks}, who="admin")
    world.expect("改库存的错误", done["productVariantStocksUpdate"]["bulkStockErrors"], [])
