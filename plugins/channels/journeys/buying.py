"""What the shopper does in the journey: buy in a shop, pay on the phone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today

GATEWAY = "o2o.wechat_pay"
STOCK = "query($id: ID!) { productVariant(id: $id) { quantityAvailable } }"
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id
  availableShippingMethods { id } } checkoutErrors { field message code } } }"""
NOTE = """mutation($id: ID!, $code: String!) { checkoutAttribute(checkoutId: $id, shopCode: $code) {
  errors { field message code } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } shippingPrice { gross { amount } } } checkoutErrors { message } } }"""
PAYMENT = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  paymentErrors { field message code } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token number } checkoutErrors { field message code } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  codeUrl errors { message code } } }"""
INTENT = "query($token: String!) { paymentIntent(orderToken: $token) { state amount } }"
ADDRESS = {
    "firstName": "小渝",
    "lastName": "王",
    "streetAddress1": "棉花街示例小区 3 栋 5-1",
    "city": "渝中区",
    "countryArea": "重庆市",
    "postalCode": "400010",
    "country": "CN",
    "phone": "+8613800000002",
}


@dataclass(frozen=True)
class Placed:
    """An order as its buyer knows it; yuan."""

    id: str
    token: str
    number: str
    total: Decimal
    freight: Decimal
    day: str


def available(world: World, variant_id: str) -> int:
    """How many may be bought."""
    return int(world.ask(STOCK, {"id": variant_id})["productVariant"]["quantityAvailable"])


def place(world: World, variant_id: str, quantity: int, code: str, who: str) -> Placed:
    """Cart, shop, freight, WeChat Pay, order."""
    cart = {
        "email": f"{who}@example.com",
        "lines": [{"variantId": variant_id, "quantity": quantity}],
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
    }
    made = world.ask(CREATE, {"input": cart}, who=who)["checkoutCreate"]
    world.expect("建购物车的错误", made["checkoutErrors"], [])
    checkout = made["checkout"]
    noted = world.ask(NOTE, {"id": checkout["id"], "code": code}, who=who)["checkoutAttribute"]
    world.expect("记店铺的错误", noted["errors"], [])
    method = checkout["availableShippingMethods"][0]["id"]
    shipped = world.ask(SHIP, {"id": checkout["id"], "method": method}, who=who)[
        "checkoutShippingMethodUpdate"
    ]
    world.expect("选运费的错误", shipped["checkoutErrors"], [])
    total = Decimal(str(shipped["checkout"]["totalPrice"]["gross"]["amount"]))
    freight = Decimal(str(shipped["checkout"]["shippingPrice"]["gross"]["amount"]))
    chosen = {"gateway": GATEWAY, "token": "cart", "amount": float(total)}
    paid = world.ask(PAYMENT, {"id": checkout["id"], "input": chosen}, who=who)["checkoutPaymentCreate"]
    world.expect("选择支付方式的错误", paid["paymentErrors"], [])
    done = world.ask(COMPLETE, {"id": checkout["id"]}, who=who, retry=True)["checkoutComplete"]
    world.expect("下单的错误", done["checkoutErrors"], [])
    order = done["order"]
    return Placed(order["id"], order["token"], order["number"], total, freight, str(today()))


def pay(world: World, order: Placed) -> None:
    """Pay on the sandbox phone, and wait until the platform says so."""
    told = world.ask(START, {"token": order.token})["paymentStart"]
    world.expect("发起支付的错误", told["errors"], [])
    [trade] = [one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order.number}")]
    world.sandbox.pay(trade["out_trade_no"])
    world.wait_for(
        "到账", lambda: world.ask(INTENT, {"token": order.token})["paymentIntent"]["state"] == "PAID"
    )
