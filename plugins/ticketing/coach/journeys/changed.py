"""Journey ``coach-change-refund``: to another bus once, not twice, then given back by the fare that was paid first; to
a dearer one for the difference, to a cheaper one with the difference back."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import (
    ORDER,
    PREVIEW,
    QUOTE,
    REFUND,
    RELEASE,
    change,
    enter,
    issued,
    pay,
    place,
    settle,
)
from saleor_o2o.journeys.world import World

from .riding import buses, hold, leaves, open_networks, price_of, rider

CHANGES = "query($order: String!) { ticketChanges(order: $order) { number state } }"


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
    done = change(person, target["number"], quote)
    world.expect("改签", done["errors"], [])
    new = issued(world, person, target["number"])
    states = [one["state"] for one in issued_tickets(person, held["number"])]
    world.expect("原票已改签", states, ["CHANGED"])
    told = f"{'；'.join(quote['words'])}，原票作废，新座位 {new['tickets'][0]['seat']}"
    world.step(f"改到 {leaves(late)}（平改）：{told}")

    again = hold(person, latest, [who], old=target["number"])
    world.expect("再占一座", again["errors"], [])
    alone = place(person, {"number": again["number"]})
    world.expect("改签用的座不单独出售", [one["code"] for one in alone["errors"]], ["HOLD_FOR_CHANGE"])
    second = person.ask(QUOTE, tickets=[new["tickets"][0]["number"]], target=again["number"])
    world.expect(
        "第二次试算", (second["errors"], [one["allowed"] for one in second["quotes"]]), ([], [False])
    )
    refused = change(person, again["number"], second["quotes"][0])
    world.expect("第二次改签", [one["code"] for one in refused["errors"]], ["NOT_POSSIBLE"])
    world.expect("票没有变", issued(world, person, target["number"])["tickets"], new["tickets"])
    world.expect("释放", person.ask(RELEASE, number=again["number"])["errors"], [])
    world.step(f"想再改一次：{'；'.join(second['quotes'][0]['words'])}，{refused['errors'][0]['message']}")

    quoted = person.ask(PREVIEW, tickets=[new["tickets"][0]["number"]])
    world.expect("退票试算", quoted["errors"], [])
    quote = quoted["quotes"][0]
    done = person.ask(
        REFUND, key=secrets.token_hex(12), tickets=[{"ticket": quote["ticket"], "token": quote["token"]}]
    )
    world.expect("退票", done["errors"], [])
    world.expect("应退不超过实付", Decimal(str(quote["back"])) <= paid, True)
    world.step(f"改签后再退：{'；'.join(quote['words'])}，退 ¥{quote['back']}")

    _dearer_and_cheaper(world)


def _dearer_and_cheaper(world: World) -> None:
    """低改高 pays the difference, 高改低 gets it back: two lines from one station to one town, at two fares."""
    person = enter(world, "周德明")
    found = sorted(buses(world, person, "CQ-SGL", "CQ-WL"), key=price_of)
    cheap, dear = found[0], found[-1]
    difference = price_of(dear) - price_of(cheap)
    world.expect("两条线票价不同", difference > 0, True)
    for before, after in ((cheap, dear), (dear, cheap)):
        who = rider("测试辛", 44)
        held = hold(person, before, [who])
        world.expect("占座", held["errors"], [])
        pay(world, person, held["number"])
        [ticket] = issued(world, person, held["number"])["tickets"]
        target = hold(person, after, [who], old=held["number"])
        world.expect("占新班次的座", target["errors"], [])
        quoted = person.ask(QUOTE, tickets=[ticket["number"]], target=target["number"])
        world.expect("改签试算", quoted["errors"], [])
        [quote] = quoted["quotes"]
        up = after is dear
        world.expect("手续费", Decimal(str(quote["fee"])), Decimal(0))
        world.expect("应补", Decimal(str(quote["toPay"])), difference if up else Decimal(0))
        world.expect("应退", Decimal(str(quote["back"])), Decimal(0) if up else difference)
        done = change(person, target["number"], quote)
        world.expect("改签", done["errors"], [])
        if up:
            world.expect("等补差价", done["change"]["state"], "TO_PAY")
            extra = place(person, {"number": f"ticket_changes:{done['change']['number']}"})
            world.expect("差价下单", extra["errors"], [])
            world.expect("补差价", settle(world, person, extra["order"]), difference)
        world.expect("改签完成", _done(world, person, held["number"]), done["change"]["number"])
        states = [one["state"] for one in issued_tickets(person, held["number"])]
        world.expect("原票已改签", states, ["CHANGED"])
        [new] = issued(world, person, target["number"])["tickets"]
        world.expect("新票价", Decimal(str(new["price"])), price_of(after))
        way = "低改高，补" if up else "高改低，退"
        world.step(f"{leaves(before)} 改到 {leaves(after)}（{way} ¥{difference}）")


def _done(world: World, person: Shopper, order: str) -> str:
    """The number of an order's change, once it is done."""

    def look() -> Any:
        [row] = person.ask(CHANGES, order=order)
        return row["number"] if row["state"] == "DONE" else ""

    number: str = world.wait_for("改签完成", look, seconds=90)
    return number


def issued_tickets(person: Any, number: str) -> list[dict[str, Any]]:
    """The tickets of an order as they stand."""
    found: list[dict[str, Any]] = person.ask(ORDER, number=number)["tickets"]
    return found
