"""The API of departments, posts and roles: what is seen, what is set up, what is refused, and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import Department, GrantState, OrgUnit, Post, Role, RoleGrant, StaffPost
from plugins.org_hierarchy.services.grants import grant_role

from ..orgs import person, small_org
from .test_staff_graphql import ask

pytestmark = pytest.mark.django_db
CHIEF = (
    "staff.view", "staff.create", "staff.edit", "staff.leave", "role.view", "role.create", "role.edit", "role.grant",
    "role.confirm", "order.view", "org_unit.view", "org_unit.edit",
)  # fmt: skip
ERRORS = "errors { field code message }"
DEPARTMENT = f"department {{ code name isActive people unit {{ code }} }} {ERRORS}"
POST = f"post {{ code name level owner department role {{ code }} isActive people }} {ERRORS}"
ROLE = (
    "role { code name level owner scope permissions limits { kind amount } incompatible isActive"
    f" needsSecondFactor }} {ERRORS}"
)


def operation(name: str, arguments: dict[str, str], answer: str) -> str:
    declared = ", ".join(f"${key}: {kind}" for key, kind in arguments.items())
    passed = ", ".join(f"{key}: ${key}" for key in arguments)
    return f"mutation({declared}) {{ {name}({passed}) {{ {answer} }} }}"


TEXT = "String!"
OPERATIONS = {
    "orgDepartmentCreate": ({"unit": TEXT, "code": TEXT, "name": TEXT}, DEPARTMENT),
    "orgDepartmentUpdate": ({"unit": TEXT, "code": TEXT, "name": TEXT}, DEPARTMENT),
    "orgDepartmentSetActive": ({"unit": TEXT, "code": TEXT, "isActive": "Boolean!"}, DEPARTMENT),
    "orgPostCreate": ({"owner": "String", "code": TEXT, "name": TEXT, "role": TEXT, "department": "String"}, POST),
    "orgPostUpdate": ({"post": TEXT, "name": "String", "role": "String"}, POST),
    "orgPostSetActive": ({"post": TEXT, "isActive": "Boolean!"}, POST),
    "orgRoleCreate": (
        {
            "owner": "String", "code": TEXT, "name": TEXT, "level": "OrgUnitLevel!", "permissions": "[String!]!",
            "limits": "[OrgMoneyLimitInput!]", "incompatible": "[String!]",
        },
        ROLE,
    ),
    "orgRoleUpdate": (
        {"role": TEXT, "name": "String", "permissions": "[String!]", "limits": "[OrgMoneyLimitInput!]"}, ROLE,
    ),
    "orgRoleSetActive": ({"role": TEXT, "isActive": "Boolean!"}, ROLE),
    "staffTransfer": ({"staff": TEXT, "unit": TEXT, "reason": TEXT}, f"staff {{ unit {{ code }} }} {ERRORS}"),
    "staffSetStatus": (
        {"staff": TEXT, "step": "OrgStaffStep!", "reason": TEXT}, f"staff {{ status }} {ERRORS}",
    ),
    "staffPostEnd": ({"id": "ID!", "reason": TEXT}, f"staffPost {{ code validTo }} {ERRORS}"),
    "staffPostChange": (
        {"id": "ID!", "post": TEXT, "unit": TEXT, "reason": TEXT}, f"staffPost {{ code unit {{ code }} }} {ERRORS}",
    ),
    "staffHandOver": (
        {"staff": TEXT, "kind": TEXT, "keys": "[String!]!", "successor": TEXT}, f"count {ERRORS}",
    ),
    "roleGrantDecide": (
        {"id": "ID!", "agree": "Boolean!", "note": "String"},
        f"roleGrant {{ state staffName employeeNo reason }} {ERRORS}",
    ),
}  # fmt: skip
DEPARTMENTS = """query($unit: String, $first: Int, $after: ID) { orgDepartments(
  unit: $unit, first: $first, after: $after) { id code name people unit { code } } }"""
POSTS = """query($search: String) { orgPosts(search: $search, first: 100) {
  code owner people role { code permissions } } }"""
ROLES = """query($level: OrgUnitLevel, $after: String) { orgRoles(level: $level, after: $after, first: 100) {
  code owner permissions limits { kind amount } incompatible } }"""
PERMISSIONS = "{ orgPermissions { code label resourceLabel sensitive } }"
GRANTS = """query($state: OrgGrantState) { roleGrants(state: $state, first: 100) {
  id staffName state role { code } unit { code } } }"""
HOLDINGS = (
    "query($staff: String!) { staffHoldings(staff: $staff) { kind kindLabel key label note canHandOver } }"
)


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def people(org: dict[str, OrgUnit]) -> dict[str, User | None]:
    """Somebody of each kind; `CLERK` is the one things are done to."""
    return {
        "anonymous": None,
        "shopper": User.objects.create_user("x@example.com", "pass-word"),
        "looker": person(org["C11"], "LOOKER", ["staff.view", "role.view", "org_unit.view"]),
        "abroad": person(org["C12"], "ABROAD", CHIEF),
        "chief": person(org["C11"], "CHIEF", CHIEF, limits={"refund": "500.00"}),
        "clerk": person(org["B111"], "CLERK", ["order.view"]),
    }


@pytest.fixture
def counter() -> Post:
    role = Role.objects.create(code="counter", name="柜台", level=Level.BRANCH, permissions=["order.view"])
    return Post.objects.create(code="counter", name="营业员", level=Level.BRANCH, role=role)


def do(user: User | None, what: str, /, **given: Any) -> Any:
    arguments, answer = OPERATIONS[what]
    return ask(user, operation(what, {key: arguments[key] for key in given}, answer), **given)


def codes(answer: Any) -> list[tuple[str, str | None]]:
    return [(one["code"], one["field"]) for one in answer["errors"]]


def test_a_department_from_beginning_to_end(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    # given
    chief, clerk = people["chief"], people["clerk"]
    assert clerk is not None
    made = do(chief, "orgDepartmentCreate", unit="b111", code="parcels", name=" 包裹  组 ")
    place = Department.objects.get(code="parcels")
    held = StaffPost.objects.create(staff=clerk.o2o_staff, post=counter, unit=org["B111"], department=place)

    # when
    renamed = do(chief, "orgDepartmentUpdate", unit="B111", code="parcels", name="寄递组")
    twice = do(chief, "orgDepartmentCreate", unit="B111", code="parcels", name="又一个")
    off = do(chief, "orgDepartmentSetActive", unit="B111", code="parcels", isActive=False)
    held.delete()
    later = do(chief, "orgDepartmentSetActive", unit="B111", code="parcels", isActive=False)

    # then
    assert made == {
        "department": {"code": "parcels", "name": "包裹 组", "isActive": True, "people": 0, "unit": {"code": "B111"}},
        "errors": [],
    }  # fmt: skip
    assert (renamed["department"]["name"], renamed["department"]["people"]) == ("寄递组", 1)
    assert codes(twice) == [("CODE_TAKEN", "code")]
    [refused] = off["errors"]
    assert (refused["code"], refused["message"]) == ("HAS_BLOCKERS", "部门“寄递组”还有 1 人在岗，不能停用")
    assert later["department"]["isActive"] is False


def test_a_post_and_its_role_from_beginning_to_end(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    # given
    chief, clerk = people["chief"], people["clerk"]
    assert clerk is not None

    # when
    role = do(
        chief, "orgRoleCreate", owner="c11", code="parcel", name="包裹", level="BRANCH", permissions=["order.view"],
        limits=[{"kind": "refund", "amount": "200"}], incompatible=["counter"],
    )  # fmt: skip
    made = do(chief, "orgPostCreate", owner="C11", code="parcel-desk", name="包裹专员", role="parcel")
    post = Post.objects.get(code="parcel-desk")
    StaffPost.objects.create(staff=clerk.o2o_staff, post=post, unit=org["B111"])
    other = do(chief, "orgPostUpdate", post="parcel-desk", role="counter")
    off = do(chief, "orgPostSetActive", post="parcel-desk", isActive=False)
    named = do(chief, "orgPostUpdate", post="parcel-desk", name="寄递专员")

    # then
    assert role == {
        "role": {
            "code": "parcel", "name": "包裹", "level": "BRANCH", "owner": "C11", "scope": "UNIT_AND_BELOW",
            "permissions": ["order.view"], "limits": [{"kind": "refund", "amount": 200.0}],
            "incompatible": ["counter"], "isActive": True, "needsSecondFactor": False,
        },
        "errors": [],
    }  # fmt: skip
    assert made["post"] == {
        "code": "parcel-desk", "name": "包裹专员", "level": "BRANCH", "owner": "C11", "department": "",
        "role": {"code": "parcel"}, "isActive": True, "people": 0,
    }  # fmt: skip
    assert codes(other) == [("HAS_BLOCKERS", "role")]
    assert off["errors"][0]["message"] == "岗位“包裹专员”还有 1 人在岗，不能停用"
    assert (named["post"]["name"], named["post"]["people"]) == ("寄递专员", 1)


def test_no_role_and_no_post_is_wider_than_its_maker(
    org: dict[str, OrgUnit], people: dict[str, User | None]
) -> None:
    # given
    chief = people["chief"]
    Role.objects.create(code="wide", name="太宽", level=Level.BRANCH, permissions=["order.cancel"])
    new = {"owner": "C11", "code": "mine", "name": "自建", "level": "BRANCH"}

    # when
    wide = do(chief, "orgRoleCreate", **new, permissions=["order.view", "order.cancel"])
    rich = do(
        chief,
        "orgRoleCreate",
        **new,
        permissions=["order.view"],
        limits=[{"kind": "refund", "amount": "501"}],
    )
    bad = do(
        chief, "orgRoleCreate", **new, permissions=["order.view"], limits=[{"kind": "refund", "amount": "-1"}]
    )
    unknown = do(chief, "orgRoleCreate", **new, permissions=["order.fly"])
    company = do(chief, "orgRoleCreate", **{**new, "owner": None}, permissions=["order.view"])
    post = do(chief, "orgPostCreate", owner="C11", code="wide-desk", name="越权", role="wide")
    made = do(chief, "orgRoleCreate", **new, permissions=["order.view"])
    wider = do(chief, "orgRoleUpdate", role="mine", permissions=["order.view", "order.refund"])

    # then: refused with words that name what is too much, and nothing was written
    assert [codes(one)[0][0] for one in (wide, rich, post, wider)] == ["ROLE_TOO_WIDE"] * 4
    assert "订单·取消" in wide["errors"][0]["message"] + str(wide["errors"][0])
    assert codes(bad) == [("INVALID", "limitRefund")]
    assert codes(unknown) == [("INVALID", "permissions")]
    assert codes(company) == [("PERMISSION_DENIED", None)]
    assert made["errors"] == [] and Role.objects.get(code="mine").permissions == ["order.view"]
    assert not Post.objects.exists()


def test_a_role_is_switched_off_for_everybody(
    org: dict[str, OrgUnit], people: dict[str, User | None]
) -> None:
    # given
    chief, clerk = people["chief"], people["clerk"]
    assert clerk is not None
    do(
        chief,
        "orgRoleCreate",
        owner="C11",
        code="mine",
        name="自建",
        level="BRANCH",
        permissions=["order.view"],
    )
    held = grant_role(None, clerk.o2o_staff, Role.objects.get(code="mine"), org["B111"])
    assert held.state == GrantState.ACTIVE

    # when
    off = do(chief, "orgRoleSetActive", role="mine", isActive=False)

    # then
    assert off["role"]["isActive"] is False
    assert "mine" not in ask(clerk, "{ staffProfile { roles } }")["roles"]


def test_people_move_stop_and_come_back(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    # given
    chief, clerk = people["chief"], people["clerk"]
    assert clerk is not None
    lead = Post.objects.create(code="lead", name="组长", level=Level.BRANCH, role=counter.role)
    held = StaffPost.objects.create(staff=clerk.o2o_staff, post=counter, unit=org["B111"], is_primary=True)

    # when
    changed = do(chief, "staffPostChange", id=held.pk, post="lead", unit="B112", reason="轮岗")
    ended = do(chief, "staffPostEnd", id=StaffPost.objects.get(post=lead).pk, reason="轮岗结束")
    moved = do(chief, "staffTransfer", staff="clerk", unit="B112", reason="调动")
    off = do(chief, "staffSetStatus", staff="CLERK", step="DISABLE", reason="休假")
    again = do(chief, "staffSetStatus", staff="CLERK", step="DISABLE", reason="休假")
    on = do(chief, "staffSetStatus", staff="CLERK", step="ENABLE", reason="回来")
    oneself = do(chief, "staffSetStatus", staff="CHIEF", step="DISABLE", reason="休假")

    # then
    assert changed["staffPost"] == {"code": "lead", "unit": {"code": "B112"}}
    assert ended["staffPost"]["code"] == "lead" and ended["staffPost"]["validTo"]
    assert moved["staff"] == {"unit": {"code": "B112"}}
    assert (off["staff"], on["staff"]) == ({"status": "DISABLED"}, {"status": "ACTIVE"})
    assert len(again["errors"]) == 1 and codes(oneself) == [("SAME_PERSON", None)]


def test_what_is_in_hand_and_giving_it_away(org: dict[str, OrgUnit], people: dict[str, User | None]) -> None:
    # given
    chief, clerk = people["chief"], people["clerk"]
    assert clerk is not None
    heir = person(org["B111"], "HEIR")
    OrgUnit.objects.filter(pk=org["B111"].pk).update(manager=clerk.o2o_staff)

    # when
    [held] = ask(chief, HOLDINGS, staff="clerk")
    given = do(chief, "staffHandOver", staff="CLERK", kind=held["kind"], keys=[held["key"]], successor="HEIR")
    twice = do(chief, "staffHandOver", staff="CLERK", kind=held["kind"], keys=[held["key"]], successor="HEIR")

    # then
    assert held == {
        "kind": "managed-unit", "kindLabel": "负责的机构", "key": "B111", "label": "甲县一支局（B111）",
        "note": "负责人", "canHandOver": True,
    }  # fmt: skip
    assert given == {"count": 1, "errors": []}
    assert [one["code"] for one in twice["errors"]] == ["NOT_FOUND"]
    assert OrgUnit.objects.get(code="B111").manager == heir.o2o_staff
    for nobody in ("anonymous", "shopper", "looker", "abroad", "clerk"):
        assert ask(people[nobody], HOLDINGS, staff="CLERK") == [], nobody


def test_the_second_person(org: dict[str, OrgUnit], people: dict[str, User | None]) -> None:
    # given: a role with a sensitive right, given by the chief
    chief, clerk = people["chief"], people["clerk"]
    assert chief is not None and clerk is not None
    second = person(org["C11"], "SECOND", CHIEF)
    role = Role.objects.create(code="maker", name="建角色", level=Level.BRANCH, permissions=["role.create"])
    waiting = grant_role(chief, clerk.o2o_staff, role, org["B111"], reason="旺季")
    assert waiting.state == GrantState.PENDING

    # when
    [seen] = ask(second, GRANTS, state="PENDING")
    own = do(chief, "roleGrantDecide", id=waiting.pk, agree=True)
    silent = do(second, "roleGrantDecide", id=waiting.pk, agree=False)
    agreed = do(second, "roleGrantDecide", id=waiting.pk, agree=True)
    late = do(second, "roleGrantDecide", id=waiting.pk, agree=False, note="晚了")

    # then
    assert seen == {
        "id": str(waiting.pk), "staffName": "CLERK", "state": "PENDING", "role": {"code": "maker"},
        "unit": {"code": "B111"},
    }  # fmt: skip
    assert codes(own) == [("SAME_PERSON", None)]
    assert [one["code"] for one in silent["errors"]] == ["REQUIRED"]
    assert agreed["roleGrant"] == {
        "state": "ACTIVE", "staffName": "CLERK", "employeeNo": "CLERK", "reason": "旺季",
    }  # fmt: skip
    assert [one["code"] for one in late["errors"]] == ["CHANGED_MEANWHILE"]


def test_who_sees_what(org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post) -> None:
    # given
    for code, name in (("B111", "甲"), ("B121", "乙")):
        Department.objects.create(unit=org[code], code="d", name=name)
    Role.objects.create(code="theirs", name="乙县自建", level=Level.BRANCH, owner=org["C12"], permissions=[])
    Post.objects.create(
        code="theirs",
        name="乙县岗",
        level=Level.BRANCH,
        owner=org["C12"],
        role=Role.objects.get(code="theirs"),
    )

    def seen(who: str, query: str, **asked: Any) -> set[str]:
        return {one.get("name") or one["code"] for one in ask(people[who], query, **asked)}

    # then: departments by unit, posts and roles of the company and of one's own line
    assert seen("looker", DEPARTMENTS) == {"甲"} and seen("abroad", DEPARTMENTS) == {"乙"}
    assert seen("looker", POSTS) == {"counter"} and seen("abroad", POSTS) == {"counter", "theirs"}
    assert "theirs" not in seen("looker", ROLES) and "theirs" in seen("abroad", ROLES)
    for nobody in ("anonymous", "shopper", "clerk"):
        for query in (DEPARTMENTS, POSTS, ROLES, PERMISSIONS, GRANTS):
            assert ask(people[nobody], query) == [], nobody
    known = {one["code"]: one for one in ask(people["looker"], PERMISSIONS)}
    assert known["role.create"] == {
        "code": "role.create", "label": "新建", "resourceLabel": "角色", "sensitive": True,
    }  # fmt: skip
    assert known["order.view"]["sensitive"] is False


def test_what_is_in_a_role_is_for_those_who_look_at_roles(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    # given: may appoint, may not look at roles
    clerk = people["clerk"]
    assert clerk is not None
    boss = person(org["C11"], "BOSS", ["staff.view", "staff.edit", "org_unit.view", "order.view"])
    held = StaffPost.objects.create(staff=clerk.o2o_staff, post=counter, unit=org["B111"])
    RoleGrant.objects.create(
        staff=clerk.o2o_staff, role=counter.role, unit=org["B111"], staff_post=held, source="post"
    )
    query = """mutation { staffAssign(staff: "CLERK", post: "counter", unit: "B112") {
      roleGrant { role { code permissions limits { kind } incompatible } } errors { code } } }"""

    # then
    told = ask(boss, query)
    assert told["errors"] == [{"code": "NOT_FOUND"}]  # posts belong to those who look at roles, too
    shown = ask(people["looker"], ROLES, level="BRANCH")
    assert {"order.view"} == {
        code for one in shown if one["code"] == "counter" for code in one["permissions"]
    }


def test_pages_of_departments(org: dict[str, OrgUnit], people: dict[str, User | None]) -> None:
    # given
    for unit in ("B111", "B112", "C11"):
        for code in ("a", "b"):
            Department.objects.create(unit=org[unit], code=code, name=f"{unit}-{code}")

    # when
    first = ask(people["looker"], DEPARTMENTS, first=4)
    rest = ask(people["looker"], DEPARTMENTS, first=4, after=first[-1]["id"])

    # then
    names = [one["name"] for one in [*first, *rest]]
    assert names == ["B111-a", "B111-b", "B112-a", "B112-b", "C11-a", "C11-b"]
    assert ask(people["looker"], DEPARTMENTS, first=-1) == []
    assert [one["name"] for one in ask(people["looker"], DEPARTMENTS, unit="c11")] == ["C11-a", "C11-b"]


def test_lists_cost_the_same_however_long(
    org: dict[str, OrgUnit], people: dict[str, User | None], counter: Post
) -> None:
    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            ask(people["chief"], query)
        return len(seen)

    # given
    clerk = people["clerk"]
    assert clerk is not None
    Department.objects.create(unit=org["B111"], code="d", name="d")
    queries = (DEPARTMENTS, POSTS, ROLES, GRANTS)
    for query in queries:
        cost(query)  # what a process reads once
    few = [cost(query) for query in queries]

    # when
    for number in range(5):
        role = Role.objects.create(
            code=f"more{number}",
            name="更多",
            level=Level.BRANCH,
            owner=org["C11"],
            permissions=["order.view"],
        )
        post = Post.objects.create(
            code=f"more{number}", name="更多", level=Level.BRANCH, owner=org["C11"], role=role
        )
        place = Department.objects.create(unit=org["B112"], code=f"more{number}", name="更多")
        StaffPost.objects.create(staff=clerk.o2o_staff, post=post, unit=org["B112"], department=place)
        RoleGrant.objects.create(staff=clerk.o2o_staff, role=role, unit=org["B112"], granted_by="system")

    # then
    assert [cost(query) for query in queries] == few


#: operation: the looker's refusal, the neighbour's
REFUSED = {
    "orgDepartmentCreate": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgDepartmentUpdate": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgDepartmentSetActive": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgPostCreate": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgPostUpdate": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgPostSetActive": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgRoleCreate": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgRoleUpdate": ("PERMISSION_DENIED", "NOT_FOUND"),
    "orgRoleSetActive": ("PERMISSION_DENIED", "NOT_FOUND"),
    "staffTransfer": ("PERMISSION_DENIED", "NOT_FOUND"),
    "staffSetStatus": ("PERMISSION_DENIED", "NOT_FOUND"),
    "staffPostEnd": ("PERMISSION_DENIED", "NOT_FOUND"),
    "staffPostChange": ("PERMISSION_DENIED", "NOT_FOUND"),
    "staffHandOver": ("PERMISSION_DENIED", "NOT_FOUND"),
    "roleGrantDecide": ("PERMISSION_DENIED", "NOT_FOUND"),
}


@pytest.mark.parametrize(("name", "looker", "abroad"), [(name, *both) for name, both in REFUSED.items()])
def test_who_may_not(
    org: dict[str, OrgUnit],
    people: dict[str, User | None],
    counter: Post,
    name: str,
    looker: str,
    abroad: str,
) -> None:
    # given: a department, a post and a role of the county, somebody in them, a grant that waits
    clerk = people["clerk"]
    assert clerk is not None
    role = Role.objects.create(
        code="mine", name="自建", level=Level.BRANCH, owner=org["C11"], permissions=["order.view"]
    )
    Post.objects.create(code="mine", name="自建", level=Level.BRANCH, owner=org["C11"], role=role)
    place = Department.objects.create(unit=org["B111"], code="mine", name="自建")
    held = StaffPost.objects.create(staff=clerk.o2o_staff, post=counter, unit=org["B111"], department=place)
    waiting = RoleGrant.objects.create(
        staff=clerk.o2o_staff, role=role, unit=org["B111"], state=GrantState.PENDING, granted_by="system"
    )
    OrgUnit.objects.filter(pk=org["B111"].pk).update(manager=clerk.o2o_staff)
    given = {
        "unit": "B111", "owner": "C11", "code": "mine", "name": "改", "isActive": False, "post": "mine",
        "role": "mine", "level": "BRANCH", "permissions": ["order.view"], "staff": "CLERK", "reason": "改",
        "step": "DISABLE", "id": waiting.pk if name == "roleGrantDecide" else held.pk, "agree": True,
        "kind": "managed-unit", "keys": ["B111"], "successor": "LOOKER",
    }  # fmt: skip
    given |= {"code": "new"} if name.endswith("Create") else {}
    given |= {"unit": "B112"} if name in ("staffTransfer", "staffPostChange") else {}
    given |= {"role": "mine"} if name == "orgPostCreate" else {}
    variables = {key: given[key] for key in OPERATIONS[name][0] if key in given}

    def footprint() -> Any:
        return [
            list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
            for model in (Department, Post, Role, StaffPost, RoleGrant, OrgUnit)
        ] + [list(User.objects.order_by("pk").values("pk", "is_active"))]

    before = footprint()

    # then
    wanted = {"anonymous": "NOT_FOUND", "shopper": "NOT_FOUND", "looker": looker, "abroad": abroad}
    for who, code in wanted.items():
        answer = do(people[who], name, **variables)
        assert [error["code"] for error in answer["errors"]] == [code], who
    assert footprint() == before
