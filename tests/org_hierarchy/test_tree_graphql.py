"""The tree's API: reads in reach, mutations with their errors, permission tables, query counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import OrderAttribution, OrgUnit, PlannedMove, UnitVersion
from plugins.org_hierarchy.services.moving import move_unit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, grant, person, small_org, unit

pytestmark = pytest.mark.django_db

EVERYTHING = [f"org_unit.{one}" for one in ("view", "create", "edit", "move", "close")]
ERRORS = "errors { field message hint code blockers { text count href } }"
LIST = """query($parent: String, $level: OrgUnitLevel, $status: OrgUnitStatus, $search: String, $first: Int,
  $after: String) { orgUnits(parent: $parent, level: $level, status: $status, search: $search, first: $first,
  after: $after) { edges { node { code } cursor } pageInfo { hasNextPage endCursor } totalCount } }"""
ONE = """query($code: String, $id: ID) { orgUnit(code: $code, id: $id) { id code name level status path revision
  businessHours businessScope parent { code } ancestors { code } children { code }
  versions { revision status changed reason } plannedMoves { state effectiveOn parent { code } } } }"""
CREATE = f"""mutation($parent: String!, $input: OrgUnitInput!, $level: OrgUnitLevel) {{
  orgUnitCreate(parent: $parent, input: $input, level: $level) {{ orgUnit {{ code level status }} {ERRORS} }} }}"""
UPDATE = f"""mutation($code: String!, $revision: Int!, $input: OrgUnitInput!) {{
  orgUnitUpdate(code: $code, revision: $revision, input: $input) {{ orgUnit {{ name revision }} {ERRORS} }} }}"""
STATUS = f"""mutation($code: String!, $step: OrgUnitStep!, $reason: String) {{
  orgUnitSetStatus(code: $code, step: $step, reason: $reason) {{ orgUnit {{ status }} {ERRORS} }} }}"""
MOVE = f"""mutation($code: String!, $parent: String!, $on: Date, $reason: String!) {{
  orgUnitMove(code: $code, parent: $parent, effectiveOn: $on, reason: $reason) {{
  orgUnit {{ path }} plannedMove {{ id state }} {ERRORS} }} }}"""
CANCEL = f"""mutation($id: ID!) {{ orgUnitMoveCancel(id: $id) {{ plannedMove {{ state }} {ERRORS} }} }}"""
CLOSE = f"""mutation($code: String!, $successor: String, $orders: Boolean, $reason: String!) {{
  orgUnitClose(code: $code, successor: $successor, withOrders: $orders, reason: $reason) {{
  orgUnit {{ status }} {ERRORS} }} }}"""


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def manager(org: dict[str, OrgUnit]) -> User:
    return person(org["A1"], "manager", EVERYTHING)


def ask(user: User | None, query: str, **variables: Any) -> Any:
    """One operation over the real view; its only field's answer."""
    headers = {"HTTP_AUTHORIZATION": f"JWT {get_token(again(user))}"} if user else {}
    body = json.dumps({"query": query, "variables": variables})
    answer = json.loads(Client().post("/graphql/", body, content_type="application/json", **headers).content)
    assert "errors" not in answer, answer["errors"]
    [found] = answer["data"].values()
    return found


def codes(answer: Any) -> list[str]:
    return [edge["node"]["code"] for edge in answer["edges"]]


def test_units_in_reach_page_by_page(org: dict[str, OrgUnit], manager: User) -> None:
    # when
    first = ask(manager, LIST, first=4)
    second = ask(manager, LIST, first=4, after=first["pageInfo"]["endCursor"])
    third = ask(manager, LIST, first=4, after=second["pageInfo"]["endCursor"])

    # then
    assert codes(first) + codes(second) + codes(third) == [
        "A1", "B111", "B112", "B121", "C11", "C12", "O1111", "O1112", "O1211",
    ]  # fmt: skip
    assert first["totalCount"] == 9
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, third)] == [True, True, False]
    assert codes(ask(manager, LIST, parent="c11")) == ["B111", "B112"]
    assert codes(ask(manager, LIST, level="OUTLET", search="二网点")) == ["O1112"]
    assert codes(ask(manager, LIST, status="CLOSED")) == []
    assert codes(ask(manager, LIST, parent="C21")) == []
    assert codes(ask(manager, LIST, after="坏")) == codes(ask(manager, LIST))
    assert codes(ask(manager, LIST, first=-3)) == []


def test_one_unit_with_what_is_around_it(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    move_unit(org["B111"], org["C12"], reason="区划调整", by=manager)

    # when
    found = ask(manager, ONE, code="b111")

    # then
    assert (found["level"], found["status"], found["revision"]) == ("BRANCH", "ACTIVE", 2)
    assert found["parent"] == {"code": "C12"}
    assert found["ancestors"] == [{"code": "A1"}, {"code": "C12"}]  # the city is out of reach
    assert found["children"] == [{"code": "O1111"}, {"code": "O1112"}]
    assert [one["reason"] for one in found["versions"]] == ["区划调整", ""]
    assert found["plannedMoves"] == [
        {"state": "DONE", "effectiveOn": today().isoformat(), "parent": {"code": "C12"}}
    ]
    assert ask(manager, ONE, id=found["id"]) == found
    for nothing in ({"code": "B211"}, {"code": "CQ"}, {"id": "x"}, {"id": "9" * 30}, {}):
        assert ask(manager, ONE, **nothing) is None


def test_who_reads_units(org: dict[str, OrgUnit]) -> None:
    # given
    shopper = User.objects.create_user("x@example.com", "pass-word")
    clerk = person(org["B111"], "clerk", ["org_unit.view"])
    outside = person(org["A2"], "outside", ["org_unit.view"])
    no_right = person(org["A1"], "no-right", ["order.view"])

    # then
    for who, expected in ((None, []), (shopper, []), (no_right, []), (clerk, ["B111", "O1111", "O1112"])):
        assert codes(ask(who, LIST)) == expected
        assert (ask(who, ONE, code="B111") is not None) == bool(expected)
    assert ask(outside, ONE, code="B111") is None


MUTATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "create": (CREATE, {"parent": "C11", "input": {"name": "新支局"}}),
    "update": (UPDATE, {"code": "B111", "revision": 1, "input": {"name": "新名"}}),
    "suspend": (STATUS, {"code": "B111", "step": "SUSPEND", "reason": "装修"}),
    "move": (MOVE, {"code": "B111", "parent": "C12", "reason": "调整"}),
    "close": (CLOSE, {"code": "B112", "reason": "撤销"}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_who_changes_units(org: dict[str, OrgUnit], manager: User, name: str) -> None:
    # given
    query, variables = MUTATIONS[name]
    before = list(OrgUnit.objects.order_by("pk").values())
    people = {
        "NOT_FOUND": [
            None,
            User.objects.create_user("x@example.com", "pass-word"),
            person(org["A2"], "outside", EVERYTHING),
        ],
        "PERMISSION_DENIED": [person(org["A1"], "viewer", ["org_unit.view"])],
    }

    # when
    for code, users in people.items():
        for user in users:
            answer = ask(user, query, **variables)
            # then: refused in words, nothing changed
            assert [one["code"] for one in answer["errors"]] == [code]
            assert answer["orgUnit"] is None
    assert list(OrgUnit.objects.order_by("pk").values()) == before and not AuditEntry.objects.exists()

    # when
    answer = ask(manager, query, **variables)
    # then
    assert answer["errors"] == [] and answer["orgUnit"] is not None
    assert AuditEntry.objects.get().actor == f"user:{manager.pk}"


def test_errors_name_the_input_the_way_out_and_the_blockers(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    order = Order.objects.create(total_net_amount=1, total_gross_amount=1, status="unfulfilled")
    OrderAttribution.objects.create(order=order, unit=org["B112"], org_path=org["B112"].path, basis="test")

    # then
    [error] = ask(manager, CREATE, parent="C11", input={"name": "新", "code": "B111"})["errors"]
    assert (error["field"], error["code"], error["blockers"]) == ("code", "CODE_TAKEN", [])
    assert error["hint"]
    [error] = ask(manager, CREATE, parent="C11", input={"name": "新"}, level="OUTLET")["errors"]
    assert (error["field"], error["code"]) == ("parent", "WRONG_LEVEL")
    [error] = ask(manager, UPDATE, code="B111", revision=9, input={"name": "新"})["errors"]
    assert error["code"] == "CHANGED_MEANWHILE"
    [error] = ask(manager, UPDATE, code="B111", revision=1, input={"managerNo": "E404"})["errors"]
    assert (error["field"], error["code"]) == ("managerNo", "NOT_FOUND")
    [error] = ask(manager, UPDATE, code="B111", revision=1, input={"businessHours": {"1": "x"}})["errors"]
    assert (error["field"], error["code"]) == ("businessHours", "INVALID")
    [error] = ask(manager, UPDATE, code="B111", revision=1, input={"lng": 29.5, "lat": 106.5})["errors"]
    assert error["code"] == "POSITION_INVALID"
    [error] = ask(manager, MOVE, code="A1", parent="B111", reason="试")["errors"]
    assert error["code"] in ("CYCLE", "NOT_FOUND")
    [error] = ask(manager, CLOSE, code="B112", reason="撤销")["errors"]
    assert error["code"] == "HAS_BLOCKERS"
    assert [(one["text"], one["count"]) for one in error["blockers"]] == [("未完成的订单", 1)]
    assert error["blockers"][0]["href"].endswith(f"/orgunit/{org['B112'].pk}/orders/")


def test_a_units_life_through_the_api(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    values = {"name": "新支局", "businessHours": "每天 09:00-18:00", "businessScope": ["RETAIL"]}
    grant(manager.o2o_staff, org["A1"], ["staff.view"])

    # when
    made = ask(manager, CREATE, parent="C11", input={**values, "managerNo": "manager"})["orgUnit"]
    code = made["code"]
    opened = ask(manager, STATUS, code=code, step="OPEN")
    planned = ask(manager, MOVE, code=code, parent="C12", on="2036-01-01", reason="调整")
    cancelled = ask(manager, CANCEL, id=planned["plannedMove"]["id"])
    moved = ask(manager, MOVE, code=code, parent="C12", reason="调整")
    closed = ask(manager, CLOSE, code=code, successor="B121", reason="并入")

    # then
    assert (made["level"], made["status"], opened["orgUnit"]["status"]) == ("BRANCH", "PLANNED", "ACTIVE")
    assert planned["plannedMove"]["state"] == "WAITING"
    assert cancelled["plannedMove"]["state"] == "CANCELLED"
    assert moved["orgUnit"]["path"].startswith(org["C12"].path) and moved["plannedMove"]["state"] == "DONE"
    assert closed["orgUnit"]["status"] == "CLOSED"
    row = OrgUnit.objects.get(code=code)
    assert (row.status, row.successor, row.manager) == (UnitStatus.CLOSED, org["B121"], manager.o2o_staff)
    assert UnitVersion.objects.filter(unit=row).count() == 4
    assert PlannedMove.objects.filter(unit=row).count() == 2
    [error] = ask(manager, CANCEL, id=planned["plannedMove"]["id"])["errors"]
    assert error["code"] == "INVALID"
    [error] = ask(person(org["A2"], "outside", EVERYTHING), CANCEL, id=planned["plannedMove"]["id"])["errors"]
    assert error["code"] == "NOT_FOUND"


def test_the_list_does_not_ask_more_for_more_rows(
    org: dict[str, OrgUnit], manager: User, django_assert_max_num_queries: Any
) -> None:
    # given
    for number in range(30):
        unit(f"B11-{number:03}", org["C11"])
    ask(manager, LIST)

    # then: the token, the access (three), the page, the total
    with django_assert_max_num_queries(9):
        assert len(codes(ask(manager, LIST, first=40))) == 39


def test_figures_need_the_right_to_see_orders(org: dict[str, OrgUnit], manager: User) -> None:
    # given: an order under the old parent, then a move, then one under the new parent
    def order() -> None:
        made = Order.objects.create(total_net_amount=10, total_gross_amount=10, status="fulfilled")
        place = OrgUnit.objects.get(pk=org["B111"].pk)
        OrderAttribution.objects.create(order=made, unit=place, org_path=place.path, basis="test")

    query = """query($code: String!, $day: Date!) { orgUnit(code: $code) { figures(firstDay: $day, lastDay: $day) {
      orders total } } }"""
    day = today().isoformat()
    order()
    move_unit(org["B111"], org["C12"], reason="区划调整")
    order()

    # then
    assert ask(manager, query, code="B111", day=day) == {"figures": None}
    grant(manager.o2o_staff, org["A1"], ["order.view"])
    found = {
        code: ask(manager, query, code=code, day=day)["figures"]["orders"] for code in ("B111", "C11", "C12")
    }
    assert found == {"B111": 2, "C11": 1, "C12": 1}
