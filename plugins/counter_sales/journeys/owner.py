"""What the owner of a micro-shop does in the journey: everything through the API, as his page does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

OWNER = "owner_shop"
SALE = "sale { id state stateText total pickupCode handed left lines { id left } } errors { field message hint code }"
DESK = """query($search: String) { counterDesks { key name isOpen float { available }
  goods(search: $search) { variantId name price listPrice left } } }"""
CREATE = f"""mutation($key: String!, $input: CounterOrderInput!) {{
  counterOrderCreate(key: $key, input: $input) {{ {SALE} }} }}"""
CASH = f"""mutation($id: ID!, $tendered: Decimal!) {{
  counterOrderPayCash(saleId: $id, tendered: $tendered) {{ {SALE} }} }}"""
SLIP = "mutation($id: ID!) { counterSlipPrint(saleId: $id, paper: P_58MM) { slip { html isReprint } errors { code } } }"
HAND = f"""mutation($code: String!, $lines: [CounterHandInput!], $seen: Int) {{
  counterPickup(code: $code, handOver: true, lines: $lines, seen: $seen) {{ {SALE} }} }}"""
PAY_CODE = f"mutation($id: ID!) {{ counterOrderShowCode(saleId: $id) {{ codeUrl {SALE} }} }}"
CHECK = f"mutation($id: ID!) {{ counterOrderCheck(saleId: $id) {{ {SALE} }} }}"


def sell(world: World) -> None:
    """Cash with a slip fetched in two parts, a code, a float that is too small, a stranger's look."""
    desk = _desk(world)
    goods = next((one for one in desk["goods"] if one["left"] and one["left"] >= 3), None)
    if goods is None:
        raise Differs("店里没有货多的商品")
    before, price = Decimal(str(desk["float"]["available"])), Decimal(str(goods["price"]))
    world.step(
        f"店主用手机登录店主台：「{desk['name']}」，还可收现金 {format_yuan(before)}；"
        f"{goods['name']} 本店售价 {format_yuan(price)}（平台价 {format_yuan(Decimal(str(goods['listPrice'])))}）"
    )
    key, basket = str(uuid4()), {"lines": [{"variantId": goods["variantId"], "quantity": 2}]}
    told = {**basket, "customerName": "陈阿姨", "expectedTotal": str(price * 2)}
    sale = _done(world, CREATE, "counterOrderCreate", key=key, input=told)
    world.expect(
        "重复提交是同一单", _done(world, CREATE, "counterOrderCreate", key=key, input=told)["id"], sale["id"]
    )
    world.expect("按店铺售价", Decimal(str(sale["total"])), price * 2)
    sale = _done(
        world, CASH, "counterOrderPayCash", id=sale["id"], tendered=str((price * 2) // 100 * 100 + 100)
    )
    world.expect("备付金", _left(world), before - price * 2)
    slips = [world.ask(SLIP, {"id": sale["id"]}, who=OWNER)["counterSlipPrint"]["slip"] for _ in range(2)]
    world.expect("第二次打印是重印", [one["isReprint"] for one in slips], [False, True])
    world.step(
        f"替陈阿姨下单 2 件，收现金，本店备付金减少 {format_yuan(price * 2)}；打印 58 毫米小票，再打标明重印"
    )

    one = {"lineId": sale["lines"][0]["id"], "quantity": 1}
    part = _done(world, HAND, "counterPickup", code=sale["pickupCode"], lines=[one], seen=0)
    world.expect("部分取货", (part["state"], part["handed"], part["left"]), ("PAID", 1, 1))
    twice = _act(world, HAND, "counterPickup", code=sale["pickupCode"], lines=[one], seen=0)
    world.expect("重复点击", twice["errors"][0]["code"], "HANDING_CHANGED")
    rest = _done(world, HAND, "counterPickup", code=sale["pickupCode"], seen=1)
    world.expect("取完", (rest["state"], rest["left"]), ("HANDED", 0))
    world.step("陈阿姨先取 1 件，凭同一个码再取 1 件；连点两次只交付一次")

    single = {"lines": [{"variantId": goods["variantId"], "quantity": 1}]}
    shown = _done(world, CREATE, "counterOrderCreate", key=str(uuid4()), input=single)
    world.expect("出示收款码", _act(world, PAY_CODE, "counterOrderShowCode", id=shown["id"])["errors"], [])
    number = _order(world, shown["id"])
    [trade] = [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {number}")]
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for(
        "到账", lambda: _done(world, CHECK, "counterOrderCheck", id=shown["id"])["state"] == "PAID"
    )
    world.expect("备付金不动", _left(world), before - price * 2)
    world.step("另一位邻居扫码付款到账，不占备付金")

    _too_much(world, goods, price)


def _desk(world: World) -> dict[str, Any]:
    found = world.ask(DESK, {}, who=OWNER)["counterDesks"]
    world.expect("店主只有自己的店", len(found), 1)
    return dict(found[0])


def _left(world: World) -> Decimal:
    return Decimal(str(_desk(world)["float"]["available"]))


def _act(world: World, query: str, name: str, **variables: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(query, variables, who=OWNER)[name]
    return answer


def _done(world: World, query: str, name: str, **variables: Any) -> dict[str, Any]:
    answer = _act(world, query, name, **variables)
    world.expect(f"{name} 的错误", answer["errors"], [])
    sale: dict[str, Any] = answer["sale"]
    return sale


def _order(world: World, sale_id: str) -> str:
    query = "query($id: ID!) { counterSale(saleId: $id) { orderNumber } }"
    return str(world.ask(query, {"id": sale_id}, who=OWNER)["counterSale"]["orderNumber"])


def _too_much(world: World, goods: dict[str, Any], price: Decimal) -> None:
    pieces = int(_left(world) / price) + 1
    if pieces > goods["left"] - 3:
        raise Differs(f"{goods['name']} 库存不够演示备付金不足")
    lines = [{"variantId": goods["variantId"], "quantity": pieces}]
    sale = _done(world, CREATE, "counterOrderCreate", key=str(uuid4()), input={"lines": lines})
    refused = _act(world, CASH, "counterOrderPayCash", id=sale["id"], tendered=str(price * pieces))
    world.expect("备付金不足", refused["errors"][0]["code"], "FLOAT_INSUFFICIENT")
    world.step(f"大单 {pieces} 件收现金被拒绝：{refused['errors'][0]['message']}")
    _done(world, CANCEL, "counterOrderCancel", id=sale["id"])
    other = world.ask(REFUSE, {"id": sale["id"]}, who="shopper1")["counterOrderCancel"]
    world.expect("别人碰不到这家店的单", other["errors"][0]["code"], "NOT_FOUND")
    world.step("取消这单，库存释放；别的账号碰不到这家店的任何一单")


CANCEL = f"mutation($id: ID!) {{ counterOrderCancel(saleId: $id) {{ {SALE} }} }}"
REFUSE = "mutation($id: ID!) { counterOrderCancel(saleId: $id) { errors { code } } }"
