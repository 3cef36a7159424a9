"""Journey ``scope``: two counties cannot see each other's orders; whoever stands above both sees both."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

from saleor_o2o.journeys.world import Differs, World

from . import dashboard
from .desk import PASSWORD, Desk
from .org import ADDRESS, DRAFT, DROP, GOODS, MOVE, PLACE

ORDERS = """query { orders(first: 50, sortBy: {field: NUMBER, direction: DESC}) {
  totalCount edges { node { id number } } } }"""
ORDER = "query($id: ID!) { order(id: $id) { number } }"
NOTE = """mutation($id: ID!) { orderAddNote(order: $id, input: {message: "越界"}) {
  order { id } orderErrors { field code } } }"""
NEW_CUSTOMER = """mutation($input: UserCreateInput!) { customerCreate(input: $input) {
  user { id } accountErrors { field code message } } }"""
NAME = """mutation($id: ID!, $input: DraftOrderInput!) { draftOrderUpdate(id: $id, input: $input) {
  order { id } orderErrors { field code message } } }"""
BRANCHES = "query { orgUnits(level: BRANCH, first: 1) { edges { node { code } } } }"
ABOVE = "query($code: String!) { orgUnit(code: $code) { parent { code name parent { code name } } } }"
CORE_AREA = "5001-01"
REASON = "片区调整（演练）"
#: Who sells and who looks after the orders, of the two counties: people who log in without a second factor.
YUZHONG, WANZHOU = ("clerk_jiefangbei", "county_yuzhong_ops"), ("clerk_gaosuntang", "branch_gaosuntang")


def play(world: World) -> None:
    """Sell in two counties, look from both, from above, and after the tree has changed."""
    ours, theirs = _sell(world, YUZHONG[0]), _sell(world, WANZHOU[0])
    try:
        world.step(f"渝中解放碑支局代客下单 #{ours['number']}，万州高笋塘支局代客下单 #{theirs['number']}")
        _apart(world, ours, theirs)
        _dashboard(world, ours, theirs)
        _customers(world, ours, theirs)
        _pages(world, ours, theirs)
        _above(world, ours, theirs)
    finally:
        for order in (ours, theirs):
            world.ask(DROP, {"id": order["id"]}, who="admin")


def _apart(world: World, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """Lists, look-ups by id and writing, from both sides of the border."""
    for (clerk, head), own, foreign in ((YUZHONG, ours, theirs), (WANZHOU, theirs, ours)):
        for who in (clerk, head):
            _sees(world, who, own=[own], foreign=[foreign])
        missing = world.ask(ORDER, {"id": "T3JkZXI6OTg3NjU0MzIx"}, who=head)
        world.expect("按编号看别县的订单", world.ask(ORDER, {"id": foreign["id"]}, who=head), missing)
        world.expect(
            "按编号看本县的订单",
            world.ask(ORDER, {"id": own["id"]}, who=head),
            {"order": {"number": own["number"]}},
        )
        noted = world.ask(NOTE, {"id": foreign["id"]}, who=head)["orderAddNote"]
        world.expect(
            "改别县的订单", (noted["order"], [one["field"] for one in noted["orderErrors"]]), (None, ["id"])
        )
    world.step("两县的营业员和管理人员在列表里都只看到本县的订单；按编号查别县的订单，与不存在的一样")
    world.step("拿着别县订单的编号去改，答复是找不到，什么也没有变")


def _dashboard(world: World, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """Stock's dashboard, page by page, as the two counties' people: lists in every order, search, bulk actions."""
    for (_clerk, head), own, foreign in ((YUZHONG, ours, theirs), (WANZHOU, theirs, ours)):
        home, city = (_asked(world, dashboard.HOME, who=who) for who in (head, "city_ops"))
        told = {edge["node"]["orderNumber"] for edge in home["activities"]["edges"]}
        world.expect("首页动态", (own["number"] in told, foreign["number"] in told), (True, False))
        for name in ("ordersToday", "ordersToFulfill", "ordersToCapture"):
            mine, every = home[name]["totalCount"], city[name]["totalCount"]
            world.expect(f"首页的 {name} 不多于全市", mine <= every, True)
        world.expect(
            "全市今天的订单多于一县",
            home["ordersToday"]["totalCount"] < city["ordersToday"]["totalCount"],
            True,
        )
        lists = [
            ("orders", dashboard.ORDER_LIST, {"sort": {"field": field, "direction": "DESC"}})
            for field in dashboard.ORDER_SORTS
        ]
        lists += [
            ("orders", dashboard.ORDER_LIST, {"filter": {"search": one["number"]}}) for one in (own, foreign)
        ]
        for field, document, variables in lists:
            shown = _asked(world, document, {"first": 100, **variables}, who=head)[field]["edges"]
            world.expect("列表里有别县的订单", foreign["id"] in {edge["node"]["id"] for edge in shown}, False)
        for document in (dashboard.ORDER_DETAILS, dashboard.FIND_ORDER):
            world.expect(
                "别县订单的页面", _asked(world, document, {"id": foreign["id"]}, who=head)["order"], None
            )
        details = _asked(world, dashboard.ORDER_DETAILS, {"id": own["id"]}, who=head)["order"]
        world.expect("本县订单的页面", (details["number"], len(details["lines"])), (own["number"], 1))
        _asked(world, dashboard.CANCEL_ORDERS, {"ids": [own["id"], foreign["id"]]}, who=head)
        for one in (own, foreign):
            status = world.ask(dashboard.FIND_ORDER, {"id": one["id"]}, who="admin")["order"]["status"]
            world.expect("夹着别县订单的批量取消什么也没做", status, "UNFULFILLED")
    world.step(
        "原版后台：首页、各种排序和搜索的订单列表、订单页、批量操作，两县都只见到本县的，数字也是本县的"
    )


def _customers(world: World, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """Stock's customer list and pages, as the two counties' counter staff; and as somebody without the right."""
    for (clerk, _head), own, foreign in ((YUZHONG, ours, theirs), (WANZHOU, theirs, ours)):
        asks: list[dict[str, Any]] = [
            {"sort": {"field": field, "direction": "DESC"}} for field in dashboard.CUSTOMER_SORTS
        ]
        for asked in [
            {},
            *asks,
            {"filter": {"search": own["mail"]}},
            {"filter": {"search": foreign["mail"]}},
        ]:
            found = _asked(world, dashboard.CUSTOMER_LIST, {"first": 100, **asked}, who=clerk)["customers"]
            seen = {edge["node"]["id"] for edge in found["edges"]}
            world.expect("列表里有别县的顾客", foreign["customer"] in seen, False)
            if asked == {"filter": {"search": own["mail"]}}:
                world.expect("查本县的顾客", seen, {own["customer"]})
        for one, name in ((own, own["mail"]), (foreign, None)):
            page = _asked(world, dashboard.CUSTOMER_DETAILS, {"id": one["customer"]}, who=clerk)["user"]
            world.expect("顾客的页面", page and page["email"], name)
    refused = _asked(world, dashboard.CUSTOMER_LIST, {"first": 20}, who=YUZHONG[1])["customers"]
    world.expect("没有顾客权限的人看到的列表", refused, None)
    every = _asked(
        world, dashboard.CUSTOMER_LIST, {"first": 100, "filter": {"search": "@example.com"}}, who="city_ops"
    )
    seen = {edge["node"]["id"] for edge in every["customers"]["edges"]}
    world.expect("市中心看到两县的顾客", {ours["customer"], theirs["customer"]} <= seen, True)
    world.step("原版后台的顾客：列表、搜索、顾客页，两县的营业员都只见到在本县下过单的；没有权限的人打不开")


def _asked(world: World, document: str, variables: Any = None, *, who: str) -> dict[str, Any]:
    """What the dashboard gets: fields that somebody may not ask are null, as it shows them."""
    answer = world.http.post(
        "/graphql/",
        json={"query": document, "variables": variables or {}},
        headers={"Authorization": f"JWT {world.token(who)}"},
    ).json()
    data: dict[str, Any] = answer.get("data") or {}
    return data


def _pages(world: World, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """The back office: home page, order page, export."""
    page = "/admin/o2o_backoffice/order"
    with Desk(world, YUZHONG[1]) as desk:
        home = desk.page("/admin/")
        world.expect(
            "工作台上的订单", (f"#{ours['number']}<" in home, f"#{theirs['number']}<" in home), (True, False)
        )
        codes = [desk.http.get(f"{page}/{one['number']}/change/").status_code for one in (ours, theirs)]
        world.expect("后台订单页", codes, [200, 404])
        taken = desk.send(f"{page}/export/", format="csv")
    world.expect("导出", taken.status_code, 200)
    lines = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    numbers = {line[0] for line in lines[2:]}
    world.expect("导出的订单", (ours["number"] in numbers, theirs["number"] in numbers), (True, False))
    world.step(f"渝中的运营专员打开后台：工作台和订单页只有本县的；导出 {len(numbers)} 行，没有万州的")
    world.step(f"文件首行写着：{lines[0][0][:60]}…")


def _above(world: World, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """The areas, before and after 万州 is moved from one to the other, and back again."""
    _sees(world, "city_ops", own=[ours, theirs], foreign=[])
    supervisor = _hire(world)
    _sees(world, supervisor, own=[ours], foreign=[theirs])
    world.step("市中心看到两县的订单；新任的主城片区督导只看到渝中的")
    [edge] = world.ask(BRANCHES, who=WANZHOU[1])["orgUnits"]["edges"]
    county = world.ask(ABOVE, {"code": edge["node"]["code"]}, who="admin")["orgUnit"]["parent"]
    _move(world, county["code"], CORE_AREA)
    try:
        _sees(world, supervisor, own=[ours, theirs], foreign=[])
        _sees(world, YUZHONG[1], own=[ours], foreign=[theirs])
        _sees(world, WANZHOU[1], own=[theirs], foreign=[ours])
        world.step(f"{county['name']}划归主城片区：督导立即看到两县的订单，两县之间仍互不可见")
    finally:
        _move(world, county["code"], county["parent"]["code"])
    _sees(world, supervisor, own=[ours], foreign=[theirs])
    world.step(f"划回{county['parent']['name']}，督导又只看到渝中的")


def _hire(world: World) -> str:
    """A supervisor of the area, who logs in without a second factor; the name to ask as."""
    mark = time.strftime("%m%d%H%M%S")
    address = f"scope{mark}@example.com"
    with Desk(world, "admin") as desk:
        desk.hire(CORE_AREA, "督导", f"S{mark}", "秦督导", address)
    world.log_in("supervisor", address, PASSWORD)
    return "supervisor"


def _sees(world: World, who: str, *, own: list[dict[str, str]], foreign: list[dict[str, str]]) -> None:
    found = world.ask(ORDERS, who=who)["orders"]
    numbers = {edge["node"]["number"] for edge in found["edges"]}
    for order in own:
        world.expect(f"{who} 的列表里有 #{order['number']}", order["number"] in numbers, True)
    for order in foreign:
        world.expect(f"{who} 的列表里有 #{order['number']}", order["number"] in numbers, False)
    if found["totalCount"] <= 50:
        world.expect(f"{who} 的列表总数", found["totalCount"], len(numbers))


def _sell(world: World, who: str) -> dict[str, str]:
    """An order for a customer at the counter: its id and number."""
    variants = [
        variant["id"]
        for edge in world.ask(GOODS)["products"]["edges"]
        for variant in edge["node"]["variants"]
        if edge["node"]["isAvailable"] and variant["quantityAvailable"] > 5
    ]
    wanted = {
        "lines": [{"variantId": variants[0], "quantity": 1}],
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
    }
    made = world.ask(DRAFT, {"input": wanted}, who=who)["draftOrderCreate"]
    world.expect("代客下单的错误", made["orderErrors"], [])
    mail = f"{who}-{time.strftime('%m%d%H%M%S')}@example.com"
    born = world.ask(NEW_CUSTOMER, {"input": {"email": mail, "firstName": "李桂英"}}, who="admin")[
        "customerCreate"
    ]
    world.expect("建顾客的错误", born["accountErrors"], [])
    named = {"id": made["order"]["id"], "input": {"user": born["user"]["id"]}}
    world.expect("写上顾客的错误", world.ask(NAME, named, who="admin")["draftOrderUpdate"]["orderErrors"], [])
    placed = world.ask(PLACE, {"id": made["order"]["id"]}, who=who)["draftOrderComplete"]
    world.expect("下单的错误", placed["orderErrors"], [])
    return {**made["order"], "customer": born["user"]["id"], "mail": mail}


def _move(world: World, code: str, parent: str) -> None:
    [answer] = world.ask(MOVE, {"code": code, "parent": parent, "reason": REASON}, who="admin").values()
    if answer["errors"]:
        raise Differs(f"变更隶属失败：{answer['errors'][0]['message']}")
