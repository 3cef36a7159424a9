"""What the journeys of coach tickets share: somebody who buys, buses of tomorrow, documents of nobody."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import document_of
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import SHANGHAI, today

ERRORS = "errors { field message hint code total }"
STATIONS = "query($search: String) { coachStations(search: $search) { code name city lastDay } }"
GOALS = """query($start: String!, $search: String) {
  coachDestinations(start: $start, search: $search) { code name initials } }"""
SHIFTS = f"""query($start: String!, $goal: String!, $day: Date!) {{
  coachShifts(start: $start, goal: $goal, day: $day) {{ {ERRORS} shifts {{
    id number departs flow extra left leftWords stopsAt goal {{ code name }} start {{ name }} refundWords
    fares {{ fare name price service }} }} }} }}"""
HOLD = f"""mutation($key: String!, $shift: ID!, $goal: String!, $passengers: [CoachPassengerInput!]!, $mobile: String!,
  $most: Decimal, $old: String) {{ coachHold(key: $key, shift: $shift, goal: $goal, passengers: $passengers,
  mobile: $mobile, contact: "测试联系人", mostTotal: $most, insteadOf: $old) {{
    number state heldUntil total seats {ERRORS} }} }}"""
NETWORKS = ("coach_province", "coach_fangbian")


def open_networks(world: World) -> None:
    """The networks sell at any hour, and issue at once: a journey is played at night, too."""
    for name in NETWORKS:
        world.sandbox.call(
            "POST", f"/{name}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0}
        )


def rider(name: str, age: int, fare: str = "FULL") -> dict[str, str]:
    """A passenger of an age, in full years."""
    return {"name": name, "documentNumber": document_of(age), "fare": fare}


def tomorrow() -> date:
    """The day of travel."""
    return today() + timedelta(days=1)


def buses(world: World, person: Shopper, start: str, goal: str) -> list[dict[str, Any]]:
    """Buses of tomorrow that have seats, fixed ones of the timetable: extra ones are not given back."""
    told = person.ask(SHIFTS, start=start, goal=goal, day=tomorrow().isoformat())
    world.expect("查询班次", told["errors"], [])
    return [one for one in told["shifts"] if not one["flow"] and not one["extra"] and (one["left"] or 0) > 4]


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


def leaves(bus: dict[str, Any]) -> str:
    """When a bus leaves, as its passengers say it."""
    return f"{datetime.fromisoformat(bus['departs']).astimezone(SHANGHAI):%H:%M}"


def price_of(bus: dict[str, Any], fare: str = "FULL") -> Decimal:
    """What a kind of ticket costs as it is shown, in yuan."""
    return next(Decimal(str(one["price"])) for one in bus["fares"] if one["fare"] == fare)


def issued_by(world: World, their_number: str) -> list[str]:
    """The networks that say they issued a ticket, by its number there."""
    return [
        name
        for name in NETWORKS
        for row in world.sandbox.call("GET", f"/{name}/orders")["orders"]
        if row["state"] == "issued" and their_number in {one["ticket_no"] for one in row["tickets"]}
    ]


def asked_to_hold(world: World, name: str) -> int:
    """How often a network was asked for seats."""
    return len(world.sandbox.call("GET", f"/{name}/calls", operation="lock")["calls"])
