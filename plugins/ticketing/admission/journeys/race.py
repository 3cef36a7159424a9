"""Journey ``show-race``: a thousand people want a hundred seats at once; a hundred get one, nobody's twice."""

from __future__ import annotations

import secrets
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import enter, issued, pay, place
from saleor_o2o.journeys.world import World

from .house import House
from .visiting import HOLD, SESSION

SHOW, KIND = "new-year-concert", "a"
BUYERS, ROWS, WIDE = 1000, 10, 10
#: So many ask at the same time; each takes the next buyer when he has his answer.
THREADS = 24
PAYING = 5


@dataclass(frozen=True)
class Asked:
    """What one buyer was told: seats or a code, and how long it took, in seconds."""

    key: str
    number: str
    seats: tuple[str, ...]
    code: str
    took: float


def play(world: World) -> None:
    """Half let the system choose, half want the seats in the middle."""
    with House(world) as house:
        session = house.session(
            SHOW, 24, seat_map=house.seat_map(house.hall("grand-theatre", 100), ROWS, WIDE)
        )
    seats = world.ask(SESSION, {"id": session})["admissionSession"]["seats"]
    middle = [one["id"] for one in seats if 3 <= one["place"] <= 8 and one["line"] <= 5]
    world.expect("座位", (len(seats), all(one["free"] for one in seats)), (ROWS * WIDE, True))
    world.step(f"加演一场，{len(seats)} 个座位；{BUYERS} 人同时来买，一半由系统选座，一半抢中间的座位")

    wishes = [None if at % 2 else middle[at // 2 % len(middle)] for at in range(BUYERS)]
    began = time.monotonic()
    answers = _race(world, session, wishes)
    took = time.monotonic() - began
    won = [one for one in answers if one.seats]
    lost = [one for one in answers if not one.seats]
    given = Counter(seat for one in won for seat in one.seats)
    world.expect("占到座的人数", len(won), ROWS * WIDE)
    world.expect("没有一座两人", [seat for seat, count in given.items() if count > 1], [])
    world.expect("全部座位各一人", set(given), {one["label"] for one in seats})
    world.expect(
        "其余的人得到的答复", {one.code for one in lost} <= {"SOLD_OUT", "SEAT_TAKEN", "ORPHAN_SEAT"}, True
    )
    world.expect("没有座位了", world.ask(SESSION, {"id": session})["admissionSession"]["freeSeats"], [])
    codes = Counter(one.code for one in lost)
    told = "、".join(f"{code} {count}" for code, count in sorted(codes.items()))
    world.step(
        f"{took:.1f} 秒，每秒答复 {BUYERS / took:.0f} 人：{len(won)} 人各得一座，{len(lost)} 人被告知（{told}）"
    )
    world.step(f"占到座的 {_times(won)}；没有占到的 {_times(lost)}")
    _settle(world, won)


def _settle(world: World, won: list[Asked]) -> None:
    """Some winners pay; who takes another one's hold gets nothing."""
    stolen = place(enter(world, "黄牛"), {"number": won[0].number})
    world.expect("拿别人的占座下单", bool(stolen["errors"]), True)
    for one in won[:PAYING]:
        guest = Shopper(world, "游客")
        pay(world, guest, one.number, key=one.key)
        order = issued(world, guest, one.number, key=one.key)
        world.expect("票上的座位", tuple(two["seat"] for two in order["tickets"]), one.seats)
    world.step(f"其中 {PAYING} 人付款，各得自己的座位；别人拿着占座号下不了单")


def _race(world: World, session: str, wishes: list[Any]) -> list[Asked]:
    """Everybody asks once, over HTTP, so many at a time; all threads begin together."""
    gate = threading.Barrier(THREADS)
    waiting = iter(list(enumerate(wishes)))
    lock = threading.Lock()
    answers: list[Asked] = []

    def work(_thread: int) -> None:
        with httpx.Client(base_url=world.base_url, timeout=60, trust_env=False) as http:
            gate.wait(60)
            while True:
                with lock:
                    _at, seat = next(waiting, (-1, None))
                if _at < 0:
                    return
                found = _ask(http, session, seat)
                with lock:
                    answers.append(found)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return answers


def _ask(http: httpx.Client, session: str, seat: Any) -> Asked:
    key = secrets.token_hex(12)
    ticket = {"ticketClass": KIND, **({"seat": seat} if seat else {})}
    mobile = f"199{secrets.randbelow(10**8):08d}"
    variables = {"key": key, "product": SHOW, "session": session, "tickets": [ticket], "mobile": mobile}
    began = time.monotonic()
    answer = http.post("/graphql/", json={"query": HOLD, "variables": variables}).json()
    took = time.monotonic() - began
    if "errors" in answer:
        return Asked(key, "", (), str(answer["errors"])[:200], took)
    held = answer["data"]["admissionHold"]
    if held["errors"]:
        return Asked(key, "", (), held["errors"][0]["code"], took)
    return Asked(key, held["number"], tuple(held["seats"]), "", took)


def _times(answers: list[Asked]) -> str:
    """Median and 95th percentile, in milliseconds."""
    cuts = statistics.quantiles([one.took for one in answers], n=20)
    return f"中位 {cuts[9] * 1000:.0f} 毫秒，95% 在 {cuts[18] * 1000:.0f} 毫秒内"
