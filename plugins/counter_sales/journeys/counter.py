"""Journey ``counter``: an afternoon at a branch's counter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from . import owner
from .desk import Desk

CREATE = """mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) {
  sale { id number state total pickupCode } errors { field message hint code } } }"""
PICKUP = """mutation($code: String!, $handOver: Boolean) { counterPickup(code: $code, handOver: $handOver) {
  sale { id state } errors { code message } } }"""
CLERK, CHIEF = "clerk_jiefangbei", "branch_jiefangbei"
#: What a clerk may refund alone, in yuan (the post's template).
CLERKS = Decimal(50)


def play(world: World) -> None:
    """Cash, slip, code, pick-up, a float that is too small, money back."""
    desk = Desk(world, CLERK)
    before = desk.available()
    world.step(f"营业员登录工作台，销售点“{desk.place}”，备付金可用 {format_yuan(before)}")

    goods = desk.ask("goods", q="脐橙")["goods"]
    first = next((one for one in goods if one["left"] and one["left"] >= 3), None)
    if first is None:
        raise Differs("搜索“脐橙”没有找到有货的商品")
    second = next(
        one for one in desk.ask("goods", q=desk.letters)["goods"] if one["id"] != first["id"] and one["left"]
    )
    world.step(
        f"搜索“脐橙”和“{desk.letters}”：{first['name']} {first['spec']}、{second['name']} {second['spec']}"
    )

    basket = desk.basket((first, 1), (second, 1))
    sale = desk.place_order(basket)
    again = desk.place_order(basket)
    world.expect("重复提交得到同一单", again["id"], sale["id"])
    total = Decimal(sale["total"])
    world.step(f"散客不留电话，下单 {sale['number']}，应收 {format_yuan(total)}；连点两次还是同一单")

    note = (total // 100 + 1) * 100
    sale = desk.ask("cash", sale=sale["id"], tendered=str(note))["sale"]
    world.expect("找零", Decimal(sale["change"]), note - total)
    world.expect("备付金", desk.available(), before - total)
    world.step(
        f"收现金 {format_yuan(note)}，找零 {format_yuan(note - total)}，备付金减少 {format_yuan(total)}"
    )

    code = desk.print_slip(sale, reprint=False)
    desk.print_slip(sale, reprint=True)
    world.step(f"打印小票，取货码 {code}；再打印一次，小票标明“重印”")

    shown = desk.place_order(desk.basket((first, 1)))
    desk.ask("code", sale=shown["id"])
    [trade] = [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {shown['order']}")]
    world.step(f"第二位顾客扫码：出示收款码，应收 {format_yuan(Decimal(shown['total']))}")
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for("到账", lambda: desk.ask("status", sale=shown["id"])["sale"]["state"] == "paid")
    world.expect("备付金不动", desk.available(), before - total)
    world.step("顾客在手机上付款，柜台自动显示到账；扫码不占备付金")

    looked = _pickup(world, code, False)
    world.expect("凭码查到的单", looked["sale"]["id"], str(sale["id"]))
    world.expect("交付", _pickup(world, code, True)["sale"]["state"], "HANDED")
    world.expect("再交付一次", _pickup(world, code, True)["errors"][0]["code"], "ALREADY_HANDED")
    world.step("顾客凭码取货，交付成功；同一个码再来一次被拒绝")

    _too_much(world, desk, first)

    chief = Desk(world, CHIEF)
    small = desk.place_order(desk.basket((_cheap(desk), 1)))
    price = Decimal(small["total"])
    desk.ask("cash", sale=small["id"], tendered=str(price))
    left = desk.available()
    world.expect("营业员退款", desk.refund(small, price, "顾客改变主意"), None)
    world.expect("备付金恢复", desk.available(), left + price)
    world.step(f"又卖一单 {format_yuan(price)}；顾客反悔，在营业员的额度内，当场退还")

    goods = _cheap(desk)
    pieces = int(CLERKS / Decimal(goods["price"])) + 1
    large = desk.place_order(desk.basket((goods, pieces)))
    price = Decimal(large["total"])
    desk.ask("cash", sale=large["id"], tendered=str(price))
    left = desk.available()
    refused = desk.refund(large, price, "顾客改变主意")
    world.expect("营业员退款被拒绝", refused is not None, True)
    world.step(f"再卖一单 {format_yuan(price)}；超过营业员的额度，被拒绝：{refused}")
    world.expect("支局长退款", chief.refund(large, price, "顾客改变主意"), None)
    world.expect("备付金恢复", desk.available(), left + price)
    world.step(f"支局长办理现金退款 {format_yuan(price)}，备付金恢复到 {format_yuan(left + price)}")
    for person in (desk, chief):
        person.http.close()
    owner.sell(world)


def _pickup(world: World, code: str, hand_over: bool) -> dict[str, Any]:
    found: dict[str, Any] = world.ask(PICKUP, {"code": code, "handOver": hand_over}, who=CLERK)[
        "counterPickup"
    ]
    return found


def _cheap(desk: Desk) -> dict[str, Any]:
    """Goods that cost no more than the clerk may refund."""
    for phrase in ("面", "茶", "豆", "橙", "菜", "花", "米", "蜜"):
        for one in desk.ask("goods", q=phrase)["goods"]:
            if one["left"] and Decimal(one["price"]) <= CLERKS:
                return dict(one)
    raise Differs("没有找到 50 元以内的商品")


def _too_much(world: World, desk: Desk, goods: dict[str, Any]) -> None:
    """A sale that the float does not cover is refused whole."""
    available = desk.available()
    pieces = int(available / Decimal(goods["price"])) + 1
    if pieces > (goods["left"] or 0) - 2:
        raise Differs(f"{goods['name']} 库存不够演示备付金不足")
    made = world.ask(
        CREATE,
        {
            "key": str(uuid4()),
            "input": {"lines": [{"variantId": desk.variant_id(goods), "quantity": pieces}]},
        },
        who=CLERK,
    )["counterOrderCreate"]
    world.expect("下单的错误", made["errors"], [])
    error = desk.refused("cash", sale=made["sale"]["id"], tendered=str(Decimal(str(made["sale"]["total"]))))
    world.expect("拒绝的原因", error["code"], "FLOAT_INSUFFICIENT")
    world.expect("备付金不动", desk.available(), available)
    world.step(f"大单 {pieces} 件收现金被拒绝：{error['message']}")
    desk.ask("cancel", sale=made["sale"]["id"], reason="备付金不足")
    world.step("取消这单，库存释放")
