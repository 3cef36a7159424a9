"""Journey ``coach-change-refund``: to another bus once, not twice; then given back, by the fare that was paid first."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.journeys.buying import ORDER, PREVIEW, REFUND, enter, issued, pay
from saleor_o2o.journeys.world import World

from .riding import buses, hold, leaves, open_networks, rider

QUOTE = """mutation($tickets: [String!]!, $target: String!) { ticketChangePreview(tickets: $tickets, target: $target) {
  quotes { ticket token fee words } errors { code message } } }"""
CHANGE = """mutation($key: String!, $tickets: [TicketChangeInput!]!, $target: String!) {
  ticketChange(key: $key, tickets: $tickets, target: $target) { change { number state } words
  errors { code message hint } } }"""


def play(world: World) -> None:
    """From the first bus of tomorrow to a later one."""
    open_networks(world)
    person = enter(world, "陈素芬")
    found = buses(world, person, "CQ-CJP", "CQ-DZ")
    early, late, latest = found[-3], found[-2], found[-1]
    who = rider("测试己", 41)
    held = hold(person, early, [who])
    world.expect("占座", held["errors"], [])
    paid = pay(world, person, held["number"])
    old = issued(world, person, held["number"])
    world.step(f"买 {leaves(early)} 的票，付 ¥{paid}，已出票")

    target = hold(person, late, [who], old=held["number"])
    world.expect("占新班次的座", target["errors"], [])
    quoted = person.ask(QUOTE, tickets=[old["tickets"][0]["number"]], target=target["number"])
    world.expect("改签试算", quoted["errors"], [])
    quote = quoted["quotes"][0]
    done = person.ask(
        CHANGE, key=secrets.token_hex(12), target=target["number"],
        tickets=[{"ticket": quote["ticket"], "token": quote["token"]}],
    )  # fmt: skip
    world.expect("改签", done["errors"], [])
    new = issued(world, person, target["number"])
    states = [one["state"] for one in issued_tickets(person, held["number"])]
    world.expect("原票已改签", states, ["CHANGED"])
    told = f"{'；'.join(quote['words'])}，原票作废，新座位 {new['tickets'][0]['seat']}"
    world.step(f"改到 {leaves(late)}（平改）：{told}")

    again = hold(person, latest, [who], old=target["number"])
    world.expect("再占一座", again["errors"], [])
    second = person.ask(QUOTE, tickets=[new["tickets"][0]["number"]], target=again["number"])
    refused = second["errors"] or [{"message": "；".join(second["quotes"][0]["words"])}]
    world.step(f"想再改一次：{refused[0]['message']}")

    quoted = person.ask(PREVIEW, tickets=[new["tickets"][0]["number"]])
    world.expect("退票试算", quoted["errors"], [])
    quote = quoted["quotes"][0]
    done = person.ask(
        REFUND, key=secrets.token_hex(12), tickets=[{"ticket": quote["ticket"], "token": quote["token"]}]
    )
    world.expect("退票", done["errors"], [])
    world.expect("应退不超过实付", Decimal(str(quote["back"])) <= paid, True)
    world.step(f"改签后再退：{'；'.join(quote['words'])}，退 ¥{quote['back']}")


def issued_tickets(person: Any, number: str) -> list[dict[str, Any]]:
    """The tickets of an order as they stand."""
    found: list[dict[str, Any]] = person.ask(ORDER, number=number)["tickets"]
    return found
