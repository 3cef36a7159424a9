"""What journeys of all trades share: somebody who buys, documents of nobody, an order paid for and issued, refunds."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.documents import id_check

ORDER = """query($number: String!, $key: String) { ticketOrder(number: $number, key: $key) {
  state stateLabel title why total startsAt pick { label text }
  tickets { number state seat theirNumber fareName price carriedBy } } }"""
PLACE = """mutation($key: String!, $input: BasketInput!) { orderPlace(
  key: $key, input: $input, gateway: "o2o.wechat_pay") {
  order { id number token total { gross { amount } } } errors { code message } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  paymentIntent { number } errors { code message } } }"""
RELEASE = """mutation($number: String!) { ticketHoldRelease(number: $number) { errors { code message } } }"""
PREVIEW = """mutation($tickets: [String!]!) { ticketRefundPreview(tickets: $tickets) {
  fee back quotes { ticket token fee back words allowed } errors { code message } } }"""
REFUND = """mutation($key: String!, $tickets: [TicketRefundInput!]!) { ticketRefund(key: $key, tickets: $tickets) {
  refund { number state due } words errors { code message hint } } }"""
REFUNDS = """query($order: String!) { ticketRefunds(order: $order) { number state due why
  items { ticket fee due } money { amount state arrivedAt } } }"""
QUOTE = """mutation($tickets: [String!]!, $target: String!) { ticketChangePreview(tickets: $tickets, target: $target) {
  quotes { ticket token fee toPay back allowed words } errors { code message } } }"""
CHANGE = """mutation($key: String!, $tickets: [TicketChangeInput!]!, $target: String!) {
  ticketChange(key: $key, tickets: $tickets, target: $target) { change { number state } words
  errors { code message hint } } }"""
ADDRESS = {
    "firstName": "桂英", "lastName": "李", "streetAddress1": "民族路 18 号", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN", "phone": "+8613800138000",
}  # fmt: skip


def enter(world: World, name: str) -> Shopper:
    """Somebody new, logged in by a code."""
    person = Shopper(world, name)
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    entered = person.ask(SIGN_IN, mobile=person.mobile, code=person.code(), agreement=agreement, name=name)
    world.expect("登录", entered["errors"], [])
    person.token = entered["token"]
    return person


#: Numbers of this run; there are ten thousand for each day of birth.
_GIVEN: set[str] = set()


def document(born: str) -> str:
    """An identity number with a right check digit that is nobody's: its county's code has never been given out.

    Not one that was given before: two people with one number may not travel at one time.
    """
    while True:
        seventeen = f"50019{secrets.randbelow(10)}{born}{secrets.randbelow(999) + 1:03d}"
        if seventeen not in _GIVEN:
            _GIVEN.add(seventeen)
            return seventeen + id_check(seventeen)


def document_of(age: int) -> str:
    """The identity number of somebody who has been so old for some weeks."""
    born = today() - timedelta(days=366 * age + 40)
    return document(f"{born:%Y%m%d}")


def place(person: Shopper, hold: dict[str, Any]) -> Any:
    """Try to order what is held (`number`, for guests also `key`): the mutation's answer."""
    basket = {"lines": [], "holds": [hold], "billingAddress": ADDRESS}
    if not person.token:
        basket["email"] = f"{person.key}@example.com"
    return person.ask(PLACE, key=secrets.token_hex(16), input=basket)


def pay(world: World, person: Shopper, number: str, *, key: str = "") -> Decimal:
    """Order what is held, and pay on the sandbox's telephone; what was paid."""
    placed = place(person, {"number": number, **({"key": key} if key else {})})
    world.expect("下单", placed["errors"], [])
    return settle(world, person, placed["order"])


def settle(world: World, person: Shopper, order: dict[str, Any]) -> Decimal:
    """Pay an order on the sandbox's telephone; what was paid."""
    started = person.ask(START, token=order["token"])
    world.expect("发起支付", started["errors"], [])
    [trade] = [
        one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order['number']}")
    ]
    world.sandbox.pay(trade["out_trade_no"])
    return Decimal(str(order["total"]["gross"]["amount"]))


def issued(world: World, person: Shopper, number: str, *, key: str = "") -> dict[str, Any]:
    """The ticket order, once there are tickets; `key`: the request's, by which guests see it."""

    def look() -> Any:
        found = person.ask(ORDER, number=number, key=key)
        return found if found is not None and found["state"] == "ISSUED" else None

    found: dict[str, Any] = world.wait_for("出票", look, seconds=90)
    return found


def give_back(world: World, person: Shopper, order: str, ticket: str) -> tuple[Decimal, dict[str, Any]]:
    """Preview, then give back for what the preview said; what comes back, and the quote.

    Ends when the refund is done and the money has arrived.
    """
    quoted = person.ask(PREVIEW, tickets=[ticket])
    world.expect("退票试算", quoted["errors"], [])
    [quote] = quoted["quotes"]
    done = person.ask(
        REFUND, key=secrets.token_hex(12), tickets=[{"ticket": ticket, "token": quote["token"]}]
    )
    world.expect("退票", done["errors"], [])
    back = Decimal(str(quote["back"]))
    world.expect("应退与试算一致", Decimal(str(done["refund"]["due"])), back)
    refund = refunded(world, person, order, done["refund"]["number"])
    world.expect("到账与试算一致", arrived(refund), back)
    return back, quote


def refunded(world: World, person: Shopper, order: str, number: str = "") -> dict[str, Any]:
    """The refund of an order (the newest, or by its number), once all of its money has arrived."""

    def look() -> Any:
        rows = [one for one in person.ask(REFUNDS, order=order) if number in {"", one["number"]}]
        return rows[0] if rows and rows[0]["state"] == "DONE" else None

    found: dict[str, Any] = world.wait_for("退款到账", look, seconds=120)
    return found


def arrived(refund: dict[str, Any]) -> Decimal:
    """How much of a refund's money has arrived."""
    there = [Decimal(str(one["amount"])) for one in refund["money"] if one["arrivedAt"]]
    return sum(there, Decimal(0))


def change(person: Shopper, target: str, quote: dict[str, Any]) -> dict[str, Any]:
    """Change a ticket to what is held for it, as it was quoted."""
    told: dict[str, Any] = person.ask(
        CHANGE, key=secrets.token_hex(12), target=target,
        tickets=[{"ticket": quote["ticket"], "token": quote["token"]}],
    )  # fmt: skip
    return told
