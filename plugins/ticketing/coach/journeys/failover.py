"""Journey ``coach-failover``: the first network has sold out, then is down; the other one sells the same bus.

Which network held and issued is read at the networks themselves. Down for long enough the first one rests: it is not
asked any more, until it answers a ping.
"""

from __future__ import annotations

from decimal import Decimal

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import RELEASE, enter, issued, pay
from saleor_o2o.journeys.world import World

from .riding import asked_to_hold, buses, hold, issued_by, open_networks, price_of, rider

PROVINCE, FANGBIAN = "coach_province", "coach_fangbian"
#: Failures in a row after which a network rests, as the settings say it where nobody changed them.
TIRED = 5


def play(world: World) -> None:
    """The same bus at another network, for what was agreed to; then without the first one; then with it again."""
    open_networks(world)
    person = enter(world, "张建国")
    bus = buses(world, person, "CQ-LTS", "SC-SN")[1]
    shown = price_of(bus)
    world.sandbox.fault("lock", "sold_out", system=PROVINCE)
    dearer = hold(person, bus, [rider("测试丁", 45)], most=str(shown))
    world.expect("只按显示的价格", [one["code"] for one in dearer["errors"]], ["PRICE_CHANGED"])
    total = Decimal(str(dearer["errors"][0]["total"]))
    world.expect("另一客票网更贵", total > shown, True)
    world.step(f"省网刚售完（¥{shown}）：{dearer['errors'][0]['message']}，没有扣款")
    world.sandbox.fault("lock", "sold_out", system=PROVINCE)
    held = hold(person, bus, [rider("测试丁", 45)], most=str(total))
    world.expect("接受新价格", (held["errors"], Decimal(str(held["total"]))), ([], total))
    world.expect("实付", bought(world, person, held["number"], FANGBIAN), total)
    world.step(f"接受 ¥{total}：自动改由方便网占座、出票")

    _without(world, person, total)
    _back(world, person, shown)


def bought(world: World, person: Shopper, number: str, network: str) -> Decimal:
    """Pay what is held; what was paid, and that this network issued it."""
    paid = pay(world, person, number)
    [ticket] = issued(world, person, number)["tickets"]
    world.expect("出票的客票网", issued_by(world, ticket["theirNumber"]), [network])
    return paid


def _without(world: World, person: Shopper, total: Decimal) -> None:
    """The first network is down: sold by the other one all the same, and soon nobody asks it any more."""
    world.sandbox.fault("*", "down", times=None, system=PROVINCE)
    bus = buses(world, person, "CQ-LTS", "SC-SN")[2]
    held = hold(person, bus, [rider("测试戊", 45)], most=str(total))
    world.expect("省网中断时占座", (held["errors"], held["state"]), ([], "held"))
    world.expect("实付", bought(world, person, held["number"], FANGBIAN), total)
    world.step(f"省网中断：照常占座、付 ¥{total}、由方便网出票")

    for _count in range(TIRED - 1):
        more = hold(person, bus, [rider("测试戊", 45)], most=str(total))
        world.expect("再占一座", more["errors"], [])
        world.expect("释放", person.ask(RELEASE, number=more["number"])["errors"], [])
    asked = asked_to_hold(world, PROVINCE)
    last = hold(person, bus, [rider("测试戊", 45)], most=str(total))
    world.expect("停用后占座", last["errors"], [])
    world.expect("停用后不再问省网", asked_to_hold(world, PROVINCE), asked)
    world.expect("释放", person.ask(RELEASE, number=last["number"])["errors"], [])
    world.expect("停用时显示方便网的价格", price_of(buses(world, person, "CQ-LTS", "SC-SN")[2]), total)
    world.step(f"连续 {TIRED} 次失败：省网暂停使用，占座不再先等它")


def _back(world: World, person: Shopper, shown: Decimal) -> None:
    """It answers again: shown first and asked first, as before."""
    world.sandbox.clear_faults()
    world.wait_for(
        "恢复省网",
        lambda: price_of(buses(world, person, "CQ-LTS", "SC-SN")[3]) == shown,
        seconds=200, every=3,
    )  # fmt: skip
    bus = buses(world, person, "CQ-LTS", "SC-SN")[3]
    held = hold(person, bus, [rider("测试庚", 45)], most=str(shown))
    world.expect("恢复后占座", held["errors"], [])
    world.expect("实付", bought(world, person, held["number"], PROVINCE), shown)
    world.step(f"省网恢复：自动重新启用，按 ¥{shown} 由省网占座、出票")
