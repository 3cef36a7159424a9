"""The cards of journey ``paid-membership``: made by two, sent, sold, raced for, lost, replaced."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

from plugins.members.journeys.login import Shopper
from saleor_o2o.journeys.office import number_on
from saleor_o2o.journeys.world import World

from .office import CardOffice

MAKER, CHECKER, CLERK, CHIEF = "city_ops", "clerk", "clerk_jiefangbei", "branch_jiefangbei"
ERRORS = "errors { field message hint code }"
UNITS = '{ orgUnits(search: "解放碑支局", level: BRANCH) { edges { node { code name } } } }'
CREATE = """mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) {
  sale { id total orderNumber } errors { message code } } }"""
CASH = """mutation($id: ID!, $tendered: Decimal!) { counterOrderPayCash(saleId: $id, tendered: $tendered) {
  sale { id state } errors { message code } } }"""
ACTIVATE = f"""mutation($number: String!, $code: String!) {{
  membershipCardActivate(cardNumber: $number, scratch: $code) {{ membership {{ lastDay daysLeft }} {ERRORS} }} }}"""
LOSS = f"mutation($number: String!) {{ membershipCardLoss(cardNumber: $number) {{ card {{ id state }} {ERRORS} }} }}"
CODE = f"mutation($search: String!) {{ membershipCardCode(search: $search) {{ againAfter {ERRORS} }} }}"
REPLACE = f"""mutation($id: ID!, $number: String!, $code: String!) {{
  membershipCardReplace(id: $id, cardNumber: $number, code: $code) {{ card {{ number state }} {ERRORS} }} }}"""
MINE = "{ myMemberships { daysLeft plan { name } cards { id number state } } }"


def make(world: World) -> tuple[dict[str, str], str]:
    """A batch of three, at the branch; the codes by number, and the plan's name."""
    maker, checker, chief = CardOffice(world, MAKER), CardOffice(world, CHECKER), CardOffice(world, CHIEF)
    plan = maker.option("cardbatch/make/", "邮惠年卡")
    text = maker.done("cardbatch/make/", "等待复核", plan=plan, count="3", months="24", note="支局促销")
    number = number_on(text, "YP", after="已申请")
    key = maker.key_of("cardbatch/", number)
    own = maker.post(f"cardbatch/{key}/agree/", do="1", reason="").text
    world.expect("自己不能复核", "申请人不能自己复核" in own, True)
    checker.done(f"cardbatch/{key}/agree/", "卡号已生成", reason="")
    printed = checker.post(f"cardbatch/{key}/print/", do="1", reason="").text
    codes = dict(line.split(",") for line in printed.lstrip("\ufeff").split()[1:])
    world.expect("三张卡", len(codes), 3)
    again = checker.post(f"cardbatch/{key}/print/", do="1", reason="").text
    world.expect("只能导出一次", "不能执行" in again, True)
    world.step(f"制卡 {number}：一人申请、另一人复核并导出刮码，自己复核、再导出一次都被拒绝")

    branch = world.ask(UNITS, {}, who=MAKER)["orgUnits"]["edges"][0]["node"]["code"]
    sent = maker.done("handout/send/", "已发出", plan=plan, target=branch, count="3")
    slip = number_on(sent, "YD", after="已发出")
    chief.done(f"handout/{chief.key_of('handout/', slip)}/receive/", "可以售卖", reason="")
    world.step("三张卡从市中心发到解放碑支局，支局长清点接收")
    for one in (maker, checker, chief):
        one.http.close()
    return codes, plan


def sell(world: World, number: str, variant: str, mobile: str) -> None:
    """A card over the counter, in cash."""
    told = {"lines": [{"variantId": variant, "quantity": 1}], "phone": mobile, "customerName": "顾客"}
    made = world.ask(CREATE, {"key": str(uuid4()), "input": told}, who=CLERK)["counterOrderCreate"]
    world.expect("开单", made["errors"], [])
    paid = world.ask(CASH, {"id": made["sale"]["id"], "tendered": str(made["sale"]["total"])}, who=CLERK)
    world.expect("收款", paid["counterOrderPayCash"]["errors"], [])
    clerk = CardOffice(world, CLERK)
    clerk.done("card/sell/", "可以激活", order_number=made["sale"]["orderNumber"], numbers=number)
    clerk.http.close()
    world.step(f"柜台收现金 {made['sale']['total']:.2f} 元卖出一张实体卡，登记卡号之后才能激活")


def race(world: World, people: list[Shopper], number: str, code: str) -> Shopper:
    """Two telephones scratch the same card; the one who got it."""
    gate = Barrier(len(people), timeout=30)

    def scratch(one: Shopper) -> Any:
        gate.wait()
        return one.ask(ACTIVATE, number=number, code=code)

    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(scratch, people))
    won = [one for one, answer in zip(people, answers, strict=True) if not answer["errors"]]
    lost = [answer["errors"][0] for answer in answers if answer["errors"]]
    world.expect("只有一个得到", (len(won), [one["code"] for one in lost]), (1, ["CARD_USED"]))
    days = won[0].ask(MINE)[0]["daysLeft"]
    world.step(f"两部手机同时刮同一张卡：一个得到 {days} 天，另一个看到“{lost[0]['message']}”")
    return won[0]


def lose(world: World, person: Shopper, number: str, fresh: str) -> None:
    """Lost, and another card in its place, with the member's code."""
    card = person.ask(LOSS, number=number)
    world.expect("挂失", (card["errors"], card["card"]["state"]), ([], "LOST"))
    before = person.ask(MINE)[0]["daysLeft"]
    texts = len(world.sandbox.texts(person.mobile))
    asked = world.ask(CODE, {"search": person.mobile}, who=CLERK)["membershipCardCode"]
    world.expect("验证码", asked["errors"], [])
    world.wait_for("收到短信", lambda: len(world.sandbox.texts(person.mobile)) > texts)
    [digits] = re.findall(r"验证码 (\d{6})", world.sandbox.texts(person.mobile)[0]["text"])
    told = {"id": card["card"]["id"], "number": fresh, "code": digits}
    done = world.ask(REPLACE, told, who=CLERK)["membershipCardReplace"]
    world.expect("补办", (done["errors"], done["card"] and done["card"]["state"]), ([], "ACTIVE"))
    mine = person.ask(MINE)[0]
    world.expect("天数不变", mine["daysLeft"], before)
    states = {one["number"]: one["state"] for one in mine["cards"]}
    world.expect("旧卡、新卡", (states[number], states[fresh]), ("VOID", "ACTIVE"))
    world.step(f"卡丢了：手机上挂失，到网点念验证码补办 {fresh}，旧卡注销，天数一天不少")
