"""Posts and departments: set up, changed, retired, never wider than their maker, and told in the audit trail."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.org_hierarchy.error_codes import OrgErrorCode as Code
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.models import Department, GrantState, OrgUnit, Post, Role, RoleGrant, StaffPost
from plugins.org_hierarchy.services import departments, post_kinds, posts
from plugins.org_hierarchy.services.closing import close_unit
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for

from ..orgs import again, person, small_org
from ..threads import meeting, together

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
P = "admin:o2o_org_hierarchy_"
CHIEF = (
    "staff.view", "staff.edit", "role.view", "role.create", "role.edit", "role.grant", "order.view", "org_unit.view",
    "org_unit.edit",
)  # fmt: skip


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def chief(org: dict[str, OrgUnit]) -> User:
    return person(org["C11"], "chief", CHIEF, limits={"refund": "500.00"})


@pytest.fixture
def role() -> Role:
    return Role.objects.create(code="parcel", name="包裹", level=4, permissions=["order.view"])


def told(name: str) -> int:
    return AuditEntry.objects.filter(action=f"org_hierarchy.{name}").count()


def refused(code: Code, deed: Any) -> OrgError:
    with pytest.raises(OrgError) as caught:
        deed()
    assert caught.value.code == code
    return caught.value


def test_a_county_has_a_post_of_its_own(org: dict[str, OrgUnit], chief: User, role: Role) -> None:
    # when
    made = post_kinds.create_post(chief, org["C11"], code="parcel-desk", name=" 包裹  专员 ", role=role)

    # then
    assert (made.name, made.level, made.owner, made.is_active) == ("包裹 专员", 4, org["C11"], True)
    [line] = AuditEntry.objects.filter(action="org_hierarchy.post.created")
    assert line.org_path == org["C11"].path and line.after["code"] == "parcel-desk"

    # then: it is seen and used there and below, nowhere else
    clerk = person(org["B111"], "clerk", ["role.view"])
    abroad = person(org["C12"], "abroad", CHIEF)
    seen = {user.first_name: made in rows_for(again(user), Post) for user in (chief, clerk, abroad)}
    assert seen == {"chief": True, "clerk": True, "abroad": False}
    held = posts.assign(chief, clerk.o2o_staff, made, org["B111"])
    assert held.grants.get().state == GrantState.ACTIVE
    other = person(org["B121"], "other")
    assert (
        refused(Code.INVALID, lambda: posts.assign(None, other.o2o_staff, made, org["B121"])).field == "post"
    )


@pytest.mark.parametrize(
    ("permissions", "limits", "scope", "words"),
    [
        (["order.refund"], {}, "unit", "您没有的权限"),
        (["order.view"], {}, "all", "超出您数据范围"),
        (["order.view"], {"refund": "500.01"}, "unit", "高于您的"),
    ],
)
def test_a_post_is_never_wider_than_its_maker(
    org: dict[str, OrgUnit],
    chief: User,
    permissions: list[str],
    limits: dict[str, str],
    scope: str,
    words: str,
) -> None:
    # given
    wide = Role.objects.create(
        code="wide", name="宽", level=4, permissions=permissions, money_limits=limits, scope=scope
    )

    # then
    error = refused(
        Code.ROLE_TOO_WIDE, lambda: post_kinds.create_post(chief, org["C11"], code="x1", name="x", role=wide)
    )
    assert error.field == "role" and words in str(error.message)
    assert not Post.objects.exists() and told("post.created") == 0


def test_what_else_a_post_may_not_be(org: dict[str, OrgUnit], chief: User, role: Role) -> None:
    # given
    def make(owner: str | None = "C11", **more: Any) -> Post:
        values = {"code": "x1", "name": "岗位", "role": role, **more}
        return post_kinds.create_post(chief, org[owner] if owner else None, **values)

    higher = Role.objects.create(code="higher", name="上级", level=2, permissions=["order.view"])
    off = Role.objects.create(code="off", name="停", level=4, permissions=["order.view"], is_active=False)
    theirs = Role.objects.create(code="theirs", name="他县", level=4, permissions=[], owner=org["C12"])

    # then
    refused(Code.WRONG_LEVEL, lambda: make(role=higher))
    refused(Code.INVALID, lambda: make(role=off))
    refused(Code.INVALID, lambda: make(role=theirs))
    refused(Code.INVALID, lambda: make(code="大写 A"))
    refused(Code.REQUIRED, lambda: make(name="   "))
    with pytest.raises(OutOfScope):
        make("C12")
    with pytest.raises(NotAllowed):
        make(None)
    assert not Post.objects.exists()
    make()
    refused(Code.CODE_TAKEN, make)
    assert Post.objects.count() == 1


def test_a_held_post_keeps_its_role_and_is_not_retired(
    org: dict[str, OrgUnit], chief: User, role: Role
) -> None:
    # given
    other = Role.objects.create(code="other", name="别的", level=4, permissions=["order.view"])
    made = post_kinds.create_post(chief, org["C11"], code="x1", name="岗位", role=role)
    clerk = person(org["B111"], "clerk")
    held = posts.assign(chief, clerk.o2o_staff, made, org["B111"])

    # then: the name may change, the rest not
    post_kinds.change_post_kind(chief, made, name="新名")
    error = refused(Code.HAS_BLOCKERS, lambda: post_kinds.change_post_kind(chief, made, role=other))
    assert "还有 1 人在岗" in str(error.message) and error.field == "role"
    refused(Code.HAS_BLOCKERS, lambda: post_kinds.switch_post(chief, made, False))

    # when: nobody has it any more, since a moment ago
    posts.end_post(chief, held, reason="调整")
    post_kinds.change_post_kind(chief, made, role=other)
    post_kinds.switch_post(chief, made, False)

    # then
    made.refresh_from_db()
    assert (made.name, made.role, made.is_active) == ("新名", other, False)
    refused(Code.INVALID, lambda: posts.assign(chief, clerk.o2o_staff, made, org["B111"]))
    assert (told("post.changed"), told("post.switched")) == (2, 1)
    post_kinds.switch_post(chief, made, True)
    assert Post.objects.get().is_active


def test_the_company_s_posts_are_the_city_s(org: dict[str, OrgUnit], chief: User, role: Role) -> None:
    # given
    post = Post.objects.create(code="clerk", name="营业员", level=4, role=role)
    city = person(org["CQ"], "city", CHIEF, scope="all")

    # then
    with pytest.raises(NotAllowed):
        post_kinds.change_post_kind(chief, post, name="x")
    with pytest.raises(NotAllowed):
        post_kinds.switch_post(chief, post, False)
    assert post_kinds.change_post_kind(city, post, name="柜员").name == "柜员"
    assert post_kinds.create_post(city, None, code="new", name="新岗", role=role).owner is None


def test_a_merged_unit_s_posts_go_to_its_successor(org: dict[str, OrgUnit], role: Role) -> None:
    # given
    made = post_kinds.create_post(None, org["B111"], code="x1", name="岗位", role=role)

    # when
    close_unit(org["B111"], reason="并入", successor=org["B112"])

    # then
    made.refresh_from_db()
    assert made.owner == org["B112"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_nobody_is_appointed_to_a_post_that_is_being_retired(
    monkeypatch: pytest.MonkeyPatch, settings: Any, locked: bool
) -> None:
    # given: all look, then write; with the lock they take turns, and a moment is enough for one to come in between
    settings.O2O_LOCK_TIMEOUT = 60
    org = small_org()
    role = Role.objects.create(code="parcel", name="包裹", level=4, permissions=["order.view"])
    post = post_kinds.create_post(None, org["C11"], code="x1", name="岗位", role=role)
    clerks = [person(org["B111"], f"clerk{number}").o2o_staff for number in range(3)]
    count, compatible = post_kinds.holders, posts.require_compatible
    # the appointments take turns at their unit: the first of them meets who retires
    wait = partial(time.sleep, 0.3) if locked else meeting(2)

    def slow_count(of: Post) -> int:
        found = count(of)
        wait()
        return found

    def slow_check(*args: Any) -> None:
        compatible(*args)
        wait()

    monkeypatch.setattr(post_kinds, "holders", slow_count)
    monkeypatch.setattr(posts, "require_compatible", slow_check)
    if not locked:
        monkeypatch.setattr(post_kinds, "_roles", lambda *keys: list(Role.objects.filter(pk__in=keys)))

    # when
    together(
        lambda: post_kinds.switch_post(None, post, False),
        *[lambda one=one: posts.assign(None, one, post, org["B111"]) for one in clerks],
    )

    # then
    post.refresh_from_db()
    torn = not post.is_active and StaffPost.objects.filter(post=post).exists()
    assert torn is (not locked)


def test_a_department_from_its_beginning_to_its_end(org: dict[str, OrgUnit], chief: User, role: Role) -> None:
    # when
    made = departments.create_department(chief, org["B111"], code="hall", name="大厅")
    departments.rename_department(chief, made, name="营业大厅")
    departments.rename_department(chief, made, name="营业大厅")  # nothing new, no line

    # then
    refused(Code.CODE_TAKEN, lambda: departments.create_department(chief, org["B111"], code="hall", name="x"))
    refused(Code.INVALID, lambda: departments.create_department(chief, org["B111"], code="大厅", name="x"))
    refused(Code.REQUIRED, lambda: departments.create_department(chief, org["B111"], code="h2", name=""))
    with pytest.raises(OutOfScope):
        departments.create_department(chief, org["B121"], code="hall", name="大厅")
    assert departments.create_department(None, org["B112"], code="hall", name="大厅").pk != made.pk

    # then: with somebody in it, it stays; without, nobody comes in any more
    post = post_kinds.create_post(None, None, code="x1", name="岗位", role=role)
    clerk = person(org["B111"], "clerk").o2o_staff
    held = posts.assign(chief, clerk, post, org["B111"], department=made)
    refused(Code.HAS_BLOCKERS, lambda: departments.switch_department(chief, made, False))
    posts.end_post(chief, held, reason="调整")
    departments.switch_department(chief, made, False)
    error = refused(Code.INVALID, lambda: posts.assign(chief, clerk, post, org["B111"], department=made))
    assert error.field == "department"
    assert (told("department.created"), told("department.renamed"), told("department.switched")) == (2, 1, 1)
    assert Department.objects.get(pk=made.pk).name == "营业大厅"


@pytest.fixture
def visit(settings: Any) -> Any:
    settings.O2O_UNASSIGNED_STAFF_GLOBAL = False

    def go(user: User, name: str, *args: Any, data: dict[str, Any] | None = None) -> Any:
        client = Client()
        client.force_login(user, backend=BACKEND)
        address = reverse(P + name, args=args)
        return client.get(address) if data is None else client.post(address, data)

    return go


def test_posts_and_departments_from_their_pages(
    org: dict[str, OrgUnit], chief: User, role: Role, visit: Any
) -> None:
    # given
    Department.objects.create(unit=org["B112"], code="hall", name="大厅")
    sent = {"owner": org["C11"].pk, "code": "desk", "name": "包裹岗", "role": role.pk, "department": "hall"}
    wide = Role.objects.create(code="wide", name="宽", level=4, permissions=["order.refund"])

    # when: too wide keeps what was typed; then right
    kept = visit(chief, "post_new", data={**sent, "role": wide.pk}).content.decode()
    done = visit(chief, "post_new", data=sent)

    # then
    assert "超出您自己的权限" in kept and 'value="包裹岗"' in kept
    post = Post.objects.get()
    assert done.url == reverse(P + "post_change", args=[post.pk])
    clerk = person(org["B112"], "clerk").o2o_staff
    posts.assign(chief, clerk, post, org["B112"])
    shown = visit(chief, "post_change", post.pk).content.decode()
    assert "clerk（clerk）" in shown and "停用" in shown
    blocked = visit(chief, "post_switch", post.pk, data={}).content.decode()
    assert "还有 1 人在岗，不能停用" in blocked and Post.objects.get().is_active
    listed = visit(chief, "post_changelist").content.decode()
    assert "大厅" in listed and "甲县中心" in listed

    # when: a department here, and one out of reach
    near = visit(chief, "department_new", data={"unit": org["B111"].pk, "code": "desk", "name": "柜台"})
    far = visit(chief, "department_new", data={"unit": org["B121"].pk, "code": "desk", "name": "柜台"})

    # then
    made = Department.objects.get(code="desk")
    assert (near.status_code, far.status_code, made.unit) == (302, 200, org["B111"])
    assert "没有这条记录，或不在您的管辖范围内" in far.content.decode()
    assert visit(chief, "department_edit", made.pk, data={"name": "前台"}).status_code == 302
    assert visit(chief, "department_switch", made.pk, data={}).status_code == 302
    assert (Department.objects.get(pk=made.pk).name, Department.objects.get(pk=made.pk).is_active) == (
        "前台",
        False,
    )
    assert RoleGrant.objects.filter(staff=clerk, role=role).count() == 1
