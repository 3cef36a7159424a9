"""Journey ``counter-member``: registered at the counter, a sale with points, points used by a code, money back."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from plugins.counter_sales.journeys.desk import Desk
from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.world import Differs, World

from .counter_balance import at_till, spend_balance

CLERK, CHIEF = "clerk_jiefangbei", "branch_jiefangbei"
ERRORS = "errors { field message hint code retryAfter }"
CODE = f"mutation($mobile: String!) {{ memberCounterCode(mobile: $mobile) {{ ticket {ERRORS} }} }}"
REGISTER = f"""mutation($mobile: String!, $code: String!, $name: String, $agreed: Boolean) {{
  memberCounterRegister(mobile: $mobile, code: $code, name: $name, agreed: $agreed) {{
    created member {{ number name }} {ERRORS} }} }}"""
CREATE = """mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) {
  sale { id number total } errors { message code } } }"""
CASH = """mutation($id: ID!, $tendered: Decimal!) { counterOrderPayCash(saleId: $id, tendered: $tendered) {
  sale { id state pickupCode } errors { message code } } }"""
PICKUP = """mutation($code: String!) { counterPickup(code: $code, handOver: true) {
  sale { id state } errors { message code } } }"""
POINTS = "query($text: String!) { memberLoyalty(search: $text) { standing { points owed } rung { growth } } }"
MINE = "{ myLoyalty { standing { points owed } lines { kind amount balanceAfter } } }"
DAILY = f"mutation {{ pointsSignIn {{ points first days {ERRORS} }} }}"
ASK = f"""mutation($text: String!, $points: Int!) {{
  pointsBurnAsk(search: $text, points: $points, purpose: "兑换洗衣液一瓶") {{
    sent againAfter burn {{ id number memberName }} {ERRORS} }} }}"""
AGAIN = f"mutation($id: ID!) {{ pointsBurnCode(id: $id) {{ againAfter {ERRORS} }} }}"
CONFIRM = f"""mutation($id: ID!, $code: String!) {{
  pointsBurnConfirm(id: $id, code: $code) {{ burn {{ state }} {ERRORS} }} }}"""
BACK = f"""mutation($id: ID!) {{
  pointsBurnTakeBack(id: $id, reason: "顾客改用现金") {{ burn {{ state }} {ERRORS} }} }}"""


def play(world: World) -> None:
    """A morning at a counter."""
    person = Shopper(world, "王大爷")
    world.expect("发验证码", _staff(world, CODE, mobile=person.mobile)["errors"], [])
    code = _read(world, person)
    made = _staff(world, REGISTER, mobile=person.mobile, code=code, name="王大爷", agreed=True)
    world.expect("注册", (made["errors"], made["created"]), ([], True))
    number = made["member"]["number"]
    world.step(f"营业员代注册：验证码发到顾客手机，念出后成为会员 {number}（{made['member']['name']}）")

    desk = Desk(world, CLERK)
    goods = _cheap(desk)
    sale = _sell(world, desk, goods, person.mobile)
    total = Decimal(str(sale["total"]))
    points = world.wait_for("积分到账", lambda: _points(world, number)["standing"]["points"])
    world.expect("每元一分", points, int(total))
    world.step(f"报手机号买 {goods['name']}，收现金 {total:.2f} 元，交付后得 {points} 分、成长值 {points}")

    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    entered = person.ask(SIGN_IN, mobile=person.mobile, code=person.code(), agreement=agreement)
    world.expect("登录", entered["errors"], [])
    person.token = entered["token"]
    first, second = person.ask(DAILY), person.ask(DAILY)
    world.expect("签到", (first["errors"], first["first"], second["points"]), ([], True, 0))
    signed = int(first["points"])
    have = points + signed
    world.expect("本人看到", person.ask(MINE)["standing"], {"points": have, "owed": 0})
    world.step(f"会员在手机上看到同样的积分；签到得 {signed} 分，再签一次不重复")

    _burn(world, person, number, have)

    kept = spend_balance(world, person, number, desk)
    chief = Desk(world, CHIEF)
    world.expect("余额全额退款", chief.refund(kept, Decimal(str(kept["total"])), "顾客退货，全额退款"), None)
    world.wait_for("余额退回", lambda: at_till(world, number)["balance"] == 50.0)
    world.step("全额退款：储值余额退回会员账上，又是 50 元；现金退给顾客")
    world.expect("退款", chief.refund(sale, total, "商品有破损，全额退款"), None)
    world.wait_for("收回成长值", lambda: _points(world, number)["rung"]["growth"] < points)
    left = _points(world, number)["standing"]
    world.expect("收回之后", left, {"points": max(signed - 10, 0), "owed": max(10 - signed, 0)})
    world.step(
        f"全额退款：这笔的 {points} 分收回，剩 {left['points']} 分，欠 {left['owed']} 分，由以后获得的先抵"
    )
    for one in (desk, chief):
        one.http.close()


def _burn(world: World, person: Shopper, number: str, have: int) -> None:
    """Used by code; too much refused; a mistake taken back."""
    last = _read(world, person)
    refused = _staff(world, ASK, text=number, points=have + 1)
    world.expect("超过余额", refused["errors"][0]["code"], "POINTS_SHORT")
    world.step(f"想用 {have + 1} 分：{refused['errors'][0]['message']}")
    asked = _staff(world, ASK, text=person.mobile, points=10)
    code = _send(world, person, asked, last)
    key = asked["burn"]["id"]
    wrong = _staff(world, CONFIRM, id=key, code=f"{(int(code) + 1) % 1_000_000:06d}")
    world.expect("错的验证码", wrong["errors"][0]["code"], "CODE_WRONG")
    world.expect("兑扣", _staff(world, CONFIRM, id=key, code=code)["burn"]["state"], "DONE")
    world.expect("重复提交", _staff(world, CONFIRM, id=key, code=code)["burn"]["state"], "DONE")
    world.expect("余额", _points(world, number)["standing"]["points"], have - 10)
    world.step("凭会员念出的验证码兑扣 10 分；验证码错、重复提交都只算一次")
    world.expect("撤销", _staff(world, BACK, id=key)["burn"]["state"], "TAKEN_BACK")
    world.expect("退回", _points(world, number)["standing"]["points"], have)
    world.step("办错了当场撤销，积分退回原批次")
    asked = _staff(world, ASK, text=number, points=10)
    code = _send(world, person, asked, code)
    world.expect("再兑扣", _staff(world, CONFIRM, id=asked["burn"]["id"], code=code)["burn"]["state"], "DONE")
    kinds = [line["kind"] for line in person.ask(MINE)["lines"]]
    world.expect("会员的明细", kinds[:3], ["BURN", "BURN_BACK", "BURN"])
    world.step("重新兑扣 10 分，会员的明细里每一步都看得到")


def _sell(world: World, desk: Desk, goods: dict[str, Any], mobile: str) -> dict[str, Any]:
    lines = [{"variantId": desk.variant_id(goods), "quantity": 1}]
    told = {"key": str(uuid4()), "input": {"lines": lines, "phone": mobile, "customerName": "王大爷"}}
    made = _staff(world, CREATE, **told)
    world.expect("下单", made["errors"], [])
    sale: dict[str, Any] = made["sale"]
    paid = _staff(world, CASH, id=sale["id"], tendered=str(sale["total"]))
    world.expect("收款", paid["errors"], [])
    world.expect("交付", _staff(world, PICKUP, code=paid["sale"]["pickupCode"])["sale"]["state"], "HANDED")
    return sale


def _points(world: World, number: str) -> dict[str, Any]:
    found: dict[str, Any] = _staff(world, POINTS, text=number)
    return found


def _staff(world: World, query: str, **told: Any) -> Any:
    return next(iter(world.ask(query, told, who=CLERK).values()))


def _read(world: World, person: Shopper, before: str = "") -> str:
    """The digits of the newest code on the telephone, once it is another than the one `before`."""

    def newest() -> str:
        for one in world.sandbox.texts(person.mobile):
            if code := re.search(r"验证码 (\d{6})", one["text"]):
                return code[1] if code[1] != before else ""
        return ""

    return str(world.wait_for("收到短信", newest))


def _send(world: World, person: Shopper, asked: dict[str, Any], last: str) -> str:
    """The code of a burn, sent at once or, where one went out a moment ago, as soon as it may be."""
    world.expect("发起兑扣", asked["errors"], [])
    if not asked["sent"]:
        key = asked["burn"]["id"]
        world.wait_for("再发验证码", lambda: not _staff(world, AGAIN, id=key)["errors"], seconds=90)
    return _read(world, person, last)


def _cheap(desk: Desk) -> dict[str, Any]:
    """Goods worth some points that cost no more than the branch manager may refund."""
    for phrase in ("面", "茶", "豆", "橙", "菜", "花", "米", "蜜"):
        for one in desk.ask("goods", q=phrase)["goods"]:
            if one["left"] and Decimal(20) <= Decimal(one["price"]) <= 50:
                return dict(one)
    raise Differs("没有找到 20 至 50 元的商品")
