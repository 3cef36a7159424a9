"""Journey ``coach-missed``: two buses leave without their passengers; one network puts whoever asks on a later one.

Played with buses that the stations put on (加班车), so that it goes at any hour: they really leave while it is told.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import ORDER, enter, issued, pay, place, settle
from saleor_o2o.journeys.office import Office, alert, words_of
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import now, today

from .riding import NETWORKS, SHIFTS, hold, issued_by, leaves, open_networks, rider

PROVINCE, FANGBIAN = NETWORKS
#: 陈家坪—大足 is sold by both networks, 北站南广场—成都城北 by 方便网 alone: their lines in the sandbox.
DAZU, CHENGDU = ("CQ-CJP", "CQ-DZ", 12), ("CQ-BZN", "SC-CDB", 6)
#: A bus leaves a minute and a half after it is put on: what is done before takes seconds, on a slow machine more.
AHEAD, NEXT = (timedelta(seconds=90), timedelta(seconds=210)), timedelta(minutes=6)
LATER = """query($n: String!) { coachLaterBuses(orderNumber: $n) { buses { id number departs left
  fees { ticket allowed fee toPay back words } } errors { code message hint } } }"""
GO = """mutation($k: String!, $n: String!, $t: [String!]!, $s: ID!, $e: Decimal!) { coachMissedChange(key: $k,
  orderNumber: $n, tickets: $t, shift: $s, expected: $e) { change { number state toPay target }
  errors { code message hint } } }"""
CHANGES = "query($order: String!) { ticketChanges(order: $order) { number state target toPay } }"
WHO = "city_tickets"
STATIONS = "/admin/o2o_coach/station/"
ORDERS = "/admin/o2o_ticketing/ticketorder/"


@dataclass(frozen=True, slots=True)
class Buses:
    """When the missed ones leave, and the one after them."""

    first: datetime
    second: datetime


def play(world: World) -> None:
    """The counter opens the sale until departure, two orders are bought, and their buses leave."""
    open_networks(world)
    person = enter(world, "罗玉芳")
    with Office(world, WHO) as office, _sold_until_they_leave(world, office):
        times = _put_on(world, person)
        world.step(f"今天加开 {times.first:%H:%M}、{times.second:%H:%M} 两班，售到发车为止")
        bus = _bus(world, person, DAZU, times.first)
        held = hold(person, bus, [rider("测试子", 38), rider("测试丑", 36)])
        world.expect("占座", held["errors"], [])
        pay(world, person, held["number"])
        tickets = issued(world, person, held["number"])["tickets"]
        world.expect("出票的客票网", issued_by(world, tickets[0]["theirNumber"]), [PROVINCE])
        other = _of_fangbian(world, person, times)
        world.step(f"两人买 {leaves(bus)} 去大足的票（省网出票），另一人买同时去成都的票（方便网出票）")

        early = person.ask(LATER, n=held["number"])
        world.expect("没有发车不是误班", [one["code"] for one in early["errors"]], ["NOT_MISSED"])
        world.step(f"发车前想办误班改乘：{_why(early)}")
        # in the second of the departure itself nothing is kept
        gone = times.first + timedelta(seconds=2)
        world.wait_for("发车", lambda: now() > gone, seconds=330, every=1)
        world.step("班车开走了，三个人都没赶上")

        fee = _fifth(bus)
        _by_himself(world, person, held["number"], tickets[0], times, fee)
        _by_the_counter(world, office, person, held["number"], times, fee)
        _not_there(world, office, person, other)


@contextmanager
def _sold_until_they_leave(world: World, office: Office) -> Iterator[None]:
    """Stations and networks stop the sale at departure, not before; as it was when it is over."""
    pages = {code: office.address_of(STATIONS, code) for code, _goal, _line in (DAZU, CHENGDU)}
    before = {name: world.sandbox.call("GET", f"/{name}/options")["stop_sale"] for name in NETWORKS}
    minutes = {}
    try:
        for code, page in pages.items():
            minutes[code] = office.fields(page)["stop_minutes"]
            _stop_at(world, office, page, "0")
        for name in NETWORKS:
            world.sandbox.call("POST", f"/{name}/options", {"stop_sale": 0})
        yield
    finally:
        for code, kept in minutes.items():
            _stop_at(world, office, pages[code], kept)
        for name, kept in before.items():
            world.sandbox.call("POST", f"/{name}/options", {"stop_sale": kept})


def _stop_at(world: World, office: Office, page: str, minutes: str) -> None:
    done = office.change(page, stop_minutes=minutes)
    world.expect("停售时间已保存", (done.status_code, alert(done.text)), (200, ""))
    world.expect("停售时间", office.fields(page)["stop_minutes"], minutes)


def _put_on(world: World, person: Shopper) -> Buses:
    """Two more buses to 大足 and one to 成都, all of today: near midnight, of the day that begins.

    What the networks said is shown for two minutes: where somebody has just looked, buses that leave later are put on.
    """
    for ahead in AHEAD:
        while (now() + ahead + NEXT + timedelta(minutes=1)).date() != today():
            time.sleep(1)
        first = (now() + ahead + timedelta(minutes=1)).replace(second=0, microsecond=0)
        times = Buses(first, first + NEXT)
        for line, leaving in ((DAZU, times.first), (DAZU, times.second), (CHENGDU, times.first)):
            told = {"date": f"{leaving:%Y-%m-%d}", "line": line[2], "at": f"{leaving:%H:%M}"}
            world.sandbox.call("POST", f"/{FANGBIAN}/shifts/add", told)
        if _seen(world, person, DAZU, times.second) and _seen(world, person, CHENGDU, first):
            return times
    world.wait_for("看到加班车", lambda: _seen(world, person, DAZU, times.second), seconds=130, every=3)
    world.wait_for("看到加班车", lambda: _seen(world, person, CHENGDU, first), seconds=130, every=3)
    return times


def _seen(
    world: World, person: Shopper, line: tuple[str, str, int], leaving: datetime
) -> list[dict[str, Any]]:
    told = person.ask(SHIFTS, start=line[0], goal=line[1], day=f"{leaving:%Y-%m-%d}")
    world.expect("查询班次", told["errors"], [])
    return [one for one in told["shifts"] if datetime.fromisoformat(one["departs"]) == leaving]


def _bus(world: World, person: Shopper, line: tuple[str, str, int], leaving: datetime) -> dict[str, Any]:
    """The bus that was put on, as a search finds it."""
    found = _seen(world, person, line, leaving)
    world.expect(f"查到 {leaving:%H:%M} 的加班车", [one["extra"] for one in found], [True])
    return found[0]


def _of_fangbian(world: World, person: Shopper, times: Buses) -> dict[str, Any]:
    bus = _bus(world, person, CHENGDU, times.first)
    held = hold(person, bus, [rider("测试寅", 41)])
    world.expect("占座", held["errors"], [])
    pay(world, person, held["number"])
    order = issued(world, person, held["number"])
    world.expect("出票的客票网", issued_by(world, order["tickets"][0]["theirNumber"]), [FANGBIAN])
    return {**order, "number": held["number"]}


def _why(told: dict[str, Any]) -> str:
    return f"{told['errors'][0]['message']}，{told['errors'][0]['hint']}"


def _fifth(bus: dict[str, Any]) -> Decimal:
    """Two tenths of the fare, which is shown with the service charge in it."""
    full = next(one for one in bus["fares"] if one["fare"] == "FULL")
    return ((Decimal(str(full["price"])) - Decimal(str(full["service"]))) / 5).quantize(Decimal("0.01"))


def _by_himself(
    world: World, person: Shopper, order: str, ticket: dict[str, Any], times: Buses, fifth: Decimal
) -> None:
    """What is shown is what is paid; another sum is refused and nothing is changed."""
    told = person.ask(LATER, n=order)
    world.expect("可以改乘的班次", told["errors"], [])
    bus = next(one for one in told["buses"] if datetime.fromisoformat(one["departs"]) == times.second)
    [fee] = [one for one in bus["fees"] if one["ticket"] == ticket["number"]]
    world.expect("票价的两成", (fee["allowed"], Decimal(str(fee["toPay"]))), (True, fifth))
    asked = {"n": order, "t": [ticket["number"]], "s": bus["id"]}
    wrong = person.ask(GO, k=secrets.token_hex(12), e=str(fifth - 1), **asked)
    world.expect("金额不是显示的", [one["code"] for one in wrong["errors"]], ["QUOTE_CHANGED"])
    world.expect("票没有变", _states(person, order), ["ISSUED", "ISSUED"])
    world.step(
        f"本人查询：可改乘 {times.second:%H:%M}，补 ¥{fifth}（{'；'.join(fee['words'])}）；金额不对不办"
    )

    key = secrets.token_hex(12)
    done, again = (person.ask(GO, k=key, e=str(fifth), **asked) for _time in range(2))
    world.expect("误班改乘", (done["errors"], done["change"]["state"]), ([], "TO_PAY"))
    world.expect("再点一次是同一张改签单", again["change"]["number"], done["change"]["number"])
    _paid_and_done(world, person, order, done["change"]["number"], fifth)
    [new] = issued(world, person, done["change"]["target"])["tickets"]
    world.expect("一张改乘，一张照旧", _states(person, order), ["CHANGED", "ISSUED"])
    world.step(f"本人点改乘、补 ¥{fifth}：新座位 {new['seat']}，同行人的票不变")

    twice = person.ask(LATER, n=done["change"]["target"])
    world.expect("新班次还没有开", [one["code"] for one in twice["errors"]], ["NOT_MISSED"])


def _by_the_counter(
    world: World, office: Office, person: Shopper, order: str, times: Buses, fifth: Decimal
) -> None:
    """Two clicks: the door on the order's page, then the bus."""
    page = office.page(office.address_of(ORDERS, order))
    world.expect("订单页上有“误班改乘”", "误班改乘" in page, True)
    key = office.address_of(ORDERS, order).split("/")[-3]
    address = f"/admin/o2o_coach/gatecheck/missed/{key}/"
    shown = words_of(office.page(address))
    world.expect("页上有后面的班次", f"改乘 {times.second:%H:%M}" in shown, True)
    bus = _bus(world, person, DAZU, times.second)["id"]
    done = office.change(address, bus=bus)
    said = words_of(done.text)
    world.expect("已办理", (alert(done.text), f"应补 ¥{fifth}" in said), ("", True))
    [change] = [one for one in person.ask(CHANGES, order=order) if one["state"] == "TO_PAY"]
    fee = Decimal(str(change["toPay"]))
    world.expect("同样的手续费", fee, fifth)
    _paid_and_done(world, person, order, change["number"], fee)
    [new] = issued(world, person, change["target"])["tickets"]
    world.expect("两张都已改乘", _states(person, order), ["CHANGED", "CHANGED"])
    world.expect("原订单没有误班的人了", "误班改乘" in office.page(office.address_of(ORDERS, order)), False)
    world.step(
        f"同行人到窗口：订单页点“误班改乘”、点 {times.second:%H:%M}，付 ¥{fee:.2f}，新座位 {new['seat']}"
    )


def _not_there(world: World, office: Office, person: Shopper, order: dict[str, Any]) -> None:
    """The other network does not do it: said in words, nothing is asked for there."""
    asked = len(world.sandbox.call("GET", f"/{FANGBIAN}/calls", operation="lock")["calls"])
    told = person.ask(LATER, n=order["number"])
    world.expect("方便网不办理", [one["code"] for one in told["errors"]], ["NOT_MISSED"])
    key = office.address_of(ORDERS, order["number"]).split("/")[-3]
    page = words_of(office.page(f"/admin/o2o_coach/gatecheck/missed/{key}/"))
    world.expect("窗口页说明原因", told["errors"][0]["message"] in page, True)
    calls = world.sandbox.call("GET", f"/{FANGBIAN}/calls", operation="lock")["calls"]
    world.expect("没有向方便网占座", len(calls), asked)
    world.expect("票没有变", _states(person, order["number"]), ["ISSUED"])
    world.step(f"去成都的一位：{_why(told)}；窗口的页面也这样说")


def _paid_and_done(world: World, person: Shopper, order: str, number: str, fee: Decimal) -> None:
    extra = place(person, {"number": f"ticket_changes:{number}"})
    world.expect("补款下单", extra["errors"], [])
    world.expect("补款", settle(world, person, extra["order"]), fee)

    def look() -> bool:
        return any(
            (one["number"], one["state"]) == (number, "DONE") for one in person.ask(CHANGES, order=order)
        )

    world.wait_for("改乘完成", look, seconds=90)


def _states(person: Shopper, order: str) -> list[str]:
    return [one["state"] for one in person.ask(ORDER, number=order)["tickets"]]
