"""What the journeys of coach tickets share: somebody who buys, buses of tomorrow, documents of nobody."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.documents import id_check

ERRORS = "errors { field message hint code total }"
STATIONS = "query($search: String) { coachStations(search: $search) { code name city lastDay } }"
GOALS = """query($start: String!, $search: String) {
  coachDestinations(start: $start, search: $search) { code name initials } }"""
SHIFTS = f"""query($start: String!, $goal: String!, $day: Date!) {{
  coachShifts(start: $start, goal: $goal, day: $day) {{ {ERRORS} shifts {{
    id number departs flow left leftWords stopsAt goal {{ code name }} start {{ name }} refundWords
    fares {{ fare name price service }} }} }} }}"""
HOLD = f"""mutation($key: String!, $shift: ID!, $goal: String!, $passengers: [CoachPassengerInput!]!, $mobile: String!,
  $most: Decimal, $old: String) {{ coachHold(key: $key, shift: $shift, goal: $goal, passengers: $passengers,
  mobile: $mobile, contact: "测试联系人", mostTotal: $most, insteadOf: $old) {{
    number state heldUntil total seats {ERRORS} }} }}"""
ORDER = """query($number: String!) { ticketOrder(number: $number) { state stateLabel title why total
  pick { label text } tickets { number state seat theirNumber fareName price carriedBy } } }"""
PLACE = """mutation($key: String!, $input: BasketInput!) { orderPlace(
  key: $key, input: $input, gateway: "o2o.wechat_pay") {
  order { id number token total { gross { amount } } } errors { code message } } }"""
START = """mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_NATIVE) {
  paymentIntent { number } errors { code message } } }"""
RELEASE = """mutation($number: String!) { ticketHoldRelease(number: $number) { errors { code message } } }"""
ADDRESS = {
    "firstName": "桂英", "lastName": "李", "streetAddress1": "民族路 18 号", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN", "phone": "+8613800138000",
}  # fmt: skip
NETWORKS = ("coach_province", "coach_fangbian")


def open_networks(world: World) -> None:
    """The networks sell at any hour, and issue at once: a journey is played at night, too."""
    for name in NETWORKS:
        world.sandbox.call(
            "POST", f"/{name}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0}
        )


def enter(world: World, name: str) -> Shopper:
    """Somebody new, logged in by a code."""
    person = Shopper(world, name)
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    entered = person.ask(SIGN_IN, mobile=person.mobile, code=person.code(), agreement=agreement, name=name)
    world.expect("登录", entered["errors"], [])
    person.token = entered["token"]
    return person


def document(born: str) -> str:
    """An identity number with a right check digit that is nobody's: its county's code has never been given out."""
    seventeen = f"500199{born}{secrets.randbelow(999) + 1:03d}"
    return seventeen + id_check(seventeen)


def rider(name: str, age: int, fare: str = "FULL") -> dict[str, str]:
    """A passenger of an age, in full years."""
    born = today() - timedelta(days=366 * age + 40)
    return {"name": name, "documentNumber": document(f"{born:%Y%m%d}"), "fare": fare}


def tomorrow() -> date:
    """The day of travel."""
    return today() + timedelta(days=1)


def buses(world: World, person: Shopper, start: str, goal: str) -> list[dict[str, Any]]:
    """Buses of tomorrow that have seats, fixed ones."""
    told = person.ask(SHIFTS, start=start, goal=goal, day=tomorrow().isoformat())
    world.expect("查询班次", told["errors"], [])
    return [one for one in told["shifts"] if not one["flow"] and (one["left"] or 0) > 4]


def hold(
    person: Shopper,
    bus: dict[str, Any],
    riders: list[dict[str, str]],
    *,
    key: str = "",
    most: str | None = None,
    old: str | None = None,
) -> dict[str, Any]:
    """Ask for seats."""
    told: dict[str, Any] = person.ask(
        HOLD, key=key or secrets.token_hex(12), shift=bus["id"], goal=bus["goal"]["code"], passengers=riders,
        mobile=person.mobile, most=most, old=old,
    )  # fmt: skip
    return told


def pay(world: World, person: Shopper, number: str) -> Decimal:
    """Order what is held, and pay on the sandbox's telephone; what was paid."""
    basket = {"lines": [], "holds": [{"number": number}], "billingAddress": ADDRESS}
    placed = person.ask(PLACE, key=secrets.token_hex(16), input=basket)
    world.expect("下单", placed["errors"], [])
    order = placed["order"]
    started = person.ask(START, token=order["token"])
    world.expect("发起支付", started["errors"], [])
    [trade] = [
        one for one in world.sandbox.orders() if one["description"].endswith(f"订单 {order['number']}")
    ]
    world.sandbox.pay(trade["out_trade_no"])
    return Decimal(str(order["total"]["gross"]["amount"]))


def issued(world: World, person: Shopper, number: str) -> dict[str, Any]:
    """The ticket order, once there are tickets."""

    def look() -> Any:
        found = person.ask(ORDER, number=number)
        return found if found is not None and found["state"] == "ISSUED" else None

    found: dict[str, Any] = world.wait_for("出票", look, seconds=90)
    return found
