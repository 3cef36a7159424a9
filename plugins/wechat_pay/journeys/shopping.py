"""What shoppers and staff do in the goods journeys, each as one step over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saleor_o2o.journeys.world import Differs, World

GATEWAY = "o2o.wechat_pay"

SEARCH = """query($text: String!) { products(first: 5, filter: {search: $text}) { edges { node {
  id name isAvailable variants { id name sku quantityAvailable pricing { price { gross { amount } } } } } } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id token
  availableShippingMethods { id name price { amount } } } checkoutErrors { field message code } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } checkoutErrors { field message code } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  payment { id } paymentErrors { field message code } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token number status } checkoutErrors { field message code } } }"""
START = """mutation($token: String!, $method: PayMethod!) { paymentStart(orderToken: $token, method: $method) {
  codeUrl h5Url paymentIntent { number amount expiresAt } errors { message hint code } } }"""
PAY_IN_WECHAT = """mutation($token: String!, $method: PayMethod!, $payer: String) {
  paymentStart(orderToken: $token, method: $method, payerId: $payer) {
  jsapi { appId timeStamp nonceStr package signType paySign } errors { message hint code } } }"""
INTENT = """query($token: String!) { paymentIntent(orderToken: $token) {
  number state amount refunds { number state amount } } }"""
STAFF_ORDER = """query($id: ID!) { order(id: $id) { id number status paymentStatus isPaid
  totalCaptured { amount } total { gross { amount } }
  payments { id isActive chargeStatus transactions { kind isSuccess amount { amount } } }
  lines { id quantity quantityFulfilled variant { stocks { quantity quantityAllocated warehouse { id } } } } } }"""
VARIANT_STOCK = """query($id: ID!) { productVariant(id: $id) { stocks {
  quantity quantityAllocated warehouse { id } } } }"""
SET_STOCK = """mutation($variant: ID!, $stocks: [StockInput!]!) {
  productVariantStocksUpdate(variantId: $variant, stocks: $stocks) { bulkStockErrors { message } } }"""
CANCEL = """mutation($id: ID!) { orderCancel(id: $id) { order { status } orderErrors { message } } }"""

ADDRESS = {
    "firstName": "晓江",
    "lastName": "李",
    "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1",
    "city": "渝中区",
    "countryArea": "重庆市",
    "postalCode": "400015",
    "country": "CN",
    "phone": "+8613800000001",
}


@dataclass(frozen=True)
class Placed:
    """An order as its buyer knows it."""

    id: str
    token: str
    number: str
    total: Decimal


def find_variant(world: World, text: str) -> dict[str, Any]:
    """Search as a shopper does; the first variant of the first product that is in stock."""
    edges = world.ask(SEARCH, {"text": text})["products"]["edges"]
    for edge in edges:
        product = edge["node"]
        for variant in product["variants"]:
            if product["isAvailable"] and variant["quantityAvailable"] > 0:
                return {**variant, "product": product["name"]}
    raise Differs(f"搜索“{text}”没有找到有货的商品")


#: What shoppers search for that different sellers offer (the demo's goods): an orange grower's, a pepper maker's, ours.
SELLERS_GOODS = ("奉节脐橙", "江津花椒", "老腊肉")


def find_seller_goods(world: World) -> list[str]:
    """A variant in stock for each of :data:`SELLERS_GOODS`."""
    return [find_variant(world, text)["id"] for text in SELLERS_GOODS]


def place_lines(world: World, lines: list[tuple[str, int]], who: str = "") -> Placed:
    """Several goods in one cart, to the order."""
    checkout_id, total = fill_cart(world, lines[0][0], lines[0][1], who, more=lines[1:])
    choose_wechat(world, checkout_id, total, who)
    order, errors = try_to_place(world, checkout_id, who)
    world.expect("下单的错误", errors, [])
    if order is None:
        raise Differs("没有下成单，也没有说明原因")
    return Placed(order["id"], order["token"], order["number"], total)


def fill_cart(
    world: World,
    variant_id: str,
    quantity: int = 1,
    who: str = "",
    *,
    more: list[tuple[str, int]] | None = None,
) -> tuple[str, Decimal]:
    """Cart, address and the first way of delivery; the checkout's id and total in yuan."""
    made = world.ask(
        CREATE,
        {
            "input": {
                "email": "shopper1@example.com",
                "lines": [
                    {"variantId": one, "quantity": count}
                    for one, count in [(variant_id, quantity), *(more or [])]
                ],
                "shippingAddress": ADDRESS,
                "billingAddress": ADDRESS,
            }
        },
        who=who,
    )["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    checkout = made["checkout"]
    method = checkout["availableShippingMethods"][0]
    shipped = world.ask(SHIP, {"id": checkout["id"], "method": method["id"]}, who=who)
    total = shipped["checkoutShippingMethodUpdate"]["checkout"]["totalPrice"]["gross"]["amount"]
    return checkout["id"], Decimal(str(total))


def choose_wechat(world: World, checkout_id: str, total: Decimal, who: str = "") -> None:
    """Choose WeChat Pay for the whole total."""
    chosen = world.ask(
        PAYMENT,
        {"id": checkout_id, "input": {"gateway": GATEWAY, "token": "cart", "amount": float(total)}},
        who=who,
    )["checkoutPaymentCreate"]
    world.expect("选择支付方式的错误", chosen["paymentErrors"], [])


def try_to_place(
    world: World, checkout_id: str, who: str = ""
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Place the order; the order or the errors."""
    done = world.ask(COMPLETE, {"id": checkout_id}, who=who, retry=True)["checkoutComplete"]
    return done["order"], done["checkoutErrors"]


def place(world: World, variant_id: str, quantity: int = 1, who: str = "") -> Placed:
    """Cart to order."""
    checkout_id, total = fill_cart(world, variant_id, quantity, who)
    choose_wechat(world, checkout_id, total, who)
    order, errors = try_to_place(world, checkout_id, who)
    world.expect("下单的错误", errors, [])
    if order is None:
        raise Differs("没有下成单，也没有说明原因")
    return Placed(order["id"], order["token"], order["number"], total)


def start_paying(world: World, order: Placed, method: str = "WECHAT_NATIVE") -> dict[str, Any]:
    """Ask for a payment code; errors are in the answer."""
    return world.ask(START, {"token": order.token, "method": method})["paymentStart"]


def intent(world: World, order: Placed) -> dict[str, Any]:
    """What the payer's page shows."""
    return world.ask(INTENT, {"token": order.token})["paymentIntent"]


def wait_until_paid(world: World, order: Placed, seconds: float = 60) -> None:
    """Look at the payer's page until it says paid."""
    world.wait_for("到账", lambda: intent(world, order)["state"] == "PAID", seconds=seconds)


def staff_order(world: World, order: Placed) -> dict[str, Any]:
    """The order as the staff's dashboard shows it."""
    return world.ask(STAFF_ORDER, {"id": order.id}, who="admin")["order"]


def allocated(world: World, variant_id: str) -> int:
    """How many of a variant are allocated in all warehouses."""
    stocks = world.ask(VARIANT_STOCK, {"id": variant_id}, who="admin")["productVariant"]["stocks"]
    return sum(stock["quantityAllocated"] for stock in stocks)


def captures(order: dict[str, Any]) -> list[float]:
    """The amounts of all successful charges of a staff order."""
    return [
        txn["amount"]["amount"]
        for payment in order["payments"]
        for txn in payment["transactions"]
        if txn["kind"] == "CAPTURE" and txn["isSuccess"]
    ]


def trades(world: World, order: Placed) -> list[dict[str, Any]]:
    """The order's trades at WeChat, newest first."""
    return [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order.number}")]
