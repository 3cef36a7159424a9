"""Journey ``staff``: somebody is hired, holds two posts, is lent a role until a day, meets limits, and leaves."""

from __future__ import annotations

import base64
import time
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from saleor_o2o.journeys.world import Differs, World

from .desk import PASSWORD, activate
from .org import DROP, GOODS

ERRORS = "errors { field code message hint }"
HIRE = f"""mutation($unit: String!, $no: String!, $name: String!, $email: String!) {{ staffHire(
  unit: $unit, employeeNo: $no, name: $name, email: $email) {{ staff {{ employeeNo }} {ERRORS} }} }}"""
ASSIGN = f"""mutation($staff: String!, $post: String!, $unit: String!) {{ staffAssign(
  staff: $staff, post: $post, unit: $unit) {{ staffPost {{ id }} roleGrant {{ id state }} {ERRORS} }} }}"""
END = f"""mutation($id: ID!) {{ staffPostEnd(id: $id, reason: "轮岗") {{ staffPost {{ validTo }} {ERRORS} }} }}"""
PROFILE = "{ staffProfile { roles limits { kind amount } } }"
GRANT = f"""mutation($staff: String!, $role: String!, $unit: String!) {{ roleGrant(
  staff: $staff, role: $role, unit: $unit, reason: "顶岗") {{ roleGrant {{ id state }} {ERRORS} }} }}"""
ROLE = f"""mutation($owner: String!, $code: String!, $codes: [String!]!, $limits: [OrgMoneyLimitInput!]) {{
  orgRoleCreate(owner: $owner, code: $code, name: "柜台退货（演练）", level: BRANCH, permissions: $codes,
  limits: $limits) {{ role {{ code limits {{ kind amount }} }} {ERRORS} }} }}"""
ROLE_OFF = f"""mutation($role: String!) {{ orgRoleSetActive(role: $role, isActive: false) {{
  role {{ isActive }} {ERRORS} }} }}"""
POST = f"""mutation($owner: String!, $code: String!, $role: String!) {{ orgPostCreate(owner: $owner, code: $code,
  name: "退货专员（演练）", role: $role) {{ post {{ code }} {ERRORS} }} }}"""
POST_OFF = f"""mutation($post: String!) {{ orgPostSetActive(post: $post, isActive: false) {{
  post {{ isActive people }} {ERRORS} }} }}"""
LEND = f"""mutation($role: String!, $to: String!, $from: Date!, $till: Date!) {{ delegationCreate(
  role: $role, to: $to, validFrom: $from, validTo: $till, reason: "出差") {{
  roleGrant {{ id state validTo }} {ERRORS} }} }}"""
DECIDE = (
    f"""mutation($id: ID!) {{ roleGrantDecide(id: $id, agree: true) {{ roleGrant {{ state }} {ERRORS} }} }}"""
)
REVOKE = f"""mutation($id: ID!) {{ roleRevoke(id: $id, reason: "提前回来") {{ roleGrant {{ state }} {ERRORS} }} }}"""
SELL = """mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) {
  sale { orderNumber } errors { code message hint } } }"""
HOLDINGS = "query($staff: String!) { staffHoldings(staff: $staff) { kind kindLabel key label canHandOver } }"
HAND = f"""mutation($staff: String!, $kind: String!, $keys: [String!]!, $to: String!) {{ staffHandOver(
  staff: $staff, kind: $kind, keys: $keys, successor: $to) {{ count {ERRORS} }} }}"""
LEAVE = f"""mutation($staff: String!) {{ staffLeave(staff: $staff, reason: "辞职") {{
  staff {{ status }} {ERRORS} }} }}"""
NUMBER = "{ staffProfile { staff { employeeNo } } }"

CITY, BRANCH, OUTLET = "5001", "5001-01-01-001", "5001-01-01-001-01"
#: The branch manager, who makes roles and lends his own; a colleague who takes over.
MANAGER, HEIR = "branch_jiefangbei", "clerk_jiefangbei"


class Person:
    """Somebody of this story only."""

    def __init__(self, world: World, name: str, mark: str) -> None:
        self.name = name
        self.number = f"Y{mark}"
        self.email = f"staff{mark}@example.com"
        self.who = f"staff-{mark}"
        self.world = world

    def profile(self) -> dict[str, Any]:
        """Roles and limits as the next check would see them."""
        found: dict[str, Any] = self.world.ask(PROFILE, who=self.who)["staffProfile"]
        return found


def play(world: World) -> None:
    """Hire, several posts, a role of one's own making, two people, a limit, a loan with an end, a leaver."""
    mark = time.strftime("%m%d%H%M%S")
    clerk = _hire(world, Person(world, "秦小舟", mark), BRANCH)
    _posts(world, clerk)
    _too_wide(world, clerk, mark)
    _apart(world, Person(world, "许会计", f"{mark}K"))
    _limit(world, clerk)
    _lent(world, clerk)
    _leaves(world, clerk)


def _hire(world: World, person: Person, unit: str) -> Person:
    hired = _ask(world, HIRE, "admin", unit=unit, no=person.number, name=person.name, email=person.email)
    _fine(hired)
    activate(world, person.email)
    world.log_in(person.who, person.email, PASSWORD)
    world.expect("刚录用时的角色", person.profile()["roles"], [])
    world.step(f"录用{person.name}（{person.number}），凭邮件设好密码登录；还没有岗位，什么也不能做")
    return person


def _posts(world: World, clerk: Person) -> None:
    """Two posts at two units, each with its role; one is ended again."""
    for post, unit in (("branch-clerk", BRANCH), ("outlet-clerk", OUTLET), ("branch-courier", BRANCH)):
        made = _ask(world, ASSIGN, "admin", staff=clerk.number, post=post, unit=unit)
        _fine(made)
        world.expect("任职后的授权", made["roleGrant"]["state"], "ACTIVE")
    world.expect("三个岗位", clerk.profile()["roles"], ["branch-clerk", "branch-courier", "outlet-clerk"])
    again = _ask(world, ASSIGN, "admin", staff=clerk.number, post="branch-courier", unit=BRANCH)
    world.expect("重复任职的错误", _codes(again), ["CODE_TAKEN"])
    _fine(_ask(world, END, "admin", id=made["staffPost"]["id"]))
    world.expect("结束任职之后", clerk.profile()["roles"], ["branch-clerk", "outlet-clerk"])
    world.step("兼任支局营业员、网点营业员、投递员；结束投递员后，角色在下一次请求时就没有了")


def _too_wide(world: World, clerk: Person, mark: str) -> None:
    """The branch manager makes a role: not wider than himself in rights or money, then one that fits, and a post."""
    role, post = f"back-{mark}", f"desk-{mark}"
    small, large = ([{"kind": "refund", "amount": amount}] for amount in ("60", "201"))
    for codes, limits in ((["order.view", "audit.export"], small), (["order.view"], large)):
        wide = _ask(world, ROLE, MANAGER, owner=BRANCH, code=role, codes=codes, limits=limits)
        world.expect("超出自己权限的角色", _codes(wide), ["ROLE_TOO_WIDE"])
        world.step(f"支局长新建角色被拒绝：{wide['errors'][0]['message']}")
    _fine(
        _ask(
            world, ROLE, MANAGER, owner=BRANCH, code=role, codes=["order.view", "order.refund"], limits=small
        )
    )
    _fine(_ask(world, POST, MANAGER, owner=BRANCH, code=post, role=role))
    held = _ask(world, ASSIGN, MANAGER, staff=clerk.number, post=post, unit=BRANCH)
    _fine(held)
    bounds = {one["kind"]: float(one["amount"]) for one in clerk.profile()["limits"]}
    world.expect("退款上限", bounds["refund"], 60.0)
    kept = _ask(world, POST_OFF, MANAGER, post=post)
    world.expect("停用有人的岗位", _codes(kept), ["HAS_BLOCKERS"])
    world.step(
        f"合适的角色和岗位建成，{clerk.name}上岗，退款上限 30 元；此时停用岗位：{kept['errors'][0]['message']}"
    )
    _fine(_ask(world, END, MANAGER, id=held["staffPost"]["id"]))
    _fine(_ask(world, POST_OFF, MANAGER, post=post))
    _fine(_ask(world, ROLE_OFF, MANAGER, role=role))


def _apart(world: World, keeper: Person) -> None:
    """Who keeps the books does not hold the money."""
    hired = _ask(world, HIRE, "admin", unit=CITY, no=keeper.number, name=keeper.name, email=keeper.email)
    _fine(hired)
    first = _ask(world, ASSIGN, "admin", staff=keeper.number, post="city-cashier", unit=CITY)
    _fine(first)
    world.expect("出纳岗位须第二人复核", first["roleGrant"]["state"], "PENDING")
    for query, what in ((ASSIGN, {"post": "city-accountant"}), (GRANT, {"role": "city-accountant"})):
        both = _ask(world, query, "admin", staff=keeper.number, unit=CITY, **what)
        world.expect("会计兼出纳的错误", _codes(both), ["ROLES_INCOMPATIBLE"])
    own = _ask(world, DECIDE, "admin", id=first["roleGrant"]["id"])
    world.expect("自己复核的错误", _codes(own), ["SAME_PERSON"])
    world.step(
        f"{keeper.name}任出纳待复核，再任会计被拒绝：{both['errors'][0]['message']}；授予人也不能自己复核"
    )
    _fine(_ask(world, LEAVE, "admin", staff=keeper.number))


def _limit(world: World, clerk: Person) -> None:
    """A discount above the clerk's limit."""
    goods = [
        variant["id"]
        for edge in world.ask(GOODS)["products"]["edges"]
        for variant in edge["node"]["variants"]
        if edge["node"]["isAvailable"] and variant["quantityAvailable"] > 5
    ]
    basket = {
        "lines": [{"variantId": goods[0], "quantity": 1}], "place": BRANCH, "discount": "6", "discountReason": "熟客",
    }  # fmt: skip
    refused = _ask(world, SELL, clerk.who, key=str(uuid4()), input=basket)
    world.expect("超过优惠上限的错误", _codes(refused), ["LIMIT_EXCEEDED"])
    [error] = refused["errors"]
    world.step(f"{clerk.name}给顾客优惠 6 元被拒绝：{error['message']}；{error['hint']}")


def _lent(world: World, clerk: Person) -> None:
    """The manager lends his role: not for long, not into the past, and only with a second person."""
    today = date.today()
    till = today + timedelta(days=2)
    loan = {"role": "branch-manager", "to": clerk.number}
    for first, last, code in (
        (today, today + timedelta(days=60), "INVALID"),
        (today - timedelta(days=9), today - timedelta(days=3), "DATE_IN_PAST"),
    ):
        wrong = _ask(world, LEND, MANAGER, **loan, **{"from": first.isoformat(), "till": last.isoformat()})
        world.expect("期限不对的委托", _codes(wrong), [code])
    lent = _ask(world, LEND, MANAGER, **loan, **{"from": today.isoformat(), "till": till.isoformat()})
    _fine(lent)
    world.expect(
        "委托", (lent["roleGrant"]["state"], lent["roleGrant"]["validTo"]), ("PENDING", till.isoformat())
    )
    world.expect("复核之前", "branch-manager" in clerk.profile()["roles"], False)
    key = lent["roleGrant"]["id"]
    for who in (MANAGER, clerk.who):
        if not _codes(_ask(world, DECIDE, who, id=key)):
            raise Differs(f"{who} 不应能复核自己的委托")
    _fine(_ask(world, DECIDE, "admin", id=key))
    world.expect("复核之后", "branch-manager" in clerk.profile()["roles"], True)
    onward = _ask(
        world, LEND, clerk.who, role="branch-manager", to=clerk.number,
        **{"from": today.isoformat(), "till": till.isoformat()},
    )  # fmt: skip
    world.expect("再委托的错误", _codes(onward), ["NOT_FOUND"])
    world.step(f"支局长出差，把角色委托给{clerk.name}到 {till}：第二人复核后生效，她不能再委托")
    world.step("超过 30 天的、已经过去的期限都被拒绝")
    _fine(_ask(world, REVOKE, MANAGER, id=key))
    world.expect("收回之后", "branch-manager" in clerk.profile()["roles"], False)
    world.step("支局长提前回来，收回委托，立即失效")


def _leaves(world: World, clerk: Person) -> None:
    """Refused while something is in hand; everything handed on; then token and password count no more."""
    goods = world.ask(GOODS)["products"]["edges"]
    variant = next(
        one["id"] for edge in goods for one in edge["node"]["variants"] if one["quantityAvailable"] > 5
    )
    sold = _ask(
        world, SELL, clerk.who, key=str(uuid4()),
        input={"lines": [{"variantId": variant, "quantity": 1}], "place": BRANCH},
    )  # fmt: skip
    _fine(sold)
    refused = _ask(world, LEAVE, "admin", staff=clerk.number)
    world.expect("有未交接事项时离职", _codes(refused), ["HANDOVER_OPEN"])
    world.step(f"{clerk.name}辞职，被拒绝：{refused['errors'][0]['message']}")
    heir = world.ask(NUMBER, who=HEIR)["staffProfile"]["staff"]["employeeNo"]
    while open_ := world.ask(HOLDINGS, {"staff": clerk.number}, who="admin")["staffHoldings"]:
        kind = open_[0]["kind"]
        keys = [one["key"] for one in open_ if one["kind"] == kind]
        handed = _ask(world, HAND, "admin", staff=clerk.number, kind=kind, keys=keys, to=heir)
        _fine(handed)
        world.expect("移交的事项数", handed["count"], len(keys))
        world.step(f"{open_[0]['kindLabel']} {len(keys)} 项移交给同事（{heir}）")
    _fine(_ask(world, LEAVE, "admin", staff=clerk.number))
    headers = {"Authorization": f"JWT {world.token(clerk.who)}"}
    answer = world.http.post("/graphql/", json={"query": PROFILE}, headers=headers).json()
    world.expect("离职后的令牌", (answer.get("data") or {}).get("staffProfile"), None)
    query = """mutation($email: String!, $password: String!) { staffTokenCreate(email: $email, password: $password) {
      token errors { code message } } }"""
    login = world.ask(query, {"email": clerk.email, "password": PASSWORD})["staffTokenCreate"]
    world.expect("离职后的登录", (login["token"], _codes(login)), (None, ["STAFF_NOT_ACTIVE"]))
    world.step(f"交接完毕，办理离职：手里的令牌立即失效，再登录得到“{login['errors'][0]['message']}”")
    order = base64.b64encode(f"Order:{sold['sale']['orderNumber']}".encode()).decode()
    world.ask(DROP, {"id": order}, who="admin")


def _ask(world: World, query: str, who: str, **variables: Any) -> dict[str, Any]:
    [answer] = world.ask(query, variables, who=who).values()
    found: dict[str, Any] = answer
    return found


def _codes(answer: dict[str, Any]) -> list[str]:
    return [error["code"] for error in answer["errors"]]


def _fine(answer: dict[str, Any]) -> None:
    if answer["errors"]:
        raise Differs(answer["errors"][0]["message"])
