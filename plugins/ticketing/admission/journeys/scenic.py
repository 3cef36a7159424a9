"""Journey ``scenic``: searched, chosen in the calendar, held by name, paid, shown at the gate, settled, given back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from plugins.ticketing.kernel.journeys.buying import enter, give_back, issued, pay
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import SHANGHAI, today

from .house import House, gates
from .visiting import CALENDAR, SEARCH, bought, codes_of, hold, visitor, vouchers

PARK, GATE = "happyvalley-day", "happyvalley-main"


def play(world: World) -> None:
    """A family to 天生三桥 on another day, one of them stays at home; and somebody to 欢乐谷 today."""
    person = enter(world, "李桂英")
    order, tickets = _buy(world, person)
    with House(world) as house:
        _park(world, person, house, order)
        _stay_at_home(world, person, house, order, tickets)


def _buy(world: World, person: Any) -> tuple[str, list[dict[str, Any]]]:
    found = person.ask(SEARCH, search="天生三桥")
    world.expect("搜索到的产品", [one["code"] for one in found], ["tiansheng-day"])
    told = person.ask(CALENDAR, code="tiansheng-day", days=31)
    days = [one for one in told["calendar"] if one["day"] > (today() + timedelta(days=2)).isoformat()]
    weekend = next(one for one in days if date.fromisoformat(one["day"]).weekday() >= 5)
    usual = next(one for one in days if date.fromisoformat(one["day"]).weekday() < 5)
    price = {one["code"]: Decimal(str(one["price"])) for one in weekend["classes"]}
    dearer = price["adult"] > next(
        Decimal(str(one["price"])) for one in usual["classes"] if one["code"] == "adult"
    )
    world.expect("周末较贵", dearer, True)
    day = usual["day"]
    price = {one["code"]: Decimal(str(one["price"])) for one in usual["classes"]}
    world.step(
        f"搜“天生三桥”，看价格日历：{day} 成人 ¥{price['adult']:.2f}、儿童 ¥{price['child']:.2f}，周末另价"
    )

    mother, pupil = visitor("测试母亲", 34), visitor("测试孩子", 9)
    nameless = hold(person, "tiansheng-day", [{"ticketClass": "adult"}], day=day)
    world.expect("没有实名", codes_of(nameless), ["INVALID"])
    old = hold(person, "tiansheng-day", [{"ticketClass": "child", **mother}], day=day)
    world.expect("成人买儿童票", codes_of(old), ["INVALID"])
    past = hold(
        person, "tiansheng-day", [{"ticketClass": "adult", **mother}],
        day=(today() - timedelta(days=1)).isoformat(),
    )  # fmt: skip
    world.expect("昨天的票", codes_of(past), ["SESSION_OVER"])
    twice = hold(person, "tiansheng-day", [{"ticketClass": "adult", **mother}] * 2, day=day)
    world.expect("一证两票", codes_of(twice), ["LIMIT_REACHED"])
    world.step(f"没填证件、成人买儿童票、买昨天的、一证两票，都当场说明：{old['errors'][0]['message']}")

    held = hold(
        person, "tiansheng-day", [{"ticketClass": "adult", **mother}, {"ticketClass": "child", **pupil}], day=day
    )  # fmt: skip
    world.expect("实名占票", held["errors"], [])
    world.expect("合计", Decimal(str(held["total"])), price["adult"] + price["child"])
    paid = pay(world, person, held["number"])
    order = issued(world, person, held["number"])
    world.expect("实付", paid, price["adult"] + price["child"])
    shown = vouchers(person, held["number"])
    world.expect("电子门票", [one["standing"] for one in shown], ["early"] * len(shown))
    world.expect("可入场人次", sum(one["left"] for one in shown), 2)
    world.step(f"实名占票，付 ¥{paid:.2f}，出票：{len(shown)} 张电子门票，{day} 起可用")
    return held["number"], order["tickets"]


def _park(world: World, person: Any, house: House, other: str) -> None:
    """Today's tickets: two at the gate, each once; what the spot is owed."""
    order = bought(world, person, PARK, [{"ticketClass": "adult"}] * 2, day=today().isoformat())
    [shown] = vouchers(person, order["number"])
    world.expect("今天可用", (shown["standing"], shown["left"]), ("usable", 2))
    code = house.device(GATE)
    wrong = gates(world, "scan", code=code, text=vouchers(person, other)[0]["kept"]["qr"])
    world.expect("别的景区的票", wrong["answer"], "other_gate")
    first = gates(world, "scan", code=code, text=shown["kept"]["qr"], people=1)
    world.expect("先进一人", (first["answer"], first["admitted"], first["left"]), ("passed", 1, 1))
    second = gates(world, "scan", code=code, text=shown["code"])
    world.expect("另一人凭入场码", (second["answer"], second["left"]), ("passed", 0))
    again = gates(world, "scan", code=code, text=shown["kept"]["qr"])
    world.expect("再扫一次", again["answer"], "used")
    world.step(
        f"今天的欢乐谷 2 张：闸机先放行一人，再凭入场码放行一人，第三次：{again['words']}；别的景区的票不放行"
    )

    key = house.find("ticketclass", "重庆欢乐谷全日票 adult")
    owed = house.told(f"ticketclass/{key}/change/", "结算价（元）")
    rows = house.rows("redemption", shown["number"])
    world.expect("核销明细的行数", len(rows), 2)
    for row in rows:
        world.expect("核销明细里的结算价", f"{Decimal(owed):.2f}" in row and "核销" in row, True)
    world.step(f"核销明细：2 行，每行应付景区 ¥{Decimal(owed):.2f}")


def _stay_at_home(world: World, person: Any, house: House, order: str, tickets: list[dict[str, Any]]) -> None:
    """One of two goes back by the rule, for what the preview said; its quota is sold again."""
    [child] = [one for one in tickets if one["fareName"] == "儿童票"]
    starts = datetime.fromisoformat(issued(world, person, order)["startsAt"])
    quota = house.quota_of("武隆天生三桥门票 每日总量", starts.astimezone(SHANGHAI).date())
    before = house.taken(quota)
    back, quote = give_back(world, person, order, child["number"])
    states = {one["fareName"]: one["state"] for one in issued(world, person, order)["tickets"]}
    world.expect("票的状态", states, {"成人票": "ISSUED", "儿童票": "REFUNDED"})
    world.expect(
        "免费退，全额退回", (Decimal(str(quote["fee"])), back), (Decimal(0), Decimal(str(child["price"])))
    )
    world.expect("名额放回", before - house.taken(quota), 1)
    alive = [one for one in vouchers(person, order) if one["standing"] != "void"]
    world.expect("还能入场的人次", sum(one["left"] for one in alive), 1)
    world.step(
        f"孩子去不了，退一张：{'；'.join(quote['words'])}，试算 ¥{back:.2f}，到账 ¥{back:.2f}；名额放回，另一张照常"
    )
