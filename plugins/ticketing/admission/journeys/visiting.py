"""What the journeys of admission share on the visitor's side: looking, holding, vouchers, waiting."""

from __future__ import annotations

import secrets
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import document_of, issued, pay
from saleor_o2o.journeys.world import World

ERRORS = "errors { field message hint code }"
SEARCH = """query($search: String) { admissionProducts(search: $search) {
  code name title priceFrom place { name level district } } }"""
CALENDAR = """query($code: String!, $days: Int!) { admissionProduct(code: $code) { name notices
  classes { code name price realName ageFrom ageBelow advance }
  calendar(days: $days) { day priceFrom left classes { code price open left } } } }"""
SESSIONS = """query($code: String!) { admissionProduct(code: $code) { name waitingHours
  sessions { id name startsAt seated onSale left hall } } }"""
SESSION = """query($id: ID!) { admissionSession(id: $id) { state title onSale left startsAt
  classes { code name category price open left } categories { code name colour }
  seats { id zone line place label category free } freeSeats } }"""
HOLD = f"""mutation($key: String!, $product: String!, $session: ID, $day: Date, $tickets: [AdmissionTicketInput!]!,
  $mobile: String!, $waiting: ID, $mailTo: AdmissionMailInput) {{ admissionHold(mailTo: $mailTo,
  key: $key, product: $product, session: $session, day: $day,
  tickets: $tickets, mobile: $mobile, waiting: $waiting, device: "journey") {{
    number state heldUntil total seats {ERRORS} }} }}"""
VOUCHERS = """query($order: String!) { ticketVouchers(orderNumber: $order) {
  number title code standing uses used left voidWhy needsDocument
  kept { qr rotating } theirCodes { code qr } printUrl paper { way words exchangeQr waybill } } }"""
WAIT = f"""mutation($product: String!, $kind: String!, $quantity: Int!, $session: ID) {{
  admissionWait(product: $product, ticketClass: $kind, quantity: $quantity, session: $session) {{
    waiting {{ id state }} {ERRORS} }} }}"""
WAITINGS = "{ myAdmissionWaitings { id state title quantity offeredUntil orderNumber sessionId } }"
WAIT_CANCEL = f"mutation($id: ID!) {{ admissionWaitCancel(id: $id) {{ {ERRORS} }} }}"


def visitor(name: str, age: int) -> dict[str, str]:
    """A name and an identity number of nobody of that age."""
    return {"name": name, "documentNumber": document_of(age)}


def hold(
    person: Shopper, product: str, tickets: list[dict[str, Any]], *, key: str = "", **when: Any
) -> dict[str, Any]:
    """Ask for tickets; `when`: session or day, or a waiting."""
    told: dict[str, Any] = person.ask(
        HOLD, key=key or secrets.token_hex(12), product=product, tickets=tickets, mobile=person.mobile, **when
    )
    return told


def bought(
    world: World, person: Shopper, product: str, tickets: list[dict[str, Any]], **when: Any
) -> dict[str, Any]:
    """Held, paid and issued: the ticket order with `number` and `paid`."""
    held = hold(person, product, tickets, **when)
    world.expect("占座", held["errors"], [])
    paid = pay(world, person, held["number"])
    return {**issued(world, person, held["number"]), "number": held["number"], "paid": paid}


def vouchers(person: Shopper, order: str) -> list[dict[str, Any]]:
    """The vouchers of an order."""
    found: list[dict[str, Any]] = person.ask(VOUCHERS, order=order)
    return found


def codes_of(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [one["code"] for one in answer["errors"]]


def text_with(world: World, mobile: str, words: str) -> str:
    """The text message on a phone that says this, once it has come."""

    def look() -> str:
        return next((one["text"] for one in world.sandbox.texts(mobile) if words in one["text"]), "")

    return str(world.wait_for(f"收到短信“{words}”", look, seconds=90))
