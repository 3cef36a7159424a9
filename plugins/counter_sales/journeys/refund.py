"""Journey ``counter-refund``: a refund above the clerk's limit is asked for, refused, asked again, paid once.

Then one above the county's: the area's head decides, and not before the second factor is shown.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.authenticator import show_code
from saleor_o2o.journeys.office import Office
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.money import format_yuan

from .desk import Desk

CLERK, CHIEF, AREA = "clerk_gaosuntang", "branch_gaosuntang", "area_northeast"
#: What a county decides at most, in yuan.
COUNTYS = Decimal(500)
SALES = "/admin/o2o_counter_sales/countersale/"
APPROVALS = "/admin/o2o_approvals/approvalrequest/"


def play(world: World) -> None:
    """One sale in cash; the branch's head decides from the home page."""
    clerk, chief = Desk(world, CLERK), Desk(world, CHIEF)
    goods = next(one for one in clerk.ask("goods", q="橙")["goods"] if (one["left"] or 0) >= 2)
    sale = clerk.place_order(clerk.basket((goods, 2)))
    price = Decimal(sale["total"])
    clerk.ask("cash", sale=sale["id"], tendered=str(price))
    paid = clerk.available()
    refusal = clerk.refund(sale, price, "坏果")
    world.step(f"营业员收现金 {format_yuan(price)}；顾客退货，超过营业员额度不能直接退：{refusal}")

    _ask(world, clerk, sale, price, twice=True)
    world.expect("款项未动", clerk.available(), paid)
    mine = clerk.ask("waiting")["refunds"]
    world.expect("工作台上的申请", [(one["sale"], one["state"]) for one in mine], [(sale["number"], "asked")])
    world.step("点“提交审批”；连点两次只有一张申请，款项未动")

    request = _waiting(world, chief, sale, price)
    _decide(chief, request, "reject", "请先核对实物")
    world.expect("款项未动", clerk.available(), paid)
    day = clerk.http.get(f"{SALES}day/").text
    world.expect("我的今日写明结果", "未批准" in day and "请先核对实物" in day, True)
    world.step("支局长在首页待办看到金额，驳回：款项、库存、销售单都不变，营业员在“我的今日”看到意见")

    _ask(world, clerk, sale, price)
    request = _waiting(world, chief, sale, price)
    _decide(chief, request, "approve", "同意")
    world.expect("备付金恢复", clerk.available(), paid + price)
    world.expect("销售单", "已退款" in clerk.http.get(f"{SALES}{sale['id']}/change/").text, True)
    _decide(chief, request, "approve", "同意")
    world.expect("再点一次同意", clerk.available(), paid + price)
    world.expect("没有未了的申请", clerk.ask("waiting")["refunds"], [])
    world.step(
        f"再次申请，支局长同意：{format_yuan(price)} 只退一次，备付金恢复到 {format_yuan(paid + price)}"
    )
    _above_the_county(world, clerk, chief)
    for person in (chief, clerk):
        person.http.close()


def _above_the_county(world: World, clerk: Desk, chief: Desk) -> None:
    """Too much for the county: the branch's head sees no button, the area's head needs the authenticator first."""
    for goods in clerk.ask("goods", q="橙")["goods"]:
        pieces = int(COUNTYS / Decimal(goods["price"])) + 1
        if (goods["left"] or 0) >= pieces:
            break
    else:
        raise Differs("没有够卖的商品")
    sale = clerk.place_order(clerk.basket((goods, pieces)))
    price = Decimal(sale["total"])
    clerk.ask("cash", sale=sale["id"], tendered=str(price))
    paid = clerk.available()
    _ask(world, clerk, sale, price)
    if re.search(rf">(?:(?!</a>).)*?{sale['number']}", chief.page("/admin/"), re.S):
        raise Differs("支局长的首页有一张他不能批的申请")
    world.step(f"一笔 {format_yuan(price)} 的退款超过区县的 {format_yuan(COUNTYS)}：不在支局长的待办里")

    with Office(world, AREA) as area:
        held = area.http.get(APPROVALS)
        world.expect("只有密码时看不到审批", sale["number"] in held.text or held.url.path == APPROVALS, False)
        bound = show_code(world, AREA, area.http)
        world.step(f"片区经理只凭密码进不去，{'绑定验证器并' if bound else ''}输入验证码后才看到待办")
        request = _waiting(world, area, sale, price)
        _decide(area, request, "approve", "金额属实，同意")
    world.expect("备付金恢复", clerk.available(), paid + price)
    world.expect("销售单", "已退款" in clerk.http.get(f"{SALES}{sale['id']}/change/").text, True)
    world.step(f"片区经理同意：{format_yuan(price)} 退还顾客，备付金恢复到 {format_yuan(paid + price)}")


def _ask(world: World, clerk: Desk, sale: dict[str, Any], amount: Decimal, *, twice: bool = False) -> None:
    address, key = f"{SALES}{sale['id']}/refund/", str(uuid4())
    for _click in range(2 if twice else 1):
        clerk.send(address, amount=str(amount), reason="坏果", key=key, ask="1")


def _waiting(world: World, chief: Office, sale: dict[str, Any], amount: Decimal) -> str:
    """The page of the request, from the home page's list of what waits."""
    home = chief.page("/admin/")
    found = re.search(rf'href="({APPROVALS}\d+/change/)"[^>]*>(?:(?!</a>).)*?{sale["number"]}', home, re.S)
    if found is None:
        raise Differs("首页没有这张退款申请")
    page = chief.page(found[1])
    world.expect("审批单写明金额", f"¥{amount}" in page and "坏果" in page, True)
    return found[1]


def _decide(chief: Office, request: str, act: str, words: str) -> None:
    version = chief.fields(request).get("version", "1")  # none where it is decided
    chief.send(request, act=act, note=words, version=version)
