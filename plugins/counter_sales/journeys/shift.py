"""Journey ``counter-shift``: a clerk's shift from the counted 备用金 to the confirmed difference and the 缴款单."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.office import token_of
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from ..denominations import DENOMINATIONS
from .desk import Desk

CLERK, CHIEF, ABOVE = "clerk_gaosuntang", "branch_gaosuntang", "admin"
SLIPS = "/admin/o2o_counter_sales/remittance/"
SHIFTS, RULES = "/admin/o2o_counter_sales/shift/", "/admin/o2o_counter_sales/counterrules/"
OPENING = Decimal("200.00")
SHORT = Decimal("6.00")
_ERROR = re.compile(r'<p class="o2o-desk-error" role="alert">([^<]+)')


def play(world: World) -> None:
    """Rules, a refusal, opening, cash and card, a blind count that is short, two persons, the report, the bank."""
    chief, clerk = Desk(world, CHIEF), Desk(world, CLERK)
    unit = _rules(world, chief, needed=True)
    world.step("支局长规定：本支局收现金、刷卡须先开班，差异超过 5 元须另一人确认")

    goods = next(one for one in clerk.ask("goods", q="橙")["goods"] if (one["left"] or 0) >= 3)
    sale = clerk.place_order(clerk.basket((goods, 1)))
    price = Decimal(sale["total"])
    refused = clerk.refused("cash", sale=sale["id"], tendered=str(price))
    world.expect("没有开班", refused["code"], "SHIFT_REQUIRED")
    world.step(f"营业员没开班就收现金，被拒绝：{refused['message']}；页面给出开班入口")

    page = clerk.http.get(refused["details"]["open"])
    drawer = re.search(r'<option value="(\d+)"', page.text)
    if drawer is None:
        raise Differs("开班页没有空闲的台席")
    _send(world, clerk, f"{SHIFTS}till/", {"drawer": drawer[1], **counts(OPENING)})
    page = clerk.http.get(f"{SHIFTS}till/")
    number = re.search(r"/shift/(\d+)/count/", page.text)
    if number is None:
        raise Differs("没有开成班")
    shift = f"{SHIFTS}{number[1]}/"
    world.step(f"清点备用金 {format_yuan(OPENING)}，开班")

    clerk.ask("cash", sale=sale["id"], tendered=str(price))
    card = clerk.place_order(clerk.basket((goods, 1)))
    told = {"sale": card["id"], "amount": card["total"], "terminal": "50020001", "slip": uuid4().hex[:8]}
    left = clerk.available()
    first, again = clerk.ask("pos", **told), clerk.ask("pos", **told)
    world.expect("刷卡登记两次得到同一单", first["sale"]["id"], again["sale"]["id"])
    world.expect("刷卡不占备付金", clerk.available(), left)
    other = clerk.place_order(clerk.basket((goods, 1)))
    used = clerk.refused("pos", **{**told, "sale": other["id"], "amount": other["total"]})
    world.expect("凭证号用过", used["code"], "POS_SLIP_USED")
    clerk.ask("cancel", sale=other["id"], reason="演示")
    world.step(f"收现金 {format_yuan(price)}，刷卡 {format_yuan(price)}；同一张签购单不能记两单")

    blind = clerk.http.get(f"{shift}change/").text
    world.expect("清点之前看不到应有金额", format_yuan(OPENING + price) in blind, False)
    there = OPENING + price - SHORT
    _send(world, clerk, f"{shift}count/", {**counts(there), "pos": card["total"]})
    page = clerk.http.get(f"{shift}hand-over/")
    world.expect("清点之后显示应有金额", f"¥{OPENING + price}" in page.text, True)
    without = _send(world, clerk, f"{shift}hand-over/", {"retained": str(OPENING)})
    world.step(f"盲点得 {format_yuan(there)}，短款 {format_yuan(SHORT)}；不写原因不能交班：{without}")
    _send(world, clerk, f"{shift}hand-over/", {"retained": str(OPENING), "reason": "找零找错"})
    world.expect("差异待确认", "差异待确认" in clerk.http.get(f"{shift}change/").text, True)
    world.expect("自己不能确认", clerk.http.get(f"{shift}confirm/").status_code, 403)
    _send(world, chief, f"{shift}confirm/", {"words": "已核对流水，由当班人补足"})
    page = chief.http.get(f"{shift}change/")
    world.expect("已交班", "已交班" in page.text, True)
    world.step(f"短款超过上限，支局长确认后交班，应缴 {format_yuan(there - OPENING)}")

    paper = _post(world, chief, f"{shift}report/", {"paper": "80mm"}, f"{shift}change/")
    world.expect("交班单", "交班单" in paper.text and f"¥{there - OPENING}" in paper.text, True)
    world.step("打印交班单：收付、备用金、清点、短款与两人姓名")
    _hand_in(world, chief, clerk, unit)
    _rules(world, chief, needed=False, unit=unit)
    for person in (chief, clerk):
        person.http.close()


def _hand_in(world: World, chief: Desk, clerk: Desk, unit: str) -> None:
    """缴款单: made of the closed shifts, banked, printed; checked and booked by somebody above."""
    _send(world, chief, f"{SLIPS}make/", {"unit": unit})
    made = re.search(r"/remittance/(\d+)/change/", chief.http.get(SLIPS).text)
    if made is None:
        raise Differs("没有制成缴款单")
    slip = f"{SLIPS}{made[1]}/"
    expected = re.search(r"<b>¥([0-9.]+)</b>", chief.http.get(f"{slip}submit/").text)
    if expected is None:
        raise Differs("缴款单没有应缴合计")
    amount = Decimal(expected[1])
    banked = {"bank": "邮储银行高笋塘支行", "reference": uuid4().hex[:12].upper()}
    less = _send(world, chief, f"{slip}submit/", {**counts(amount - 1), **banked})
    world.step(f"制缴款单，应缴 {format_yuan(amount)}；少清点一元不写说明不能提交：{less}")
    world.expect("提交", _send(world, chief, f"{slip}submit/", {**counts(amount), **banked}), None)
    paper = _post(world, chief, f"{slip}paper/", {"paper": "a4"}, f"{slip}change/")
    printed = "缴款单" in paper.text and banked["reference"] in paper.text
    world.expect("缴款单打印", printed, True)
    world.expect("制单人不能核对", chief.http.get(f"{slip}check/").status_code, 403)
    before, above = clerk.available(), Desk(world, ABOVE)
    _send(world, above, f"{slip}check/", {})
    _send(world, above, f"{slip}book/", {})
    world.expect("已入账", "已入账" in above.http.get(f"{slip}change/").text, True)
    world.expect("备付金恢复", clerk.available(), before + amount)
    again = _send(world, above, f"{slip}book/", {})
    world.expect("再点一次入账", (again, clerk.available()), (None, before + amount))
    above.http.close()
    world.step(f"缴款单连同回单 {banked['reference']} 打印；上级核对、银行到账后入账，备付金恢复，只入一次")


def counts(sum_: Decimal) -> dict[str, str]:
    """The fewest notes and coins that make a sum in yuan, as the page sends them."""
    fields, left = {}, sum_
    for worth in DENOMINATIONS:
        pieces = int(left / Decimal(worth))
        fields[f"count-{worth}"] = str(pieces)
        left -= pieces * Decimal(worth)
    return fields


def _rules(world: World, chief: Desk, *, needed: bool, unit: str = "") -> str:
    page = chief.http.get(f"{RULES}write/")
    if not unit:
        found = re.search(r'<option value="(\d+)"[^>]*>[^<]*高笋塘支局', page.text)
        if found is None:
            raise Differs("支局长不能设置本支局的柜台规则")
        unit = found[1]
    typed = {"unit": unit, "difference_limit": "5.00", "remit_by": "18:30"}
    refusal = _send(world, chief, f"{RULES}write/", {**typed, **({"needs_shift": "on"} if needed else {})})
    world.expect("规则保存", refusal, None)
    return unit


def _post(world: World, desk: Desk, address: str, data: dict[str, str], form: str = "") -> Any:
    token = token_of(desk.page(form or address))
    return desk.http.post(
        address, data={**data, "csrfmiddlewaretoken": token}, headers={"Referer": world.base_url}
    )


def _send(world: World, desk: Desk, address: str, data: dict[str, str]) -> str | None:
    """Send a form; the words of a refusal, or None."""
    refusal = _ERROR.search(_post(world, desk, address, data).text)
    return refusal[1].strip() if refusal else None
