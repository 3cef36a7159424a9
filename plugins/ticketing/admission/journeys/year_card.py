"""Journey ``year-card``: a card with a name, once a day; a card for three visits, given back for what was not used."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import PREVIEW, REFUND, enter, give_back
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import SHANGHAI, today

from .house import House, gates
from .visiting import bought, codes_of, hold, visitor, vouchers

YEAR, GATE, SPOT = "happyvalley-year", "happyvalley-main", "happyvalley"
TIMES = 3
CARDS = """query($order: String!) { ticketVouchers(orderNumber: $order) {
  unlimited uses used left validFrom validUntil } }"""
#: Of a class for several visits, given back at any time.
_CLASS = {
    "name": "三次卡", "audience": "any", "people": 1, "price": "198.00", "cost": "0", "settlement_price": "180.00",
    "min_per_order": 1, "max_per_order": 2, "advance_days": 0, "valid_mode": "multi", "valid_days": 90, "uses": TIMES,
    "real_name": "none", "exchange_mode": "qr", "verify_mode": "partial", "channels": ["online", "counter"],
    "fee_key": "ANYTIME", "rank": 1, "active": "on",
    "postage": "0", "mail_days": 3,
}  # fmt: skip


def play(world: World) -> None:
    """The same gate for both."""
    person = enter(world, "曾丽")
    with House(world) as house:
        gate = house.device(GATE)
        _year(world, person, gate)
        _times(world, person, house, gate)


def _year(world: World, person: Shopper, gate: str) -> None:
    owner = visitor("测试年卡", 33)
    nameless = hold(person, YEAR, [{"ticketClass": "adult"}])
    world.expect("没有实名", bool(nameless["errors"]), True)
    order = bought(world, person, YEAR, [{"ticketClass": "adult", **owner}])
    [card] = person.ask(CARDS, order=order["number"])
    [shown] = vouchers(person, order["number"])
    world.expect("不限次数", (card["unlimited"], shown["standing"]), (True, "usable"))
    until = datetime.fromisoformat(card["validUntil"]).astimezone(SHANGHAI)
    world.expect("有效一年", until.date() - today() in (timedelta(days=364), timedelta(days=365)), True)
    world.step(
        f"不填证件：{nameless['errors'][0]['message']}；年卡实名购买，付 ¥{order['paid']:.2f}，到 {until:%Y-%m-%d}"
    )

    ticket = order["tickets"][0]["number"]
    quoted = person.ask(PREVIEW, tickets=[ticket])
    told = _refused(world, person, ticket, quoted)
    world.step(f"年卡不退：{told}")

    first = gates(world, "scan", code=gate, text=shown["kept"]["qr"])
    world.expect("今天入园", (first["answer"], first["admitted"]), ("passed", 1))
    again = gates(world, "scan", code=gate, text=shown["code"])
    world.expect("同一天再来", again["answer"], "used")
    [after] = person.ask(CARDS, order=order["number"])
    world.expect("卡没有变", (after["unlimited"], after["validUntil"]), (True, card["validUntil"]))
    world.step(f"今天刷卡入园；同一天再刷（转借）：{again['words']}；每天一次，明天照常")


def _times(world: World, person: Shopper, house: House, gate: str) -> None:
    """A card of three visits of a product of its own."""
    product = _product(house)
    used = bought(world, person, product, [{"ticketClass": "three"}])
    [shown] = vouchers(person, used["number"])
    world.expect("三次", shown["left"], TIMES)
    for left in range(TIMES - 1, -1, -1):
        scan = gates(world, "scan", code=gate, text=shown["kept"]["qr"], people=1)
        world.expect("入园", (scan["answer"], scan["left"]), ("passed", left))
    fourth = gates(world, "scan", code=gate, text=shown["kept"]["qr"], people=1)
    world.expect("第四次", fourth["answer"], "used")
    told = _refused(
        world,
        person,
        used["tickets"][0]["number"],
        person.ask(PREVIEW, tickets=[used["tickets"][0]["number"]]),
    )
    world.step(f"三次卡 ¥{used['paid']:.2f}：三次都放行，第四次：{fourth['words']}；用完再退：{told}")

    fresh = bought(world, person, product, [{"ticketClass": "three"}])
    back, quote = give_back(world, person, fresh["number"], fresh["tickets"][0]["number"])
    world.expect("没用过的全额退", back, fresh["paid"])
    [gone] = vouchers(person, fresh["number"])
    scan = gates(world, "scan", code=gate, text=shown["code"], people=1)
    world.expect("用完的卡还是用完的", scan["answer"], "used")
    world.expect("退掉的卡", gone["standing"], "void")
    key = house.find("admissionproduct", product)
    house.do(f"admissionproduct/{key}/move/?to=end", "已下架")
    ended = hold(person, product, [{"ticketClass": "three"}])
    world.expect("下架后不卖", bool(codes_of(ended)), True)
    why = ended["errors"][0]["message"]
    world.step(f"另一张没用过：{'；'.join(quote['words'])}，¥{back:.2f} 全额到账，卡作废；下架后：{why}")


def _product(house: House) -> str:
    """A product with its class and quota, on sale; its code."""
    code = f"times-{secrets.token_hex(4)}"
    spot, unit = house.find("scenicspot", SPOT), house.city()
    house.do(
        "admissionproduct/make/", "已新增", kind="year_card", code=code, name=f"欢乐谷三次卡 {code}",
        spot=spot, unit=unit, waiting_hours=2, name_change_hours=0,
    )  # fmt: skip
    key = house.find("admissionproduct", code)
    house.do(f"admissionproduct/{key}/class/", "已新增票类", code="three", **_CLASS)
    house.do(f"admissionproduct/{key}/quotas/", "不分日期的总量", capacity=10, alarm_below=0)
    house.do(f"admissionproduct/{key}/move/?to=put_on_sale", "在售")
    return code


def _refused(world: World, person: Shopper, ticket: str, quoted: dict[str, Any]) -> str:
    """What is said to who wants to give back what cannot go back; nothing is given back."""
    if quoted["errors"]:
        return str(quoted["errors"][0]["message"])
    [quote] = quoted["quotes"]
    world.expect("不可退", (quote["allowed"], Decimal(str(quote["back"]))), (False, Decimal(0)))
    done = person.ask(
        REFUND, key=secrets.token_hex(12), tickets=[{"ticket": ticket, "token": quote["token"]}]
    )
    world.expect("退不了", bool(done["errors"]), True)
    return f"{'；'.join(quote['words'])}，{done['errors'][0]['message']}"
