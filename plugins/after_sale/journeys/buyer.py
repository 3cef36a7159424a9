"""What the buyer does, each as a step over the API: buy, receive, ask, send back, complain."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw

from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import to_fen

WHO = "shopper1"
GATEWAY = "o2o.wechat_pay"
SEARCH = """query($text: String!) { products(first: 10, filter: {search: $text}) { edges { node { name isAvailable
  variants { id name quantityAvailable } } } } }"""
QUOTE = """query($input: BasketInput!) { basketQuote(input: $input) { quote { shippingMethods { id name }
  total { gross { amount } } errors { message code } } errors { message code } } }"""
PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!, $total: Decimal) {
  orderPlace(key: $key, input: $input, gateway: $gateway, expectedTotal: $total) {
  order { id token number } errors { message code } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  errors { message code } } }"""
PAID = "query($token: String!) { paymentIntent(orderToken: $token) { state } }"
MINE = """query($search: String) { myOrders(search: $search) { items { number token state stateLabel actions
  subOrders { state } } } }"""
STORY = "query($number: String!) { myOrder(number: $number) { state timeline { kindLabel text } } }"
RECEIVE = """mutation($number: String!) { myOrderReceive(number: $number) { order { state } errors { message } } }"""
OFFERS = """query($token: String!) { afterSaleOffers(orderToken: $token) { subOrderNumber mayApply mayReturn freight
  lines { lineId productName quantity returnable amount isOpen } } }"""
APPLY = """mutation($key: String!, $input: AfterSaleInput!, $photos: [Upload!]) {
  afterSaleApply(key: $key, input: $input, photos: $photos) {
    afterSale { number } errors { field message hint code } } }"""
ONE = """query($number: String!) { myAfterSale(number: $number) { number state stateText amount freight agreed
  returnTo waybill bearer answer dueAt evidence { party width } lines { productName quantity accepted agreed }
  complaint { number state forBuyer amount ruling statements { party text } evidence { party } } } }"""
SEND_BACK = """mutation($number: String!, $carrier: String!, $waybill: String!) {
  afterSaleShipBack(number: $number, carrier: $carrier, waybill: $waybill) { afterSale { state }
  errors { message code } } }"""
ARBITRATE = """mutation($key: String!, $number: String!, $text: String!, $photos: [Upload!]) {
  afterSaleArbitrate(key: $key, number: $number, text: $text, photos: $photos) { complaint { number state }
  errors { message code } } }"""
STOCK = "query($id: ID!) { productVariant(id: $id) { stocks { quantity quantityAllocated } } }"
ADDRESS = {
    "firstName": "晓江", "lastName": "李", "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1", "city": "渝中区",
    "countryArea": "重庆市", "postalCode": "400015", "country": "CN", "phone": "+8613800000001",
}  # fmt: skip


@dataclass(frozen=True)
class Bought:
    """A paid order: its API id, token, stock's number, our own number, yuan, and its trade at WeChat."""

    id: str
    token: str
    number: str
    own_number: str
    total: Decimal
    trade: str


def find(world: World, text: str, quantity: int) -> str:
    """A variant of which so many can be bought."""
    for edge in world.ask(SEARCH, {"text": text})["products"]["edges"]:
        for variant in edge["node"]["variants"]:
            if edge["node"]["isAvailable"] and variant["quantityAvailable"] >= quantity:
                return str(variant["id"])
    raise Differs(f"搜索“{text}”没有找到有货的商品")


def stock(world: World, variant: str) -> tuple[int, int]:
    """Pieces on the shelves of all places, and how many of them are spoken for."""
    rows = world.ask(STOCK, {"id": variant}, who="admin")["productVariant"]["stocks"]
    return sum(row["quantity"] for row in rows), sum(row["quantityAllocated"] for row in rows)


def buy(world: World, variant: str, quantity: int, source: str = "") -> Bought:
    """Place a basket (in a shop, when `source` names one) and pay it on the phone."""
    basket = {
        "lines": [{"variantId": variant, "quantity": quantity}], "email": "shopper1@example.com",
        "shippingAddress": ADDRESS, "source": source,
    }  # fmt: skip
    basket["shippingMethod"] = next(
        one["id"] for one in _quoted(world, basket)["shippingMethods"] if "自提" not in one["name"]
    )
    quote = _quoted(world, basket)
    world.expect("试算的错误", quote["errors"], [])
    total = Decimal(str(quote["total"]["gross"]["amount"]))
    placing = {"key": uuid4().hex, "input": basket, "gateway": GATEWAY, "total": str(total)}
    done = world.ask(PLACE, placing, who=WHO)["orderPlace"]
    world.expect("下单的错误", done["errors"], [])
    order = done["order"]
    told = world.ask(START, {"token": order["token"]})["paymentStart"]
    world.expect("发起支付的错误", told["errors"], [])
    [trade] = [
        one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order['number']}")
    ]
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for(
        "到账", lambda: world.ask(PAID, {"token": order["token"]})["paymentIntent"]["state"] == "PAID"
    )
    items = world.ask(MINE, {}, who=WHO)["myOrders"]["items"]
    own = next(one["number"] for one in items if one["token"] == order["token"])
    return Bought(order["id"], order["token"], order["number"], own, total, trade["out_trade_no"])


def _quoted(world: World, basket: dict[str, Any]) -> dict[str, Any]:
    told = world.ask(QUOTE, {"input": basket}, who=WHO)["basketQuote"]
    world.expect("试算的错误", told["errors"], [])
    return dict(told["quote"])


def receive(world: World, order: Bought) -> None:
    """Confirm that all of it has arrived."""
    done = world.ask(RECEIVE, {"number": order.own_number}, who=WHO)["myOrderReceive"]
    world.expect("确认收货的错误", done["errors"], [])


def offer(world: World, order: Bought) -> dict[str, Any]:
    """What can be asked for of the order's only part."""
    [found] = world.ask(OFFERS, {"token": order.token}, who=WHO)["afterSaleOffers"]
    return dict(found)


def ask_for(
    world: World,
    order: Bought,
    kind: str,
    reason: str,
    text: str,
    quantity: int | None = None,
    photos: int = 0,
) -> str:
    """Apply for pieces of the only line, or for all that is left; clicked twice. The after-sale's number."""
    found = offer(world, order)
    wanted = {"subOrderNumber": found["subOrderNumber"], "kind": kind, "reason": reason, "text": text}
    if quantity is not None:
        wanted["lines"] = [{"lineId": found["lines"][0]["lineId"], "quantity": quantity}]
    variables = {"key": uuid4().hex, "input": wanted}
    numbers = set()
    for _click in range(2):
        done = with_photos(world, APPLY, variables, photos)["afterSaleApply"]
        world.expect("申请售后的错误", done["errors"], [])
        numbers.add(done["afterSale"]["number"])
    [number] = numbers
    return str(number)


def with_photos(world: World, document: str, variables: dict[str, Any], photos: int) -> dict[str, Any]:
    """An operation with so many pictures, as a phone sends them."""
    if not photos:
        return world.ask(document, variables, who=WHO)
    names = [f"photo{number}" for number in range(photos)]
    answer = world.http.post(
        "/graphql/",
        data={
            "operations": json.dumps(
                {"query": document, "variables": {**variables, "photos": [None] * photos}}
            ),
            "map": json.dumps({name: [f"variables.photos.{n}"] for n, name in enumerate(names)}),
        },
        files={name: (f"{name}.jpg", picture(n), "image/jpeg") for n, name in enumerate(names)},
        headers={"Authorization": f"JWT {world.token(WHO)}"},
    ).json()
    if "errors" in answer:
        raise Differs(f"接口报错：{answer['errors']}")
    data: dict[str, Any] = answer["data"]
    return data


def picture(number: int) -> bytes:
    """A photograph of a torn bag."""
    image = Image.new("RGB", (1600, 1200), (214 - 30 * number, 205, 190))
    draw = ImageDraw.Draw(image)
    draw.rectangle((400, 250, 1200, 1000), fill=(70, 120, 70))
    draw.line((420, 300, 1180, 900 - 100 * number), fill=(250, 250, 250), width=30)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def seen(world: World, number: str) -> dict[str, Any]:
    """An after-sale as its buyer sees it."""
    return dict(world.ask(ONE, {"number": number}, who=WHO)["myAfterSale"])


def wait_for_state(world: World, number: str, state: str, *, seconds: float = 60) -> dict[str, Any]:
    """Look until the after-sale stands there."""
    world.wait_for(f"看到售后状态 {state}", lambda: seen(world, number)["state"] == state, seconds=seconds)
    return seen(world, number)


@contextmanager
def refunds_wait(world: World) -> Iterator[None]:
    """WeChat answers a refund when the story says so, not by its own clock."""
    before = world.sandbox.call("GET", "/wechat_pay/options")["refund_delay"]
    world.sandbox.options(refund_delay=86400)
    try:
        yield
    finally:
        world.sandbox.options(refund_delay=before)


def arrives(world: World, order: Bought, amount: Decimal, *, nth: int = 1, closed: bool = False) -> str:
    """WeChat takes the `nth` refund on, of exactly `amount` yuan, and pays it out (or closes it); its number."""
    world.wait_for(
        "让微信受理退款", lambda: len(world.sandbox.order(order.trade)["refunds"]) >= nth, seconds=120
    )
    refund = world.sandbox.order(order.trade)["refunds"][nth - 1]
    world.expect("微信受理的金额（分）", refund["amount"]["refund"], to_fen(amount))
    world.sandbox.finish_refund(refund["out_refund_no"], "CLOSED" if closed else "SUCCESS")
    return str(refund["out_refund_no"])
