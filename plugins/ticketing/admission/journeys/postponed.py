"""Journey ``session-postponed``: put off by ten days: kept, changed, given back without a fee, or nothing said."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import (
    ORDER,
    PREVIEW,
    QUOTE,
    arrived,
    change,
    enter,
    issued,
    refunded,
)
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import SHANGHAI, now, today

from .house import House
from .visiting import bought, codes_of, hold, text_with, vouchers

MATCH, KIND = "city-basketball", "stand"
SEAT = [{"ticketClass": KIND}]
POSTPONED = """query($order: String!) { ticketPostponed(orderNumber: $order) {
  wasAt nowAt reason chooseUntil choice refundNumber } }"""
CHOOSE = """mutation($order: String!, $choice: TicketPostponedChoice!) {
  ticketPostponedChoose(orderNumber: $order, choice: $choice) { choice refundNumber errors { message hint code } } }"""
#: Days from today: of the evening, of its new day, of another evening.
SOON, LATER, OTHER = 1, 11, 12


def play(world: World) -> None:
    """Four have bought for tomorrow, when giving back already costs something."""
    people = [enter(world, name) for name in ("何勇", "罗敏", "邹静", "谢娟")]
    with House(world) as house:
        hall = house.hall("olympic-arena", 20)
        session = house.session(MATCH, SOON, hall=hall, capacity=10)
        other = house.session(MATCH, OTHER, hall=hall, capacity=10)
        orders = [bought(world, person, MATCH, SEAT, session=session) for person in people]
        before = _fee(world, people[1], orders[1])
        world.expect("自己退要收费", before > 0, True)
        world.expect("没有延期时没有可选的", people[0].ask(POSTPONED, order=orders[0]["number"]), None)
        early = people[0].ask(CHOOSE, order=orders[0]["number"], choice="REFUND")
        world.expect("没有延期时不能选", codes_of(early), ["WINDOW_OVER"])
        world.step(f"明晚的一场，四人各买 1 张；这时自己退票要扣 ¥{before:.2f}")

        new = datetime.combine(today() + timedelta(days=LATER), time(19, 30), tzinfo=SHANGHAI)
        why = "场馆电力检修"
        house.do(f"session/{session}/postpone/", "已延期", starts_at=f"{new:%Y-%m-%dT%H:%M}", reason=why)
    for person, order in zip(people, orders, strict=True):
        text = text_with(world, person.mobile, "延期")
        _told(world, person, order["number"], new, why)
    world.step(f"票务中心延期十天（{why}），四人都收到短信：“{text}”")

    keeps, gives_back, changes, silent = zip(people, orders, strict=True)
    _keep(world, *keeps, stranger=people[1])
    _give_back(world, *gives_back)
    _change(world, *changes, session=other)
    _silence(world, *silent, new=new)


def _told(world: World, person: Shopper, order: str, new: datetime, why: str) -> None:
    told = person.ask(POSTPONED, order=order)
    world.expect("原因、还没选", (told["reason"], told["choice"]), (why, None))
    world.expect("新的时间", datetime.fromisoformat(told["nowAt"]), new)
    left = datetime.fromisoformat(told["chooseUntil"]) - now()
    world.expect("选择期七天", timedelta(days=6, hours=23) < left <= timedelta(days=7), True)


def _keep(world: World, person: Shopper, order: dict[str, Any], stranger: Shopper) -> None:
    foreign = stranger.ask(CHOOSE, order=order["number"], choice="REFUND")
    world.expect("别人的订单", codes_of(foreign), ["NOT_FOUND"])
    kept = person.ask(CHOOSE, order=order["number"], choice="KEEP")
    world.expect("保留", (kept["choice"], kept["errors"]), ("KEEP", []))
    world.expect("记下了", person.ask(POSTPONED, order=order["number"])["choice"], "KEEP")
    world.step(f"{person.name} 选保留；别人替他选：{foreign['errors'][0]['message']}")


def _give_back(world: World, person: Shopper, order: dict[str, Any]) -> None:
    chosen = person.ask(CHOOSE, order=order["number"], choice="REFUND")
    world.expect("全额退", chosen["errors"], [])
    again = person.ask(CHOOSE, order=order["number"], choice="REFUND")
    world.expect("再按一次还是同一张退票单", again["refundNumber"], chosen["refundNumber"])
    late = person.ask(CHOOSE, order=order["number"], choice="KEEP")
    world.expect("选了退就不能改", codes_of(late), ["ALREADY"])
    refund = refunded(world, person, order["number"], chosen["refundNumber"])
    world.expect("手续费", [Decimal(str(one["fee"])) for one in refund["items"]], [Decimal(0)])
    world.expect("到账", arrived(refund), order["paid"])
    world.expect("电子门票", [one["standing"] for one in vouchers(person, order["number"])], ["void"])
    world.step(
        f"{person.name} 选退票：¥{order['paid']:.2f} 全额到账；又想保留：{late['errors'][0]['message']}"
    )


def _change(world: World, person: Shopper, order: dict[str, Any], session: str) -> None:
    """By the rule of changes: free, two days before the new day."""
    target = hold(person, MATCH, SEAT, session=session, insteadOf=order["number"])
    world.expect("占另一场的票", target["errors"], [])
    quoted = person.ask(QUOTE, tickets=[order["tickets"][0]["number"]], target=target["number"])
    [quote] = quoted["quotes"]
    sums = [Decimal(str(quote[one])) for one in ("fee", "toPay", "back")]
    world.expect("换场试算", (quote["allowed"], sums), (True, [Decimal(0)] * 3))
    world.expect("换场", change(person, target["number"], quote)["errors"], [])
    issued(world, person, target["number"])
    states = [one["state"] for one in person.ask(ORDER, number=order["number"])["tickets"]]
    world.expect("原票", states, ["CHANGED"])
    late = person.ask(CHOOSE, order=order["number"], choice="REFUND")
    world.expect("换走的票不再按延期退", bool(late["errors"]), True)
    world.step(
        f"{person.name} 换到另一场：{'；'.join(quote['words'])}；再要退原来的：{late['errors'][0]['message']}"
    )


def _silence(world: World, person: Shopper, order: dict[str, Any], new: datetime) -> None:
    starts = issued(world, person, order["number"])["startsAt"]
    world.expect("票跟着到新的时间", datetime.fromisoformat(starts), new)
    [shown] = vouchers(person, order["number"])
    world.expect("电子门票", (shown["standing"], shown["left"]), ("early", 1))
    world.expect("照新的时间算，现在退不收费", _fee(world, person, order), Decimal(0))
    world.step(f"{person.name} 什么也没选：票照新的时间 {new:%m-%d %H:%M} 有效，以后按一般规则退")


def _fee(world: World, person: Shopper, order: dict[str, Any]) -> Decimal:
    quoted = person.ask(PREVIEW, tickets=[order["tickets"][0]["number"]])
    world.expect("退票试算", quoted["errors"], [])
    return Decimal(str(quoted["fee"]))
