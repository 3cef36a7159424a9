"""Giving roles, taking them back, two people, and what it means for the dashboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User

from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.error_codes import OrgErrorCode as Code
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.limits import limit_at, require_limit
from plugins.org_hierarchy.models import DataScope, GrantState, OrgUnit, Role, RoleGrant, StaffStatus
from plugins.org_hierarchy.services.grants import (
    confirm_grant,
    end_expired,
    grant_role,
    refuse_grant,
    revoke_grant,
)
from plugins.org_hierarchy.services.saleor_groups import sync_all, sync_role
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.request import bind_request
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..orgs import again, grant, person, small_org

pytestmark = pytest.mark.django_db

GIVER = ("role.view", "role.grant", "staff.view", "order.view", "order.fulfil")


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def giver(org: dict[str, OrgUnit]) -> User:
    """The county's head, who may give what is seen and sent there."""
    return person(org["C11"], "head", GIVER, limits={"refund": "100.00"})


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> User:
    return person(org["B111"], "clerk")


def role(code: str, *permissions: str, level: int = Level.BRANCH, **more: Any) -> Role:
    return Role.objects.create(
        code=code, name=more.pop("name", code), level=level, permissions=list(permissions), **more
    )


def test_a_given_role_counts_at_once_here_and_in_the_dashboard(
    org: dict[str, OrgUnit], giver: User, clerk: User
) -> None:
    # given
    packing = role("packing", "order.view", "order.fulfil", name="打包员")
    assert not clerk.has_perm("order.manage_orders")

    # when
    made = grant_role(giver, clerk.o2o_staff, packing, org["B111"], reason="旺季")

    # then
    user = again(clerk)
    assert made.state == GrantState.ACTIVE
    assert made.granted_by == f"user:{giver.pk}"
    assert user.has_perm("order.fulfil") and user.has_perm("order.manage_orders")
    assert access_of(user).may_at("order.view", org["O1111"])
    assert [group.name for group in user.groups.all()] == ["岗位·打包员（packing）"]

    # when
    revoke_grant(giver, made, "旺季结束")

    # then
    user = again(clerk)
    made.refresh_from_db()
    assert made.state == GrantState.REVOKED and made.ended_at is not None
    assert not user.has_perm("order.fulfil") and not user.has_perm("order.manage_orders")
    assert not user.groups.exists()
    with pytest.raises(OrgError, match="已收回"):
        revoke_grant(giver, made)


TOO_WIDE = {
    "permission": ({"permissions": ["order.view", "order.cancel"]}, "您没有的权限：订单·取消"),
    "everywhere": (
        {"permissions": ["order.view"], "scope": DataScope.ALL},
        "超出您数据范围的权限：订单·查看",
    ),
    "money": (
        {"permissions": ["order.view"], "money_limits": {"refund": "100.01"}},
        "退款上限 ¥100.01 高于您的 ¥100.00",
    ),
    "kind of money": (
        {"permissions": [], "money_limits": {"cash": "1.00"}},
        "现金上限 ¥1.00 高于您的 ¥0.00",
    ),
}


@pytest.mark.parametrize(("wide", "said"), TOO_WIDE.values(), ids=TOO_WIDE)
def test_nobody_gives_more_than_he_has(
    org: dict[str, OrgUnit], giver: User, clerk: User, wide: dict[str, Any], said: str
) -> None:
    # given
    more = dict(wide)
    wider = role("wide", *more.pop("permissions"), **more)

    # when
    with pytest.raises(OrgError) as caught:
        grant_role(giver, clerk.o2o_staff, wider, org["B111"])

    # then
    assert caught.value.code == Code.ROLE_TOO_WIDE
    assert said in caught.value.message
    assert RoleGrant.objects.filter(role=wider).count() == 0


def test_named_units_must_be_within_reach(org: dict[str, OrgUnit], giver: User, clerk: User) -> None:
    # given
    look = role("look", "order.view", scope=DataScope.UNITS)

    # then
    with pytest.raises(OrgError) as caught:
        grant_role(giver, clerk.o2o_staff, look, org["B111"], units=[org["B112"], org["B121"]])
    assert caught.value.code == Code.ROLE_TOO_WIDE
    with pytest.raises(OrgError) as caught:
        grant_role(giver, clerk.o2o_staff, look, org["B111"])
    assert caught.value.code == Code.REQUIRED

    # when
    grant_role(giver, clerk.o2o_staff, look, org["B111"], units=[org["B112"]])

    # then
    assert access_of(again(clerk)).reach("order.view").units == {org["B112"].pk}


def test_what_was_lent_is_not_handed_on(org: dict[str, OrgUnit], giver: User, clerk: User) -> None:
    # given: cancelling was lent to the giver
    lent = grant(giver.o2o_staff, org["C11"], ["order.cancel"])
    RoleGrant.objects.filter(pk=lent.pk).update(source="delegation")
    assert access_of(again(giver)).has("order.cancel")

    # then
    with pytest.raises(OrgError) as caught:
        grant_role(again(giver), clerk.o2o_staff, role("cancelling", "order.cancel"), org["B111"])
    assert caught.value.code == Code.ROLE_TOO_WIDE


def test_refusals_of_a_grant(org: dict[str, OrgUnit], giver: User, clerk: User) -> None:
    # given
    look = role("look", "order.view")
    off = role("off", "order.view", is_active=False)
    county = role("county", "order.view", level=Level.COUNTY)
    foreign = role("foreign", "order.view", owner=org["C12"])
    far = person(org["B121"], "far")
    gone = person(org["B112"], "gone")
    type(gone.o2o_staff).objects.filter(pk=gone.o2o_staff.pk).update(status=StaffStatus.LEFT)
    cases: list[tuple[Any, User, Role, str]] = [
        (Code.INVALID, clerk, off, "B111"),
        (Code.WRONG_LEVEL, clerk, county, "B111"),
        (Code.INVALID, clerk, foreign, "B111"),
        (Code.STAFF_NOT_ACTIVE, gone, look, "B112"),
        (Code.SAME_PERSON, giver, county, "C11"),
        (OutOfScope, far, look, "B121"),
        (NotAllowed, clerk, look, "B121"),
    ]
    before = RoleGrant.objects.count()

    # then
    for wanted, to, which, at in cases:
        with pytest.raises(OrgError if isinstance(wanted, Code) else wanted) as caught:
            grant_role(giver, to.o2o_staff, which, org[at])
        if isinstance(wanted, Code):
            assert caught.value.code == wanted, (to, which, at)
    for last, code in ((today() - timedelta(days=1), Code.INVALID),):
        with pytest.raises(OrgError) as caught:
            grant_role(giver, clerk.o2o_staff, look, org["B111"], valid_to=last)
        assert caught.value.code == code
    assert RoleGrant.objects.count() == before
    grant_role(giver, clerk.o2o_staff, look, org["B111"])
    with pytest.raises(OrgError) as caught:
        grant_role(giver, clerk.o2o_staff, look, org["B111"])
    assert caught.value.code == Code.CODE_TAKEN


def test_books_and_money_are_never_one_person(org: dict[str, OrgUnit], giver: User, clerk: User) -> None:
    # given: only the second role names the first
    books = role("books", "order.view", name="会计")
    money = role("money", "order.view", name="出纳", incompatible=["books"])
    for first, second, who in ((books, money, "B111"), (money, books, "B112")):
        one = person(org[who], f"one-{who.lower()}")
        grant_role(giver, one.o2o_staff, first, org[who])

        # then
        with pytest.raises(OrgError) as caught:
            grant_role(giver, one.o2o_staff, second, org[who])
        assert caught.value.code == Code.ROLES_INCOMPATIBLE
        assert "不相容" in caught.value.message


# -- two people ------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(org: dict[str, OrgUnit]) -> User:
    return person(org["C11"], "second", ["role.view", "role.confirm"])


@pytest.fixture
def waiting(org: dict[str, OrgUnit], giver: User, clerk: User) -> RoleGrant:
    """A pending grant of a role that exports."""
    grant(giver.o2o_staff, org["C11"], ["order.export"])
    return grant_role(giver, clerk.o2o_staff, role("taking", "order.view", "order.export"), org["B111"])


def test_a_sensitive_role_waits_for_the_second_person(
    org: dict[str, OrgUnit], waiting: RoleGrant, clerk: User, second: User
) -> None:
    # given
    assert waiting.state == GrantState.PENDING
    assert not again(clerk).has_perm("order.export") and not again(clerk).groups.exists()

    # when
    with bind_request(actor=f"user:{second.pk}"):
        confirm_grant(second, waiting, "已核实")

    # then
    waiting.refresh_from_db()
    assert (waiting.state, waiting.confirmed_by) == (GrantState.ACTIVE, f"user:{second.pk}")
    assert again(clerk).has_perm("order.export") and again(clerk).has_perm("order.manage_orders")
    line = AuditEntry.objects.get(action="org_hierarchy.grant.confirmed")
    assert line.org_path == org["B111"].path
    assert (line.before, line.after["state"]) == ({"state": "pending"}, "active")


def test_refusing_needs_a_reason_and_is_final(waiting: RoleGrant, clerk: User, second: User) -> None:
    # then
    with pytest.raises(OrgError):
        refuse_grant(second, waiting, " ")

    # when
    refuse_grant(second, waiting, "不需要导出")

    # then
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decision_note) == (GrantState.REFUSED, "不需要导出")
    with pytest.raises(OrgError) as caught:
        confirm_grant(second, waiting)
    assert caught.value.code == Code.CHANGED_MEANWHILE
    assert not again(clerk).has_perm("order.export")


def test_who_may_confirm(org: dict[str, OrgUnit], waiting: RoleGrant, giver: User, clerk: User) -> None:
    # given: everybody may confirm, somewhere
    abroad = person(org["C12"], "abroad", ["role.view", "role.confirm"])
    looker = person(org["C11"], "looker", ["role.view"])
    for user in (giver, clerk):
        grant(user.o2o_staff, org["C11"], ["role.view", "role.confirm"])

    # then
    for user, refusal in ((giver, Code.SAME_PERSON), (clerk, Code.SAME_PERSON)):
        with pytest.raises(OrgError) as caught:
            confirm_grant(again(user), waiting)
        assert caught.value.code == refusal
    with pytest.raises(OutOfScope):
        confirm_grant(abroad, waiting)
    with pytest.raises(NotAllowed):
        confirm_grant(looker, waiting)
    waiting.refresh_from_db()
    assert waiting.state == GrantState.PENDING


def test_a_giver_who_lost_the_right_no_longer_backs_the_grant(
    org: dict[str, OrgUnit], waiting: RoleGrant, giver: User, clerk: User, second: User
) -> None:
    # given
    RoleGrant.objects.filter(staff=giver.o2o_staff).update(state=GrantState.REVOKED)

    # then: not on somebody's word who could not give it either
    with pytest.raises(OrgError) as caught:
        confirm_grant(second, waiting)
    assert caught.value.code == Code.ROLE_TOO_WIDE

    # when: by somebody who could
    grant(second.o2o_staff, org["C11"], ["order.view", "order.export"])
    confirm_grant(again(second), waiting)

    # then
    assert again(clerk).has_perm("order.export")


# -- time, groups, limits ----------------------------------------------------------------------------------------------


def test_expired_grants_end_and_groups_are_repaired(
    org: dict[str, OrgUnit], giver: User, clerk: User
) -> None:
    # given
    packing = role("packing", "order.fulfil")
    made = grant_role(giver, clerk.o2o_staff, packing, org["B111"], valid_to=today())
    RoleGrant.objects.filter(pk=made.pk).update(
        valid_from=today() - timedelta(days=9), valid_to=today() - timedelta(days=1)
    )

    # when
    assert end_expired() == 1

    # then
    made.refresh_from_db()
    assert made.state == GrantState.EXPIRED
    assert not again(clerk).groups.exists()
    assert AuditEntry.objects.filter(action="org_hierarchy.grant.expired", subject_id=made.pk).count() == 1
    assert end_expired() == 0

    # when: somebody puts the clerk into the group in the dashboard, and empties the group's permissions
    sync_role(packing)
    packing.refresh_from_db()
    clerk.groups.add(packing.group)
    packing.group.permissions.clear()
    repaired = sync_all()

    # then
    assert (repaired["removed"], repaired["groups"] > 0) == (1, True)
    assert not again(clerk).has_perm("order.manage_orders")
    assert sync_all() == {"groups": 0, "added": 0, "removed": 0}


def test_limits_are_those_of_the_roles_over_the_unit(org: dict[str, OrgUnit]) -> None:
    # given: fifty for the county, five hundred for one branch; the area's head decides more
    clerk = person(org["C11"], "clerk", ["order.refund"], limits={"refund": "50.00"})
    grant(clerk.o2o_staff, org["B111"], ["order.refund"], limits={"refund": "500.00"})
    person(org["A1"], "area", ["order.refund"], limits={"refund": "2000.00"})
    person(org["A2"], "other", ["order.refund"], limits={"refund": "9000.00"})

    # then
    user = again(clerk)
    assert limit_at(user, "refund", org["B112"]) == Decimal("50.00")
    assert limit_at(user, "refund", org["B111"]) == Decimal("500.00")
    assert limit_at(user, "refund", org["B121"]) == Decimal(0)
    require_limit(user, "refund", Decimal("50.00"), org["B112"])
    with pytest.raises(OrgError) as caught:
        require_limit(user, "refund", Decimal("50.01"), org["B112"])
    assert caught.value.code == Code.LIMIT_EXCEEDED
    assert "¥50.01" in caught.value.message and "¥50.00" in caught.value.message
    assert caught.value.hint == "可以办理的人员：渝中片区中心 area"
