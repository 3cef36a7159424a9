"""Journey ``coach-child``: whole, half and on somebody's lap; who is too old, too many, alone."""

from __future__ import annotations

from decimal import Decimal

from plugins.ticketing.kernel.journeys.buying import enter, issued, pay
from saleor_o2o.journeys.world import World

from .riding import buses, hold, open_networks, rider


def play(world: World) -> None:
    """A family of four from 陈家坪 to 大足."""
    open_networks(world)
    person = enter(world, "王秀英")
    bus = buses(world, person, "CQ-CJP", "CQ-DZ")[0]
    price = {one["fare"]: Decimal(str(one["price"])) for one in bus["fares"]}
    world.expect("三种票都售", sorted(price), ["FREE", "FULL", "HALF"])
    mother, father = rider("测试母亲", 34), rider("测试父亲", 36)
    pupil, baby, second = (
        rider("测试小学生", 8, "HALF"),
        rider("测试幼儿", 3, "FREE"),
        rider("测试幼儿乙", 4, "FREE"),
    )

    alone = hold(person, bus, [baby])
    world.expect("儿童没有成人", [one["code"] for one in alone["errors"]], ["CHILD_NEEDS_ADULT"])
    world.step(f"只给三岁的孩子买票：{alone['errors'][0]['message']}，{alone['errors'][0]['hint']}")
    two = hold(person, bus, [mother, baby, second])
    world.expect("一位成人两个携童", [one["code"] for one in two["errors"]], ["TOO_MANY_CHILDREN"])
    world.step(f"一位成人带两个：{two['errors'][0]['message']}，{two['errors'][0]['hint']}")
    old = hold(person, bus, [mother, rider("测试中学生", 15, "HALF")])
    world.expect("十五岁不能买半票", [one["code"] for one in old["errors"]], ["PASSENGER_KIND_WRONG"])
    world.step(f"十五岁买半票：{old['errors'][0]['message']}")

    held = hold(person, bus, [mother, father, pupil, baby])
    world.expect("占座", held["errors"], [])
    total = 2 * price["FULL"] + price["HALF"] + price["FREE"]
    world.expect("合计", Decimal(str(held["total"])), total)
    paid = pay(world, person, held["number"])
    order = issued(world, person, held["number"])
    fares = [one["fareName"] for one in order["tickets"]]
    world.expect("票类", fares, ["全票", "全票", "半票", "免票（携童）"])
    carried = [one["carriedBy"] for one in order["tickets"]]
    world.expect("幼儿随母亲", carried, [None, None, None, order["tickets"][0]["number"]])
    world.step(f"两张全票、一张半票、一名携童，共付 ¥{paid}，全部出票；幼儿不占座，随第一位成人")
