"""Journey ``waiting-list``: two tickets, four people; who gives back makes room for who waited first."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import enter, give_back, issued, pay
from saleor_o2o.journeys.world import World

from .house import House
from .visiting import WAIT, WAIT_CANCEL, WAITINGS, bought, codes_of, hold, text_with

MATCH, KIND = "city-basketball", "stand"


def play(world: World) -> None:
    """Sold out; first come, first offered; what is not wanted goes to the next one."""
    with House(world) as house:
        session = house.session(MATCH, 20, hall=house.hall("olympic-arena", 2), capacity=2)
    one, two = enter(world, "何勇"), enter(world, "罗敏")
    first, second = enter(world, "候补甲"), enter(world, "候补乙")
    seat = [{"ticketClass": KIND}]
    orders = [bought(world, buyer, MATCH, seat, session=session) for buyer in (one, two)]
    late = hold(first, MATCH, seat, session=session)
    world.expect("售完", codes_of(late), ["SOLD_OUT"])
    world.step(
        f"只有 2 张，何勇、罗敏各买 1 张（¥{orders[0]['paid']:.2f}）；第三人：{late['errors'][0]['message']}"
    )

    for person in (first, second):
        told = person.ask(WAIT, product=MATCH, kind=KIND, quantity=1, session=session)
        world.expect("缺货登记", told["errors"], [])
    again = first.ask(WAIT, product=MATCH, kind=KIND, quantity=1, session=session)
    world.expect("再登记一次", codes_of(again), ["ALREADY_WAITING"])
    stranger = Shopper(world, "路人")
    unknown = stranger.ask(WAIT, product=MATCH, kind=KIND, quantity=1, session=session)
    world.expect("没有登录", codes_of(unknown), ["SIGN_IN_REQUIRED"])
    world.step(f"候补甲、候补乙先后登记；重复登记：{again['errors'][0]['message']}")

    back, _quote = give_back(world, one, orders[0]["number"], orders[0]["tickets"][0]["number"])
    world.expect("48 小时前全额退", back, orders[0]["paid"])
    offer = _offer(world, first)
    text = text_with(world, first.mobile, "有票了")
    world.expect("后登记的还在等", _waiting(second)["state"], "WAITING")
    other = hold(enter(world, "抢票人"), MATCH, seat, session=session)
    world.expect("保留的票别人买不到", codes_of(other), ["SOLD_OUT"])
    stolen = hold(second, MATCH, seat, session=session, waiting=offer["id"])
    world.expect("拿别人的保留下单", codes_of(stolen), ["OFFER_OVER"])
    world.step(f"何勇退票 ¥{back:.2f}：候补甲收到短信“{text}”；别人买不到这张，后来的也不能插队")

    held = hold(first, MATCH, seat, session=session, waiting=offer["id"])
    world.expect("用保留的票下单", held["errors"], [])
    paid = pay(world, first, held["number"])
    issued(world, first, held["number"])
    world.expect("实付", paid, Decimal(str(held["total"])))
    world.expect("登记已下单", _waiting(first)["state"], "BOUGHT")
    world.step(f"候补甲付 ¥{paid:.2f}，出票")

    give_back(world, two, orders[1]["number"], orders[1]["tickets"][0]["number"])
    offer = _offer(world, second)
    text_with(world, second.mobile, "有票了")
    world.expect("不要了", second.ask(WAIT_CANCEL, id=offer["id"])["errors"], [])
    world.expect("登记已取消", _waiting(second)["state"], "CANCELLED")
    free = hold(one, MATCH, seat, session=session)
    world.expect("放回的票谁都能买", free["errors"], [])
    world.step("罗敏也退票：轮到候补乙，他不要了，票立即回到销售")


def _waiting(person: Shopper) -> dict[str, Any]:
    [found] = person.ask(WAITINGS)
    return dict(found)


def _offer(world: World, person: Shopper) -> dict[str, Any]:
    """The offer, once it is this person's turn."""

    def look() -> Any:
        found = _waiting(person)
        return found if found["state"] == "OFFERED" else None

    found: dict[str, Any] = world.wait_for("轮到候补", look, seconds=150)
    return found
