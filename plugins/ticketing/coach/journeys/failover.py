"""Journey ``coach-failover``: the first network has sold out, then is down; the other one sells the same bus."""

from __future__ import annotations

from decimal import Decimal

from plugins.ticketing.kernel.journeys.buying import enter, issued, pay
from saleor_o2o.journeys.world import World

from .riding import buses, hold, open_networks, rider


def play(world: World) -> None:
    """The same bus at another network, for what was agreed to."""
    open_networks(world)
    person = enter(world, "张建国")
    bus = buses(world, person, "CQ-LTS", "SC-SN")[1]
    shown = next(Decimal(str(one["price"])) for one in bus["fares"] if one["fare"] == "FULL")
    world.sandbox.fault("lock", "sold_out", system="coach_province")
    dearer = hold(person, bus, [rider("测试丁", 45)])
    world.expect("只按显示的价格", [one["code"] for one in dearer["errors"]], ["PRICE_CHANGED"])
    total = Decimal(str(dearer["errors"][0]["total"]))
    world.step(f"省网刚售完（¥{shown}）：{dearer['errors'][0]['message']}，没有扣款")
    world.sandbox.fault("lock", "sold_out", system="coach_province")
    held = hold(person, bus, [rider("测试丁", 45)], most=str(total))
    world.expect("接受新价格", (held["errors"], Decimal(str(held["total"]))), ([], total))
    paid = pay(world, person, held["number"])
    order = issued(world, person, held["number"])
    world.expect("实付", paid, total)
    world.step(f"接受 ¥{total}：自动改由方便网占座、出票，座位 {order['tickets'][0]['seat']}")

    world.sandbox.fault("*", "down", times=None, system="coach_province")
    other = buses(world, person, "CQ-LTS", "SC-SN")[2]
    again = hold(person, other, [rider("测试戊", 45)], most=str(total + 20))
    world.expect("省网中断时", again["errors"], [])
    world.step(f"省网中断：照常占座，合计 ¥{again['total']}")
