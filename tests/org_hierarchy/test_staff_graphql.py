"""The API of people and roles: oneself, one's people, and what may be done with them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User

from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import GrantState, OrgUnit, Post, Role, RoleGrant, Staff, StaffPost
from saleor_o2o.kernel.clock import today

from ..orgs import again, person, small_org

pytestmark = pytest.mark.django_db
CHIEF = (
    "staff.view", "staff.create", "staff.edit", "staff.leave", "staff.delegate", "role.view", "role.grant",
    "order.view", "org_unit.view",
)  # fmt: skip
ERRORS = "errors { field code message }"
PROFILE = """{ staffProfile { staff { employeeNo posts { code unit { code } isPrimary } } roles needsSecondFactor
  permissions { code reach { everything below unitIds own } } limits { kind amount } } }"""
MEMBERS = """query($unit: String, $post: String, $search: String, $first: Int, $after: String) { staffMembers(
  unit: $unit, post: $post, search: $search, first: $first, after: $after) {
  employeeNo name mobile status unit { code } posts { name unit { code } } } }"""
HIRE = f"""mutation($unit: String!, $no: String!, $email: String!) {{ staffHire(unit: $unit, employeeNo: $no,
  name: "马小丽", email: $email, mobile: "13800001234") {{ staff {{ employeeNo mobile }} {ERRORS} }} }}"""
ASSIGN = f"""mutation($staff: String!, $post: String!, $unit: String!, $why: String) {{ staffAssign(staff: $staff,
  post: $post, unit: $unit, primary: true, reason: $why) {{
  staffPost {{ code isPrimary }} roleGrant {{ state }} {ERRORS} }} }}"""
LEAVE = f"""mutation($staff: String!) {{ staffLeave(staff: $staff, reason: "辞职") {{
  staff {{ status }} {ERRORS} }} }}"""
GRANT = f"""mutation($staff: String!, $role: String!, $unit: String!, $scope: OrgDataScope, $units: [String!]) {{
  roleGrant(staff: $staff, role: $role, unit: $unit, scope: $scope, units: $units, reason: "旺季") {{
  roleGrant {{ id state role {{ code }} }} {ERRORS} }} }}"""
REVOKE = (
    f"""mutation($id: ID!) {{ roleRevoke(id: $id, reason: "到期") {{ roleGrant {{ state }} {ERRORS} }} }}"""
)
LEND = f"""mutation($role: String!, $to: String!, $from: Date!, $till: Date!) {{ delegationCreate(role: $role, to: $to,
  validFrom: $from, validTo: $till, reason: "出差") {{ roleGrant {{ state source }} {ERRORS} }} }}"""


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def people(org: dict[str, OrgUnit]) -> dict[str, User | None]:
    """Somebody of each kind; `clerk` is the one things are done to. Employee numbers are in capitals."""
    made: dict[str, User | None] = {
        "anonymous": None,
        "shopper": User.objects.create_user("x@example.com", "pass-word"),
        "looker": person(org["C11"], "looker", ["staff.view", "role.view", "org_unit.view"]),
        "abroad": person(org["C12"], "abroad", CHIEF),
        "chief": person(org["C11"], "chief", CHIEF, limits={"refund": "500.00"}),
        "clerk": person(org["B111"], "clerk"),
    }
    for staff in Staff.objects.all():
        Staff.objects.filter(pk=staff.pk).update(employee_no=staff.employee_no.upper())
    return made


@pytest.fixture
def counter() -> Post:
    role = Role.objects.create(code="counter", name="柜台", level=Level.BRANCH, permissions=["order.view"])
    return Post.objects.create(code="counter", name="营业员", level=Level.BRANCH, role=role)


def ask(user: User | None, query: str, **variables: Any) -> Any:
    """One operation over the real view; its only field's answer."""
    headers = {"HTTP_AUTHORIZATION": f"JWT {get_token(again(user))}"} if user else {}
    body = json.dumps({"query": query, "variables": variables}, default=str)
    answer = json.loads(Client().post("/graphql/", body, content_type="application/json", **headers).content)
    assert "errors" not in answer, answer["errors"]
    [found] = answer["data"].values()
    return found


def test_oneself(org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post) -> None:
    # given
    chief = people["chief"]
    assert chief is not None
    StaffPost.objects.create(staff=chief.o2o_staff, post=counter, unit=org["B111"], is_primary=True)

    # when
    found = ask(chief, PROFILE)

    # then
    assert found["staff"] == {
        "employeeNo": "CHIEF",
        "posts": [{"code": "counter", "unit": {"code": "B111"}, "isPrimary": True}],
    }
    assert {one["code"] for one in found["permissions"]} == set(CHIEF)
    assert found["permissions"][0]["reach"] == {
        "everything": False, "below": [org["C11"].path], "unitIds": [], "own": False,
    }  # fmt: skip
    assert found["limits"] == [{"kind": "refund", "amount": 500.0}]
    for nobody in ("anonymous", "shopper"):
        assert ask(people[nobody], PROFILE) is None


def test_ones_people(org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post) -> None:
    # given
    Staff.objects.filter(employee_no="CLERK").update(mobile="")
    clerk = Staff.objects.get(employee_no="CLERK")
    clerk.mobile = "13800001234"
    clerk.save(update_fields=["mobile"])
    StaffPost.objects.create(staff=clerk, post=counter, unit=org["B111"])

    # then
    def seen(who: str, **asked: Any) -> list[str]:
        return [one["employeeNo"] for one in ask(people[who], MEMBERS, **asked)]

    assert seen("chief") == ["CHIEF", "CLERK", "LOOKER"]
    assert seen("abroad") == ["ABROAD"]
    for nobody in ("anonymous", "shopper", "clerk"):
        assert seen(nobody) == []
    assert seen("chief", unit="b111") == ["CLERK"] == seen("chief", post="counter")
    assert seen("chief", search="look") == ["LOOKER"]
    assert seen("chief", first=1, after="CHIEF") == ["CLERK"]
    [shown] = ask(people["chief"], MEMBERS, post="counter")
    assert shown["mobile"] == "138****1234"
    assert shown["posts"] == [{"name": "营业员", "unit": {"code": "B111"}}]


def test_the_list_costs_the_same_however_long(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            ask(people["chief"], MEMBERS, first=100)
        return len(seen)

    # given
    StaffPost.objects.create(
        staff=Staff.objects.get(employee_no="CLERK"), post=counter, unit=org["B111"], is_primary=True
    )
    cost()  # what a process reads once
    few = cost()

    # when
    for number in range(6):
        made = person(org["B112"], f"more{number}")
        StaffPost.objects.create(staff=made.o2o_staff, post=counter, unit=org["B112"])

    # then
    assert cost() == few


#                                        looker               abroad
REFUSED: dict[str, tuple[str, str, str]] = {
    "hire": (HIRE, "PERMISSION_DENIED", "NOT_FOUND"),
    "assign": (ASSIGN, "PERMISSION_DENIED", "NOT_FOUND"),
    "leave": (LEAVE, "PERMISSION_DENIED", "NOT_FOUND"),
    "grant": (GRANT, "PERMISSION_DENIED", "NOT_FOUND"),
    "revoke": (REVOKE, "PERMISSION_DENIED", "NOT_FOUND"),
    "lend": (LEND, "NOT_FOUND", "NOT_FOUND"),
}


@pytest.mark.parametrize(("query", "looker", "abroad"), REFUSED.values(), ids=REFUSED)
def test_who_may_not(
    org: dict[str, OrgUnit],
    people: dict[str, User | None],
    counter: Post,
    query: str,
    looker: str,
    abroad: str,
) -> None:
    # given
    clerk = Staff.objects.get(employee_no="CLERK")
    held = RoleGrant.objects.create(staff=clerk, role=counter.role, unit=org["B111"], granted_by="system")
    given = {
        "unit": "B111", "no": "NEW-1", "email": "new@example.com", "staff": "CLERK", "post": "counter",
        "role": "counter", "id": held.pk, "to": "CLERK", "from": today(), "till": today(),
    }  # fmt: skip
    variables = {name: value for name, value in given.items() if f"${name}:" in query}
    before = (
        Staff.objects.count(),
        list(RoleGrant.objects.values_list("pk", "state")),
        StaffPost.objects.count(),
    )

    # then
    wanted = {"anonymous": "NOT_FOUND", "shopper": "NOT_FOUND", "looker": looker, "abroad": abroad}
    for who, code in wanted.items():
        answer = ask(people[who], query, **variables)
        assert [error["code"] for error in answer["errors"]] == [code], who
    after = (
        Staff.objects.count(),
        list(RoleGrant.objects.values_list("pk", "state")),
        StaffPost.objects.count(),
    )
    assert after == before


def test_hired_posted_given_and_gone(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    # given
    chief = people["chief"]
    Role.objects.create(code="looking", name="查看", level=Level.BRANCH, permissions=["staff.view"])
    Role.objects.create(code="wide", name="太宽", level=Level.BRANCH, permissions=["order.cancel"])

    # when
    hired = ask(chief, HIRE, unit="b111", no="new-1", email="new@example.com")
    posted = ask(chief, ASSIGN, staff="NEW-1", post="counter", unit="B111", why=None)
    given = ask(chief, GRANT, staff="NEW-1", role="looking", unit="B111", scope="UNITS", units=["B112"])
    wide = ask(chief, GRANT, staff="NEW-1", role="wide", unit="B111")
    taken = ask(chief, REVOKE, id=given["roleGrant"]["id"])
    post = ask(chief, REVOKE, id=RoleGrant.objects.get(source="post").pk)
    again_ = ask(chief, HIRE, unit="b111", no="new-1", email="other@example.com")
    gone = ask(chief, LEAVE, staff="new-1")

    # then
    assert hired == {"staff": {"employeeNo": "NEW-1", "mobile": "138****1234"}, "errors": []}
    assert posted["roleGrant"] == {"state": "ACTIVE"}
    assert posted["staffPost"] == {"code": "counter", "isPrimary": True}
    assert given["roleGrant"]["state"] == "ACTIVE"
    assert [error["code"] for error in wide["errors"]] == ["ROLE_TOO_WIDE"]
    assert taken == {"roleGrant": {"state": "REVOKED"}, "errors": []}
    assert [error["code"] for error in post["errors"]] == ["INVALID"]
    assert [(error["code"], error["field"]) for error in again_["errors"]] == [("CODE_TAKEN", "employeeNo")]
    assert gone == {"staff": {"status": "LEFT"}, "errors": []}
    assert not RoleGrant.objects.filter(staff__employee_no="NEW-1", state=GrantState.ACTIVE).exists()


def test_lending(org: dict[str, OrgUnit], people: dict[str, User | None]) -> None:
    # given
    lender = person(org["B111"], "LENDER", ["staff.view", "staff.delegate", "order.view"])
    role = RoleGrant.objects.get(staff=lender.o2o_staff).role.code
    days = {"from": today(), "till": today() + timedelta(days=2)}

    # when
    lent = ask(lender, LEND, role=role, to="CLERK", **days)
    twice = ask(lender, LEND, role=role, to="CLERK", **days)
    onward = ask(people["clerk"], LEND, role=role, to="LENDER", **days)

    # then
    assert lent == {"roleGrant": {"state": "ACTIVE", "source": "DELEGATION"}, "errors": []}
    assert [error["code"] for error in twice["errors"]] == ["CODE_TAKEN"]
    assert [error["code"] for error in onward["errors"]] == ["NOT_FOUND"]
