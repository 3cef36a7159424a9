"""Journey ``show-seats``: the seat map, seats chosen and seats found, a countdown, a payment, vouchers."""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from plugins.ticketing.kernel.journeys.buying import RELEASE, enter, issued, pay
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import now

from .visiting import SESSION, SESSIONS, codes_of, hold, vouchers

SHOW = "new-year-concert"
STATE = "query($number: String!) { ticketOrder(number: $number) { state heldUntil } }"


def play(world: World) -> None:
    """One chooses two seats, another one wants the same, a family lets the system find three."""
    person, other = enter(world, "周明"), enter(world, "吴倩")
    told = person.ask(SESSIONS, code=SHOW)
    evening = next(one for one in told["sessions"] if one["seated"] and one["onSale"])
    shown = person.ask(SESSION, id=evening["id"])
    price = {one["category"]: Decimal(str(one["price"])) for one in shown["classes"]}
    kinds = {one["category"]: one["code"] for one in shown["classes"]}
    names = {one["code"]: one["name"] for one in shown["categories"]}
    world.expect("四个价位，从前到后", [price[one] for one in "VABD"], sorted(price.values(), reverse=True))
    zones = "、".join(f"{names[one]} ¥{price[one]:.2f}" for one in "VABD")
    free = [one for one in shown["seats"] if one["free"]]
    world.expect("座位图与可选座位一致", {one["id"] for one in free}, set(shown["freeSeats"]))
    world.step(
        f"{told['name']} {evening['startsAt'][:10]}：座位图 {len(shown['seats'])} 座，可选 {len(free)}；{zones}"
    )

    pair = _pair(free, "A")
    lonely = [{"ticketClass": kinds["A"], "seat": one["id"]} for one in _skipping(free, "A")]
    refused = hold(person, SHOW, lonely, session=evening["id"])
    world.expect("留下单座", codes_of(refused), ["ORPHAN_SEAT"])
    world.step(f"隔一座选两座：{refused['errors'][0]['message']}")
    wanted = [{"ticketClass": kinds["A"], "seat": one["id"]} for one in pair]
    cheap = hold(person, SHOW, [{**one, "ticketClass": kinds["D"]} for one in wanted], session=evening["id"])
    world.expect("拿楼座的价买 A 区的座", bool(cheap["errors"]), True)
    key = secrets.token_hex(12)
    held = hold(person, SHOW, wanted, session=evening["id"], key=key)
    world.expect("选座", held["errors"], [])
    world.expect("座位", held["seats"], [one["label"] for one in pair])
    world.expect("按区定价", Decimal(str(held["total"])), 2 * price["A"])
    taken = hold(other, SHOW, wanted, session=evening["id"])
    world.expect("别人选同样的座", codes_of(taken), ["SEAT_TAKEN"])
    now_free = person.ask(SESSION, id=evening["id"])["freeSeats"]
    world.expect("座位图上已不可选", {one["id"] for one in pair} & set(now_free), set())
    why = taken["errors"][0]["message"]
    world.step(f"选 {'、'.join(held['seats'])}，合计 ¥{2 * price['A']:.2f}；另一人要同样的座：{why}")

    until = datetime.fromisoformat(held["heldUntil"])
    left = (until - now()).total_seconds()
    again = hold(person, SHOW, wanted, session=evening["id"], key=key)
    world.expect("刷新页面还是同一次占座", again["number"], held["number"])
    world.expect("不重新计时", datetime.fromisoformat(again["heldUntil"]), until)
    world.expect("倒计时", 0 < left <= 30 * 60, True)
    world.step(f"倒计时 {left / 60:.0f} 分钟，刷新页面不会重新计时")

    family = hold(other, SHOW, [{"ticketClass": kinds["B"]}] * 3, session=evening["id"])
    world.expect("系统选座", family["errors"], [])
    world.expect("连座", _adjacent(shown["seats"], family["seats"]), True)
    world.step(f"三口之家由系统选：{'、'.join(family['seats'])}，连座")
    gone = hold(other, SHOW, [{"ticketClass": kinds["D"]}], session=evening["id"])
    world.expect("再占一座", gone["errors"], [])
    world.expect("放弃", other.ask(RELEASE, number=gone["number"])["errors"], [])
    seat = next(one for one in shown["seats"] if one["label"] == gone["seats"][0])
    free_now = person.ask(SESSION, id=evening["id"])["freeSeats"]
    world.expect("放弃的座位立即可选", seat["id"] in free_now, True)
    world.step("另占一座，不要了：座位立即回到座位图")

    for buyer, one, count in ((person, held, 2), (other, family, 3)):
        paid = pay(world, buyer, one["number"])
        order = issued(world, buyer, one["number"])
        world.expect("实付", paid, Decimal(str(one["total"])))
        world.expect("票上的座位", sorted(two["seat"] for two in order["tickets"]), sorted(one["seats"]))
        got = vouchers(buyer, one["number"])
        world.expect("每人一码", [two["left"] for two in got], [1] * count)
        world.expect("凭证写着座位", sorted(one["seats"]), sorted(two["title"].split()[-1] for two in got))
    world.step(f"两单付清：5 张电子票，每张写着座位（{got[0]['title']}）")


def _rows(free: list[dict[str, Any]], category: str) -> list[list[dict[str, Any]]]:
    """Runs of neighbouring free seats of a category."""
    runs: list[list[dict[str, Any]]] = []
    seats = [one for one in free if one["category"] == category]
    for one in sorted(seats, key=lambda seat: (seat["line"], seat["place"])):
        last = runs[-1][-1] if runs else None
        if last is not None and (last["line"], last["place"] + 1) == (one["line"], one["place"]):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _pair(free: list[dict[str, Any]], category: str) -> list[dict[str, Any]]:
    """Two seats beside each other at the beginning of a run, with more than one left over."""
    run = next((one for one in _rows(free, category) if len(one) == 2 or len(one) >= 4), None)
    if run is None:
        raise Differs(f"{category} 区没有两个连座了")
    return run[:2]


def _skipping(free: list[dict[str, Any]], category: str) -> list[dict[str, Any]]:
    """Two seats with one between them."""
    run = next((one for one in _rows(free, category) if len(one) >= 5), None)
    if run is None:
        raise Differs(f"{category} 区没有五个连座了")
    return [run[0], run[2]]


def _adjacent(seats: list[dict[str, Any]], labels: list[str]) -> bool:
    found = sorted((one["line"], one["place"]) for one in seats if one["label"] in labels)
    return all(b == (a[0], a[1] + 1) for a, b in pairwise(found))
