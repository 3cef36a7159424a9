"""Journey ``pay-mixed``: one order with a stored-value card, cash and a code; a refund in shares; a part that fails."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from .desk import Desk
from .online import Bought, buy_online

CARD = """mutation($input: GiftCardCreateInput!) { giftCardCreate(input: $input) {
  giftCard { id code currentBalance { amount } } giftCardErrors: errors { field message } } }"""
BALANCE = "query($id: ID!) { giftCard(id: $id) { currentBalance { amount } } }"
COUNTER = """mutation($sale: ID!, $parts: [CounterPartInput!]!) { counterOrderCompose(saleId: $sale, parts: $parts) {
  sale { id state paidBy total } errors { code message } } }"""
COMPOSE = """mutation($token: String!, $parts: [PaymentPartInput!]!) {
  paymentCompose(orderToken: $token, parts: $parts) {
    cashier { covered due parts { label state amount } } errors { code message } } }"""
CASHIER = """query($token: String!) { cashier(orderToken: $token) { due parts { label state amount refunded }
  methods { method offered whyNot } paymentIntent { state amount } orderRefunds { state amount
  shares { method label amount done } } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  codeUrl errors { code message } } }"""
REFUND = """mutation($id: ID!, $amount: Decimal!, $key: String!) { orderRefundRequest(
  id: $id, amount: $amount, reason: "少件", key: $key) {
  orderRefund { number amount shares { method label amount done } } errors { code message hint } } }"""
CANCEL = "mutation($id: ID!) { orderCancel(id: $id) { order { status } orderErrors { message } } }"
CLERK = "clerk_jiefangbei"
PAYER = "oSandboxPersonWangDayong0003"


def play(world: World) -> None:
    """At the counter, then on the phone."""
    phone = _counter(world)
    order = _online(world)
    _refunds(world, order)
    _fails(world)
    _next_code(world, phone)  # whatever is played next may scan the same person


def _card(world: World, balance: int) -> tuple[str, str]:
    code = uuid4().hex[:16].upper()
    made = world.ask(CARD, {"input": {"code": code, "balance": balance}}, who="admin")["giftCardCreate"]
    world.expect("开卡的错误", made["giftCardErrors"], [])
    return made["giftCard"]["id"], code


def _balance(world: World, card: str) -> Decimal:
    found = world.ask(BALANCE, {"id": card}, who="admin")["giftCard"]
    return Decimal(str(found["currentBalance"]["amount"]))


def _trade(world: World, order: Any) -> dict[str, Any]:
    """The newest trade of an order at WeChat."""
    found = [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order}")]
    if not found:
        raise Differs(f"微信没有订单 {order} 的交易")
    return dict(found[0])


def _counter(world: World) -> str:
    desk = Desk(world, CLERK)
    card, code = _card(world, 20)
    goods = next(one for one in desk.ask("goods", q="脐橙")["goods"] if one["left"] and one["left"] >= 2)
    sale = desk.place_order(desk.basket((goods, 2)))
    total, before = Decimal(sale["total"]), desk.available()
    world.step(f"柜台开单 {sale['number']}，应收 {format_yuan(total)}；顾客有一张储值卡和 10 元现金")

    parts = [{"method": "gift_card", "code": code}, {"method": "cash", "amount": "10"}]
    held = world.ask(COUNTER, {"sale": str(sale["id"]), "parts": parts}, who=CLERK)["counterOrderCompose"]
    world.expect("组合收款的错误", held["errors"], [])
    again = world.ask(COUNTER, {"sale": str(sale["id"]), "parts": parts}, who=CLERK)["counterOrderCompose"]
    world.expect("再点一次", again["errors"], [])
    world.expect("卡内余额", _balance(world, card), Decimal(0))
    world.expect("备付金", desk.available(), before - 10)
    world.step("储值卡冻结 ¥20.00，现金收 ¥10.00（备付金同步减少）；连点两次只收一次")

    desk.ask("code", sale=sale["id"])
    trade = _trade(world, sale["order"])
    world.expect("扫码金额（分）", trade["amount"]["total"], int((total - 30) * 100))
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for("到账", lambda: desk.ask("status", sale=sale["id"])["sale"]["state"] == "paid")
    paid = desk.ask("status", sale=sale["id"])["sale"]
    world.expect("收款方式", paid["paidBy"], "组合支付")
    world.step(f"余款 {format_yuan(total - 30)} 扫码支付，三种方式同时入账，开出现金收据 {paid['receipt']}")
    phone = _one_form(world, desk, goods)
    desk.http.close()
    return phone


def _one_form(world: World, desk: Desk, goods: dict[str, Any]) -> str:
    """The workbench's form: card, cash, terminal and the phone at once; a phone without money; given up, and again."""
    card, code = _card(world, 20)
    sale = desk.place_order(desk.basket((goods, 2)))
    total, before = Decimal(sale["total"]), desk.available()
    parts = [
        {"method": "gift_card", "code": code},
        {"method": "cash", "amount": "10"},
        {"method": "pos", "code": f"50020009/{uuid4().hex[:8]}", "amount": "5"},
    ]
    world.sandbox.fault("codepay", "error", code="NOTENOUGH")
    refused = desk.refused("mixed", sale=sale["id"], parts=parts, code=world.sandbox.code(PAYER))
    held = desk.ask("status", sale=sale["id"])["sale"]
    world.expect("还差", Decimal(held["due"]), total - 35)
    world.expect("已收部分", [one["amount"] for one in held["parts"]], ["20.00", "10.00", "5.00"])
    world.step(
        f"工作台一张表单收储值卡、现金、刷卡和付款码；付款码被拒：{refused['message']}；"
        f"前三样已收，还差 {format_yuan(total - 35)}"
    )

    back = desk.ask("release", sale=sale["id"])["sale"]
    world.expect("卡内余额", _balance(world, card), Decimal(20))
    for one in back["toReturn"]:
        slip = f"50020009/{uuid4().hex[:8]}" if one["kind"] == "pos" else ""
        back = desk.ask("returned", sale=sale["id"], share=one["id"], reference=slip)["sale"]
    world.expect("都退还了", (back["toReturn"], desk.available()), ([], before))
    world.step("放弃组合：储值卡立即恢复，现金与刷卡退还顾客并登记，备付金恢复")

    parts[2]["code"] = f"50020009/{uuid4().hex[:8]}"
    phone = world.sandbox.code(PAYER)
    answer = desk._post("mixed", {"sale": sale["id"], "parts": parts, "code": phone})
    if answer.get("error", {}).get("code") == "CODE_EXPIRED":  # an earlier journey scanned it in this minute
        phone = _next_code(world, phone)
        answer = desk.ask("mixed", sale=sale["id"], parts=parts, code=phone)
    told = answer["sale"]
    world.expect("收齐", (told["state"], Decimal(told["due"])), ("paid", total - 35))
    paper = desk.http.post(
        told["slip"],
        data={"paper": "80mm", "csrfmiddlewaretoken": desk.csrf},
        headers={"Referer": world.base_url},
    )
    printed = all(f"¥{one}" in paper.text for one in ("20.00", "10.00", "5.00", total - 35))
    world.expect("小票列出各部分", printed, True)
    world.step(f"再收一次：四样收齐 {format_yuan(total)}，小票列出各部分")
    return phone


def _next_code(world: World, used: str) -> str:
    """What the phone shows next: a new code each minute, and each is good for one payment."""
    world.wait_for("新的付款码", lambda: world.sandbox.code(PAYER) != used, seconds=75)
    return world.sandbox.code(PAYER)


def _online(world: World) -> tuple[Bought, str, Decimal]:
    card, code = _card(world, 20)
    order = buy_online(world)
    page = world.ask(CASHIER, {"token": order.token})["cashier"]
    offered = {one["method"] for one in page["methods"] if one["offered"]}
    world.expect("可用储值卡和微信", {"gift_card", "WECHAT_NATIVE"} <= offered, True)
    world.step(f"网上下单 {order.number}，应付 {format_yuan(order.total)}；收银台列出可用的支付方式")

    done = world.ask(COMPOSE, {"token": order.token, "parts": [{"method": "gift_card", "code": code}]})
    world.expect("选卡的错误", done["paymentCompose"]["errors"], [])
    other = buy_online(world)
    again = [{"method": "gift_card", "code": code, "amount": "5"}]
    refused = world.ask(COMPOSE, {"token": other.token, "parts": again})
    world.expect("同一张卡再付另一单", refused["paymentCompose"]["errors"][0]["code"], "BALANCE_TOO_LOW")
    world.step(
        f"储值卡付 ¥20.00；同一张卡付另一单被拒绝：{refused['paymentCompose']['errors'][0]['message']}"
    )

    world.expect("发起支付的错误", world.ask(START, {"token": order.token})["paymentStart"]["errors"], [])
    trade = _trade(world, order.number)
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for("到账", lambda: _state(world, order) == "PAID")
    world.sandbox.send_notification(out_trade_no=trade["out_trade_no"], copies=2)
    world.step(f"余款 {format_yuan(order.total - 20)} 微信支付；通知来了三次，只入账一次")
    return order, card, order.total


def _state(world: World, order: Bought) -> str:
    return str(world.ask(CASHIER, {"token": order.token})["cashier"]["paymentIntent"]["state"])


def _refunds(world: World, bought: tuple[Bought, str, Decimal]) -> None:
    order, card, total = bought
    key = uuid4().hex
    back = world.ask(REFUND, {"id": order.id, "amount": 10, "key": key}, who="admin")["orderRefundRequest"]
    world.expect("退款的错误", back["errors"], [])
    same = world.ask(REFUND, {"id": order.id, "amount": 10, "key": key}, who="admin")["orderRefundRequest"]
    world.expect("同一请求号", same["orderRefund"]["number"], back["orderRefund"]["number"])
    shares = [Decimal(str(share["amount"])) for share in back["orderRefund"]["shares"]]
    world.expect("份额之和", sum(shares), Decimal(10))
    world.expect("卡内余额", _balance(world, card), shares[-1])
    told = "，".join(
        f"{one['label']} {format_yuan(Decimal(str(one['amount'])))}" for one in back["orderRefund"]["shares"]
    )
    world.step(f"退 ¥10.00，按比例原路退回：{told}；重复提交只退一次")

    rest = float(total - 10)
    whole = world.ask(REFUND, {"id": order.id, "amount": rest, "key": uuid4().hex}, who="admin")
    world.expect("退余款的错误", whole["orderRefundRequest"]["errors"], [])
    world.expect("卡内余额", _balance(world, card), Decimal(20))
    page = world.ask(CASHIER, {"token": order.token})["cashier"]
    world.expect("卡的部分已全部退回", page["parts"][0]["state"], "REFUNDED")
    more = world.ask(REFUND, {"id": order.id, "amount": 0.01, "key": uuid4().hex}, who="admin")
    world.expect("再退一分", more["orderRefundRequest"]["errors"][0]["code"], "REFUND_TOO_LARGE")
    world.step("退余款：储值卡恢复 ¥20.00，微信退清；再退一分被拒绝")


def _fails(world: World) -> None:
    card, code = _card(world, 20)
    order = buy_online(world)
    world.ask(COMPOSE, {"token": order.token, "parts": [{"method": "gift_card", "code": code}]})
    world.expect("卡已冻结", _balance(world, card), Decimal(0))
    world.sandbox.fault("prepay", "http_500")
    told = world.ask(START, {"token": order.token})["paymentStart"]
    world.step(
        f"再下一单，冻结储值卡后微信下单失败：{told['errors'][0]['message'] if told['errors'] else '没有报错'}"
    )
    world.ask(CANCEL, {"id": order.id}, who="admin")
    world.wait_for("储值卡恢复", lambda: _balance(world, card) == 20)
    world.expect("支付单", _state(world, order), "CLOSED")
    world.step("订单取消：先在微信关闭，再释放储值卡，余额恢复 ¥20.00")
