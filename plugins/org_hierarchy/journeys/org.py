"""Journey ``org``: a branch is opened, staffed, re-parented in the middle of a month, and merged into another one."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from saleor_o2o.journeys.world import Differs, World

from .desk import PASSWORD, Desk

ERRORS = "errors { field code message hint blockers { text count href } }"
CREATE = f"""mutation($parent: String!, $input: OrgUnitInput!) {{ orgUnitCreate(parent: $parent, input: $input) {{
  orgUnit {{ code name revision }} {ERRORS} }} }}"""
UPDATE = f"""mutation($code: String!, $revision: Int!, $input: OrgUnitInput!) {{ orgUnitUpdate(
  code: $code, revision: $revision, input: $input) {{ orgUnit {{ name }} {ERRORS} }} }}"""
STATUS = f"""mutation($code: String!, $step: OrgUnitStep!) {{ orgUnitSetStatus(code: $code, step: $step) {{
  orgUnit {{ status }} {ERRORS} }} }}"""
MOVE = f"""mutation($code: String!, $parent: String!, $reason: String!, $on: Date) {{ orgUnitMove(
  code: $code, parent: $parent, reason: $reason, effectiveOn: $on) {{
  orgUnit {{ path parent {{ code name }} }} plannedMove {{ id state }} {ERRORS} }} }}"""
CANCEL = f"""mutation($id: ID!) {{ orgUnitMoveCancel(id: $id) {{ plannedMove {{ state }} {ERRORS} }} }}"""
CLOSE = f"""mutation($code: String!, $reason: String!, $successor: String) {{ orgUnitClose(
  code: $code, reason: $reason, successor: $successor) {{ orgUnit {{ status }} {ERRORS} }} }}"""
UNIT = """query($code: String!) { orgUnit(code: $code) { code name status revision parent { code name }
  versions { revision reason } } }"""
UNITS = """query($parent: String!) { orgUnits(parent: $parent, status: ACTIVE, first: 2) {
  edges { node { code name } } } }"""
FIGURES = """query($code: String!, $from: Date!, $to: Date!) { orgUnit(code: $code) {
  figures(firstDay: $from, lastDay: $to) { orders total } } }"""
LOGIN = """mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token errors { message } } }"""
GOODS = (
    """query { products(first: 20) { edges { node { isAvailable variants { id quantityAvailable } } } } }"""
)
DRAFT = """mutation($input: DraftOrderCreateInput!) { draftOrderCreate(input: $input) {
  order { id number } orderErrors { field message code } } }"""
PLACE = """mutation($id: ID!) { draftOrderComplete(id: $id) { order { id status } orderErrors { message code } } }"""
DROP = """mutation($id: ID!) { orderCancel(id: $id) { order { status } orderErrors { message code } } }"""

AREA, COUNTY, OTHER_COUNTY = "5001-01", "5001-01-01", "5001-01-02"
ADDRESS = {
    "firstName": "桂英", "lastName": "李", "streetAddress1": "民生路 1 号", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN", "phone": "+8613800138000",
}  # fmt: skip
REASON = "区划调整"


def play(world: World) -> None:
    """Open, staff, sell, move, sell, try to close, clear, merge."""
    branch = _open_branch(world)
    clerk = _staff(world, branch)
    before = _figures(world)
    first = _sell(world, clerk)
    sold = _figures(world)
    world.expect("渝中区县中心的订单数", sold[COUNTY][0] - before[COUNTY][0], 1)
    world.step(f"{clerk.name}在新支局代客下单，归属新支局，渝中区县中心本月订单 {sold[COUNTY][0]} 笔")
    _move(world, branch)
    moved = _figures(world)
    world.expect("变更隶属后的统计", moved, sold)
    world.step("月中变更隶属，两个区县本月的订单数和金额都没有变")
    second = _sell(world, clerk)
    later = _figures(world)
    world.expect("原区县的统计", later[COUNTY], sold[COUNTY])
    world.expect("新区县的订单数", later[OTHER_COUNTY][0] - sold[OTHER_COUNTY][0], 1)
    world.step(f"{clerk.name}再下一单：算在{OTHER_COUNTY}名下，{COUNTY}仍是 {sold[COUNTY][0]} 笔")
    _close(world, branch, clerk, [first, second])


def _open_branch(world: World) -> str:
    """The city's administrator sets up a branch with an outlet; a stranger to the county cannot touch it."""
    name = f"洪崖洞支局（演练 {time.strftime('%m%d-%H%M%S')}）"
    wrong = {"name": name, "lng": 29.562, "lat": 106.579}
    [error] = _ask(world, CREATE, "admin", parent=COUNTY, input=wrong)["errors"]
    world.expect("坐标写反的错误", error["code"], "POSITION_INVALID")
    world.step(f"新建支局时经纬度写反，被指出：{error['message']}（{error['hint']}）")
    right = {
        "name": name, "lng": 106.579, "lat": 29.562, "businessHours": "周一至周五 08:30-17:30；周六 09:00-12:00",
        "businessScope": ["RETAIL", "PRODUCE"], "address": "沧白路 1 号",
    }  # fmt: skip
    made = _done(_ask(world, CREATE, "admin", parent=COUNTY, input=right))
    code: str = made["code"]
    world.step(f"改正后建成{name}，自动编号 {code}，状态筹建")

    unseen = world.ask(UNIT, {"code": code}, who="county_wanzhou_ops")["orgUnit"]
    world.expect("万州看到的", unseen, None)
    touched = _ask(world, UPDATE, "county_wanzhou_ops", code=code, revision=1, input={"name": "抢"})
    world.expect("万州修改的错误", [error["code"] for error in touched["errors"]], ["NOT_FOUND"])
    world.step("万州的运营专员查不到这个支局，也改不了它")

    stale = _ask(world, UPDATE, "admin", code=code, revision=99, input={"name": name})["errors"]
    world.expect("过期表单的错误", [error["code"] for error in stale], ["CHANGED_MEANWHILE"])
    outlet = _done(_ask(world, CREATE, "admin", parent=code, input={"name": f"{name}营业厅"}))["code"]
    early = _ask(world, STATUS, "admin", code=outlet, step="OPEN")["errors"]
    world.expect("上级未启用的错误", [error["code"] for error in early], ["PARENT_CLOSED"])
    for one in (code, outlet):
        world.expect("启用", _done(_ask(world, STATUS, "admin", code=one, step="OPEN"))["status"], "ACTIVE")
    world.step(f"建了网点 {outlet}；支局没启用时网点不能启用，先支局后网点都已启用")
    return code


class Clerk:
    """A new person of the branch, who set a password with the mailed link."""

    def __init__(self, name: str, email: str, number: str) -> None:
        self.name = name
        self.email = email
        self.number = number
        self.token = ""


def _staff(world: World, branch: str) -> Clerk:
    """Hire a clerk at the back office's page; she sets her password with the mailed link."""
    mark = time.strftime("%m%d%H%M%S")
    clerk = Clerk("周小渝", f"journey{mark}@example.com", f"J{mark}")
    with Desk(world, "admin") as desk:
        desk.hire(branch, "营业员", clerk.number, clerk.name, clerk.email)
    made = world.ask(LOGIN, {"email": clerk.email, "password": PASSWORD})["tokenCreate"]
    if not made["token"]:
        raise Differs(f"新员工无法登录：{made['errors']}")
    clerk.token = made["token"]
    seen = _as_clerk(world, clerk, "query { orgUnits { totalCount } }", {})["orgUnits"]["totalCount"]
    world.expect("营业员看到的机构数", seen, 2)
    world.step(f"在后台录用营业员{clerk.name}（{clerk.number}），她凭邮件设好密码登录，只看到本支局和网点")
    return clerk


def _sell(world: World, clerk: Clerk) -> str:
    """The clerk orders for a customer; the order's id."""
    variants = [
        variant["id"]
        for edge in world.ask(GOODS)["products"]["edges"]
        for variant in edge["node"]["variants"]
        if edge["node"]["isAvailable"] and variant["quantityAvailable"] > 5
    ]
    order = {
        "lines": [{"variantId": variants[0], "quantity": 1}],
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
    }
    made = _as_clerk(world, clerk, DRAFT, {"input": order})["draftOrderCreate"]
    world.expect("代客下单的错误", made["orderErrors"], [])
    placed = _as_clerk(world, clerk, PLACE, {"id": made["order"]["id"]})["draftOrderComplete"]
    world.expect("下单的错误", placed["orderErrors"], [])
    return str(made["order"]["id"])


def _move(world: World, branch: str) -> None:
    """Plan a move, call it off, then move at once; what is impossible is told."""
    parent = world.ask(UNIT, {"code": branch}, who="admin")["orgUnit"]["parent"]["name"]
    for where, code in ((branch, "CYCLE"), (AREA, "WRONG_LEVEL")):
        [error] = _ask(world, MOVE, "admin", code=branch, parent=where, reason=REASON)["errors"]
        world.expect(f"划到 {where} 的错误", error["code"], code)
    next_month = (date.today() + timedelta(days=40)).isoformat()
    planned = _ask(world, MOVE, "admin", code=branch, parent=OTHER_COUNTY, reason=REASON, on=next_month)
    world.expect("登记", planned["plannedMove"]["state"], "WAITING")
    [error] = _ask(world, MOVE, "admin", code=branch, parent=OTHER_COUNTY, reason=REASON)["errors"]
    world.expect("已有登记的错误", error["code"], "MOVE_WAITING")
    cancelled = _ask(world, CANCEL, "admin", id=planned["plannedMove"]["id"])
    world.expect("取消", cancelled["plannedMove"]["state"], "CANCELLED")
    moved = _done(_ask(world, MOVE, "admin", code=branch, parent=OTHER_COUNTY, reason=REASON))
    world.step(f"先登记后取消，再即时从{parent}划到{moved['parent']['name']}；划到自己或错级都被拒绝")


def _close(world: World, branch: str, clerk: Clerk, orders: list[str]) -> None:
    """Try, read what is in the way, clear it, merge; the clerk goes along."""
    refused = _ask(world, CLOSE, "admin", code=branch, reason="业务合并")
    [error] = refused["errors"]
    world.expect("直接撤销的错误", error["code"], "HAS_BLOCKERS")
    found = {one["text"]: one["count"] for one in error["blockers"]}
    world.expect("撤并之前要处理的", found, {"未撤并的下级机构": 1, "未完成的订单": 2, "在岗人员": 1})
    with Desk(world, "admin") as desk:
        for one in error["blockers"]:
            page = desk.http.get(one["href"], follow_redirects=False)
            world.expect("处理页面", page.status_code, 200)
    world.step("想直接撤销，被拒绝，列出：" + "、".join(f"{text} {count}" for text, count in found.items()))
    for order in orders:
        dropped = world.ask(DROP, {"id": order}, who="admin")["orderCancel"]
        world.expect("取消订单", dropped["orderErrors"], [])
    neighbours = world.ask(UNITS, {"parent": OTHER_COUNTY}, who="admin")["orgUnits"]["edges"]
    heir = next(edge["node"] for edge in neighbours if edge["node"]["code"] != branch)
    closed = _done(_ask(world, CLOSE, "admin", code=branch, reason="业务合并", successor=heir["code"]))
    world.expect("撤并后的状态", closed["status"], "CLOSED")
    mine = _as_clerk(world, clerk, "query { orgUnits(level: BRANCH) { edges { node { code } } } }", {})
    world.expect(
        "营业员现在的支局", [edge["node"]["code"] for edge in mine["orgUnits"]["edges"]], [heir["code"]]
    )
    versions = world.ask(UNIT, {"code": branch}, who="admin")["orgUnit"]["versions"]
    world.expect("版本数", len(versions), 4)
    world.step(
        f"取消两笔订单后并入{heir['name']}：网点和{clerk.name}一并转入，原支局留下 {len(versions)} 个版本"
    )


def _figures(world: World) -> dict[str, tuple[int, str]]:
    """This month's orders and total of both counties."""
    today = date.today()
    period = {"from": today.replace(day=1).isoformat(), "to": today.isoformat()}
    found = {}
    for code in (COUNTY, OTHER_COUNTY):
        figures = world.ask(FIGURES, {"code": code, **period}, who="admin")["orgUnit"]["figures"]
        found[code] = (figures["orders"], str(figures["total"]))
    return found


def _as_clerk(world: World, clerk: Clerk, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"JWT {clerk.token}"}
    answer = world.http.post(
        "/graphql/", json={"query": query, "variables": variables}, headers=headers
    ).json()
    if "errors" in answer:
        raise Differs(f"{clerk.name}：{answer['errors'][0]['message']}")
    data: dict[str, Any] = answer["data"]
    return data


def _ask(world: World, query: str, who: str, **variables: Any) -> dict[str, Any]:
    [answer] = world.ask(query, variables, who=who).values()
    found: dict[str, Any] = answer
    return found


def _done(answer: dict[str, Any]) -> dict[str, Any]:
    """The unit of an answer without errors."""
    if answer["errors"]:
        raise Differs(f"{answer['errors'][0]['message']}")
    unit: dict[str, Any] = answer["orgUnit"]
    return unit
