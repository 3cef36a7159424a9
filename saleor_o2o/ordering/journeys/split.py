"""Journey ``orders-split``: one cart of two sellers and a pick-up, from the payment to the last clock."""

from __future__ import annotations

from base64 import b64decode, b64encode
from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from .clocks import let_clocks_run_out, run_clocks
from .shipping import FULFILL

GATEWAY = "o2o.wechat_pay"
SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  name variants { id name quantityAvailable } } } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id name } } checkoutErrors { field message } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { message } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  paymentErrors { message } } }"""
COMPLETE = """mutation($id: ID!, $sure: Boolean) { checkoutComplete(checkoutId: $id, confirmDuplicate: $sure) {
  order { id token number } checkoutErrors { field message code } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  codeUrl errors { message } } }"""
MINE = """query($search: String, $tab: MyOrderTab) { myOrders(search: $search, tab: $tab) {
  tabs { tab count } items { number token state stateLabel total actions subOrders { id number seller mode state
  stateLabel total lines { productName quantity shipped } } } } }"""
ONE = """query($number: String!) { myOrder(number: $number) { state stateLabel actions
  subOrders { id seller mode state stateLabel } timeline { kindLabel text at } } }"""
RECEIVE = """mutation($number: String!, $part: ID) { myOrderReceive(number: $number, subOrder: $part) {
  order { state } errors { message code } } }"""
AGAIN = """mutation($number: String!) { myOrderReorder(number: $number) {
  checkout { id lines { quantity } } changes { words } errors { message } } }"""
TIMELINE = "query($id: ID!) { orderTimeline(id: $id) { kindLabel text actor } }"

ADDRESS = {
    "firstName": "晓江", "lastName": "李", "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1", "city": "渝中区",
    "countryArea": "重庆市", "postalCode": "400015", "country": "CN", "phone": "+8613800000001",
}  # fmt: skip
#: A merchant's, our own, and one that is fetched.
WANTED = (("城口老腊肉", 1), ("涪陵榨菜", 2), ("社区卤味拼盘", 1))


def play(world: World) -> None:
    """Buy of two sellers and a pick-up; pay, send in parts, receive, complete, and read the story."""
    lines = [{"variantId": _find(world, text), "quantity": quantity} for text, quantity in WANTED]
    checkout, total = _cart(world, lines)
    order = _complete(world, checkout)
    found = _mine(world, order["token"])
    number = found["number"]
    world.step(
        f"顾客一次买了商户的腊肉、自营的榨菜和网点自提的卤味，订单 {number}，应付 {format_yuan(total)}"
    )
    parts = found["subOrders"]
    world.expect("各子订单的金额合计", sum(Decimal(str(part["total"])) for part in parts), total)
    sellers = sorted({part["seller"] for part in parts})
    world.expect("销售方", len(sellers), 2)
    world.expect("交付方式", sorted({part["mode"] for part in parts}), ["DELIVERY", "PICKUP"])
    world.expect("状态", (found["state"], "PAY" in found["actions"]), ("PENDING_PAYMENT", True))
    world.step(
        f"按销售方、仓库、交付方式拆成 {len(parts)} 个子订单：" + "；".join(_told(part) for part in parts)
    )

    _pay(world, order)
    world.wait_for("到账", lambda: _one(world, number)["state"] != "PENDING_PAYMENT")
    world.step("微信付款到账：" + _states(world, number))

    twin, _total = _cart(world, lines)
    refused = world.ask(COMPLETE, {"id": twin, "sure": False}, who="shopper1")["checkoutComplete"]
    world.expect("重复下单的提示", [one["code"] for one in refused["checkoutErrors"]], ["UNIQUE"])
    world.step(f"顾客又点了一次下单，被问了一句：{refused['checkoutErrors'][0]['message']}")

    staff = _lines(world, order["id"])
    _send(world, order["id"], staff[1])
    world.expect("先发一件后的订单状态", _one(world, number)["state"], "PARTLY_SHIPPED")
    world.step("仓库先发榨菜：" + _states(world, number))
    _send(world, order["id"], staff[0])
    world.step("商户发腊肉：" + _states(world, number))
    _send(world, order["id"], staff[2])
    world.expect("自提交付后", _part(world, number, "PICKUP")["state"], "RECEIVED")
    world.step("顾客到网点取走卤味：" + _states(world, number))

    first = next(part for part in _one(world, number)["subOrders"] if part["state"] == "SHIPPED")
    for _twice in range(2):
        done = world.ask(RECEIVE, {"number": number, "part": first["id"]}, who="shopper1")["myOrderReceive"]
        world.expect("确认收货的错误", done["errors"], [])
    world.step(f"顾客确认收到{first['seller']}的包裹（点了两次，只算一次）：" + _states(world, number))

    let_clocks_run_out(number)
    world.wait_for("收齐并完成", lambda: run_clocks(number) and _one(world, number)["state"] == "COMPLETED")
    world.step("到期自动收货、售后期满：" + _states(world, number))

    story = [(one["kindLabel"], one["text"]) for one in _one(world, number)["timeline"]]
    world.expect("收货记了几次", sum(1 for kind, _text in story if kind == "收货"), len(parts))
    for kind, text in story:
        world.say(f"      {kind}：{text}")
    entries = world.ask(TIMELINE, {"id": order["id"]}, who="admin")["orderTimeline"]
    if not all(one["actor"] for one in entries):
        raise Differs("员工看到的时间线里有不知道是谁做的事")
    world.step(f"时间线从头讲到尾，员工还能看到每件事是谁做的（{len(entries)} 条）")

    again = world.ask(AGAIN, {"number": number}, who="shopper1")["myOrderReorder"]
    world.expect("再来一单的错误", again["errors"], [])
    world.expect("新购物车的商品", len(again["checkout"]["lines"]), len(WANTED))
    world.step("再来一单：三样商品都放进了新的购物车")
    _leave_no_cart()


def _leave_no_cart() -> None:
    """The next journey's cart of this shopper is a new one: stock hands out the one that is still open."""
    from saleor.checkout.models import Checkout

    Checkout.objects.filter(user__email="shopper1@example.com").delete()


def _find(world: World, text: str) -> str:
    for edge in world.ask(SEARCH, {"text": text})["products"]["edges"]:
        for variant in edge["node"]["variants"]:
            if text in edge["node"]["name"] and variant["quantityAvailable"] > 1:
                return str(variant["id"])
    raise Differs(f"搜索“{text}”没有找到有货的商品")


def _cart(world: World, lines: list[dict[str, Any]]) -> tuple[str, Decimal]:
    wanted = {
        "email": "shopper1@example.com",
        "lines": lines,
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
    }
    made = world.ask(CREATE, {"input": wanted}, who="shopper1")["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    checkout = made["checkout"]
    method = next(one for one in checkout["availableShippingMethods"] if one["name"] != "网点自提")
    shipped = world.ask(SHIP, {"id": checkout["id"], "method": method["id"]}, who="shopper1")
    priced = shipped["checkoutShippingMethodUpdate"]["checkout"]
    total = Decimal(str(priced["totalPrice"]["gross"]["amount"]))
    chosen = {"gateway": GATEWAY, "token": "cart", "amount": float(total)}
    paid = world.ask(PAYMENT, {"id": checkout["id"], "input": chosen}, who="shopper1")[
        "checkoutPaymentCreate"
    ]
    world.expect("选择支付方式的错误", paid["paymentErrors"], [])
    return checkout["id"], total


def _complete(world: World, checkout: str) -> dict[str, Any]:
    done = world.ask(COMPLETE, {"id": checkout, "sure": True}, who="shopper1", retry=True)["checkoutComplete"]
    world.expect("下单的错误", done["checkoutErrors"], [])
    order: dict[str, Any] = done["order"]
    return order


def _mine(world: World, token: str) -> dict[str, Any]:
    items = world.ask(MINE, {"tab": "TO_PAY"}, who="shopper1")["myOrders"]["items"]
    found = next((one for one in items if one["token"] == token), None)
    if found is None:
        raise Differs("我的订单里没有刚下的订单")
    return dict(found)


def _one(world: World, number: str) -> dict[str, Any]:
    return dict(world.ask(ONE, {"number": number}, who="shopper1")["myOrder"])


def _part(world: World, number: str, mode: str) -> dict[str, Any]:
    return dict(next(part for part in _one(world, number)["subOrders"] if part["mode"] == mode))


def _told(part: dict[str, Any]) -> str:
    goods = "、".join(f"{line['productName']}×{line['quantity']}" for line in part["lines"])
    return f"{part['seller']} {goods} {format_yuan(Decimal(str(part['total'])))}"


def _states(world: World, number: str) -> str:
    order = _one(world, number)
    return "，".join(f"{part['seller']}{part['stateLabel']}" for part in order["subOrders"]) + (
        f"；订单{order['stateLabel']}"
    )


def _pay(world: World, order: dict[str, Any]) -> None:
    told = world.ask(START, {"token": order["token"]})["paymentStart"]
    world.expect("发起支付的错误", told["errors"], [])
    mine = [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order['number']}")]
    world.sandbox.pay(mine[0]["out_trade_no"])


def _lines(world: World, order_id: str) -> list[list[dict[str, Any]]]:
    """What to send for each of the wanted goods: order line, warehouse and quantity (the picking list knows it)."""
    from ..models import SubOrderLine

    pk = b64decode(order_id).decode().rpartition(":")[2]
    found = []
    for text, _quantity in WANTED:
        rows = SubOrderLine.objects.filter(
            sub_order__order_id=pk, order_line__product_name__contains=text
        ).select_related("sub_order")
        found.append(
            [
                {
                    "line": _global_id("OrderLine", row.order_line_id),
                    "quantity": row.quantity,
                    "warehouse": _global_id("Warehouse", row.sub_order.warehouse_id),
                }
                for row in rows
            ]
        )
    return found


def _global_id(kind: str, key: object) -> str:
    return b64encode(f"{kind}:{key}".encode()).decode()


def _send(world: World, order_id: str, picked: list[dict[str, Any]]) -> None:
    stocks = [{"quantity": one["quantity"], "warehouse": one["warehouse"]} for one in picked]
    wanted = [{"orderLineId": picked[0]["line"], "stocks": stocks}]
    done = world.ask(
        FULFILL, {"order": order_id, "input": {"lines": wanted, "notifyCustomer": False}}, who="clerk"
    )["orderFulfill"]
    world.expect("发货的错误", done["orderErrors"], [])
