"""Journey ``hot-sale``: a queue with turns, limits by mobile and device, tickets by lot; losers are told."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from plugins.members.journeys.login import Shopper
from plugins.ticketing.kernel.journeys.buying import enter, give_back, issued, pay
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import SHANGHAI, now

from .house import House
from .visiting import ERRORS, SESSIONS, WAITINGS, codes_of, text_with, visitor

VENUE, KIND = "olympic-arena", "stand"
HOLD = f"""mutation($key: String!, $product: String!, $session: ID, $tickets: [AdmissionTicketInput!]!,
  $mobile: String!, $waiting: ID, $device: String) {{ admissionHold(key: $key, product: $product, session: $session,
  tickets: $tickets, mobile: $mobile, waiting: $waiting, device: $device) {{ number total {ERRORS} }} }}"""
JOIN = f"""mutation($product: String!) {{ admissionQueueJoin(product: $product) {{
  queue {{ number ahead entersAt until isIn }} {ERRORS} }} }}"""
ENTER = f"""mutation($session: ID!, $kind: String!, $quantity: Int!) {{ admissionDrawEnter(
  session: $session, ticketClass: $kind, quantity: $quantity) {{ quantity seedDigest closesAt {ERRORS} }} }}"""
DRAWS = """query($product: String!) { admissionDraws(product: $product) {
  units state seedDigest seed mine { number place state quantity title } } }"""
#: Of a class that asks for everybody's name.
_CLASS = {
    "name": "看台票", "audience": "any", "people": 1, "price": "280.00", "cost": "0", "settlement_price": "250.00",
    "min_per_order": 1, "max_per_order": 4, "advance_days": 0, "valid_mode": "session", "valid_days": 1, "uses": 1,
    "real_name": "each", "id_types": ["id_card"], "exchange_mode": "qr", "verify_mode": "each",
    "channels": ["online", "counter"], "rank": 1, "active": "on",
    "postage": "0", "mail_days": 3,
}  # fmt: skip
#: Seconds of the registration, and until the first of the queue may enter: enough on a slow machine.
REGISTERS, OPENS = 12, 4
#: What is won: fewer than register.
LOTS = 2
#: Days until the evenings: more than 48 hours before, giving back is free.
SOON = 20


def play(world: World) -> None:
    """While people register for the lots of one show, another one is sold to a queue."""
    people = [enter(world, name) for name in ("何勇", "罗敏", "邹静")]
    with House(world) as house:
        drawn, evening = _product(house, SOON)
        closes = now() + timedelta(seconds=REGISTERS)
        key = _draw(house, drawn, evening, closes)
        _register(world, people, drawn, evening)
        queued, night = _product(house, SOON + 3)
        _queue(world, house, people, queued, night)
        world.wait_for("登记截止", lambda: now() > closes, seconds=REGISTERS + 5)
        house.do(f"draw/{key}/lots/", "已抽签")
        _lots(world, people, drawn, evening)
        for code in (drawn, queued):
            house.do(f"admissionproduct/{house.find('admissionproduct', code)}/move/?to=end", "已下架")


def _somebody(name: str) -> dict[str, str]:
    """A grown-up whom nobody has met: this flow is played again and again for the same evening."""
    return visitor(name, 20 + secrets.randbelow(40))


def _product(house: House, days: int) -> tuple[str, str]:
    """A show of its own, with limits, and an evening of two places on sale; code and session."""
    code = f"hot-{secrets.token_hex(4)}"
    unit, venue = house.city(), house.find("venue", VENUE)
    told = {"kind": "match", "code": code, "name": _name(code), "venue": venue, "unit": unit}
    # what is given back is sold again at a time of day of tomorrow at the latest, not to who refreshes fastest
    at = now().astimezone(SHANGHAI) - timedelta(minutes=5)
    house.do("admissionproduct/make/", "已新增", waiting_hours=2, name_change_hours=0,
             returns_daily_at=f"{at:%H:%M}", **told)  # fmt: skip
    key = house.find("admissionproduct", code)
    house.do(f"admissionproduct/{key}/class/", "已新增票类", code=KIND, **_CLASS)
    house.do(f"admissionproduct/{key}/move/?to=put_on_sale", "在售")
    for by in ("mobile", "device"):
        house.do("limitrule/make/", "已设置", product=key, by=by, per="product", most=1, active="on")
    session = house.session(code, days, hall=house.hall(VENUE, LOTS), capacity=LOTS)
    return code, session


def _name(code: str) -> str:
    """What the show with this code is called."""
    return f"全国争霸赛{code.removeprefix('hot-')}"


# -- by lot -------------------------------------------------------------------------------------


def _draw(house: House, product: str, session: str, closes: datetime) -> str:
    opens = now() - timedelta(minutes=1)
    kind = house.find("ticketclass", _name(product))
    moments = {
        name: f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}"
        for name, at in (("opens_at", opens), ("closes_at", closes))
    }
    house.do(
        "draw/make/", "已设置", ticket_class=kind, session=session, units=LOTS, most_each=1, pay_hours=24, **moments
    )  # fmt: skip
    return house.newest("draw")


def _register(world: World, people: list[Shopper], product: str, session: str) -> None:
    stranger = Shopper(world, "路人")
    unknown = stranger.ask(ENTER, session=session, kind=KIND, quantity=1)
    world.expect("没有登录", codes_of(unknown), ["SIGN_IN_REQUIRED"])
    many = people[0].ask(ENTER, session=session, kind=KIND, quantity=2)
    world.expect("每人一张", codes_of(many), ["COUNT"])
    for person in people:
        told = person.ask(ENTER, session=session, kind=KIND, quantity=1)
        world.expect("登记", told["errors"], [])
    direct = _hold(people[0], product, session, _somebody("测试抢票"))
    world.expect("直接买", codes_of(direct), ["DRAW_ONLY"])
    world.step(
        f"抽签 {LOTS} 张，三人登记；登记两张：{many['errors'][0]['message']}；直接买：{direct['errors'][0]['message']}"
    )


def _lots(world: World, people: list[Shopper], product: str, session: str) -> None:
    seen = {person.name: _mine(person, product) for person in people}
    [draw] = people[0].ask(DRAWS, product=product)
    world.expect(
        "种子与事先公布的摘要", hashlib.sha256(draw["seed"].encode()).hexdigest(), draw["seedDigest"]
    )
    entries = sorted(
        seen.values(), key=lambda one: hashlib.sha256(f"{draw['seed']}:{one['number']}".encode()).hexdigest()
    )
    world.expect("签位可以自己核对", [one["place"] for one in entries], [1, 2, 3])
    world.expect("前两名中签", [one["state"] for one in entries], ["WON", "WON", "LOST"])
    winners = [person for person in people if seen[person.name]["state"] == "WON"]
    [loser] = [person for person in people if seen[person.name]["state"] == "LOST"]
    lost = text_with(world, loser.mobile, "未中签")
    won = text_with(world, winners[0].mobile, "为您保留")
    world.step(f"到时抽签，种子公布，次序人人可核对；中签：“{won}”；未中签：“{lost}”")

    late = _hold(loser, product, session, _somebody("测试落选"))
    world.expect("没中的买不到", codes_of(late), ["DRAW_ONLY"])
    one, other = winners
    who = _somebody("测试中签")
    stolen = _hold(loser, product, session, _somebody("测试落选"), waiting=_offer(one))
    world.expect("拿别人的签下单", codes_of(stolen), ["OFFER_OVER"])
    held = _hold(one, product, session, who, waiting=_offer(one))
    world.expect("中签下单", held["errors"], [])
    pay(world, one, held["number"])
    issued(world, one, held["number"])
    same = _hold(other, product, session, who, waiting=_offer(other))
    world.expect("同一证件两座", codes_of(same), ["TRIPS_OVERLAP"])
    own = _hold(other, product, session, _somebody("测试另一人"), waiting=_offer(other))
    world.expect("自己的证件", own["errors"], [])
    world.step(
        f"{one.name} 中签付款出票；{other.name} 用同一证件：{same['errors'][0]['message']}，换成自己的证件可以；"
        f"{loser.name} 拿别人的签：{stolen['errors'][0]['message']}"
    )


def _mine(person: Shopper, product: str) -> dict[str, Any]:
    [draw] = person.ask(DRAWS, product=product)
    return dict(draw["mine"])


def _offer(person: Shopper) -> str:
    return str(next(one["id"] for one in person.ask(WAITINGS) if one["state"] == "OFFERED"))


# -- by queue -----------------------------------------------------------------------------------


def _queue(world: World, house: House, people: list[Shopper], product: str, session: str) -> None:
    key = house.find("admissionproduct", product)
    opens = now() + timedelta(seconds=OPENS)
    house.do(
        "salequeue/make/", "已设置", product=key, per_minute=60, pass_minutes=5, active="on",
        started_at=f"{opens.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}",
    )  # fmt: skip
    first, second, third = people
    unasked = _hold(first, product, session, _somebody("测试不排队"))
    world.expect("没有取号", codes_of(unasked), ["QUEUE_NEEDED"])
    stranger = Shopper(world, "路人").ask(JOIN, product=product)
    world.expect("没有登录", codes_of(stranger), ["SIGN_IN_REQUIRED"])
    turns = [_turn(world, person, product) for person in people]
    world.expect("按先后", turns == sorted(turns, key=lambda turn: turn["number"]), True)
    again = _turn(world, second, product)
    world.expect("刷新不会重新排", again["number"], turns[1]["number"])
    early = _hold(third, product, session, _somebody("测试心急"))
    world.expect("没有轮到", codes_of(early), ["QUEUE_WAIT"])
    told = f"{third.name} 第 {turns[2]['number']} 号，前面 {turns[2]['ahead']} 人"
    world.step(
        f"另一场排队放行：不取号买：{unasked['errors'][0]['message']}；{told}，心急下单：{early['errors'][0]['message']}"
    )

    world.wait_for("轮到", lambda: _turn(world, third, product)["isIn"], seconds=OPENS + 20, every=0.5)
    phone, who = secrets.token_hex(8), _somebody("测试甲")
    held = _hold(first, product, session, who, device=phone)
    world.expect("轮到了", held["errors"], [])
    paid = pay(world, first, held["number"])
    [ticket] = issued(world, first, held["number"])["tickets"]
    borrowed = _hold(second, product, session, _somebody("测试乙"), device=phone)
    world.expect("同一部手机", codes_of(borrowed), ["LIMIT_REACHED"])
    number = _hold(second, product, session, _somebody("测试乙"), mobile=first.mobile)
    world.expect("同一手机号", codes_of(number), ["LIMIT_REACHED"])
    bare = _hold(second, product, session, _somebody("测试乙"), device="")
    world.expect("不说设备", codes_of(bare), ["LIMIT_FACT_MISSING"])
    own = _hold(second, product, session, _somebody("测试乙"))
    world.expect("自己的手机", own["errors"], [])
    world.step(
        f"轮到后 {first.name} 付 ¥{paid:.2f}；{second.name} 借他的手机买：{borrowed['errors'][0]['message']}；"
        f"填他的手机号：{number['errors'][0]['message']}；用自己的可以"
    )

    full = _hold(third, product, session, _somebody("测试丙"))
    world.expect("卖完", codes_of(full), ["SOLD_OUT"])
    back, _quote = give_back(world, first, held["number"], ticket["number"])
    shown = [one["left"] for one in third.ask(SESSIONS, code=product)["sessions"] if one["id"] == session]
    world.expect("没有当场放回", shown, [0])
    still = _hold(third, product, session, _somebody("测试丙"))
    world.expect("没有放回就买不到", codes_of(still), ["SOLD_OUT"])
    world.step(
        f"{first.name} 退票 ¥{back:.2f}：票定时回池，不当场放出，刷得快的抢不到：{still['errors'][0]['message']}"
    )


def _turn(world: World, person: Shopper, product: str) -> dict[str, Any]:
    told = person.ask(JOIN, product=product)
    world.expect("排队", told["errors"], [])
    return dict(told["queue"])


def _hold(person: Shopper, product: str, session: str, who: dict[str, str], **told: Any) -> dict[str, Any]:
    """One ticket for somebody; his own mobile and device where nothing else is told."""
    facts = {"mobile": person.mobile, "device": person.key, **told}
    asked: dict[str, Any] = person.ask(
        HOLD, key=secrets.token_hex(12), product=product, session=session, tickets=[{"ticketClass": KIND, **who}],
        **facts,
    )  # fmt: skip
    return asked
