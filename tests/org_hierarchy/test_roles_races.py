"""Roles under many hands: one decision per grant, and nobody keeps what he should not have."""

from __future__ import annotations

from typing import Any

import pytest
from saleor.account.models import User

from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import GrantState, OrgUnit, Role, RoleGrant, Staff, StaffStatus
from plugins.org_hierarchy.services import grants
from plugins.org_hierarchy.services.grants import confirm_grant, grant_role, refuse_grant
from plugins.org_hierarchy.services.roles import change_role
from plugins.org_hierarchy.services.staffing import leave
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, person, small_org
from ..threads import kinds, together

pytestmark = pytest.mark.django_db(transaction=True)

CHIEF = ("staff.view", "staff.leave", "role.view", "role.grant", "role.confirm", "order.view", "order.export")


@pytest.fixture
def org(settings: Any) -> dict[str, OrgUnit]:
    settings.O2O_LOCK_TIMEOUT = 60
    return small_org()


def role(code: str, *permissions: str) -> Role:
    return Role.objects.create(code=code, name=code, level=Level.BRANCH, permissions=list(permissions))


def test_one_grant_is_decided_once(org: dict[str, OrgUnit]) -> None:
    # given
    chief, clerk = person(org["C11"], "chief", CHIEF), person(org["B111"], "clerk")
    deciders = [person(org["C11"], f"second{number}", CHIEF) for number in range(6)]
    waiting = grant_role(chief, clerk.o2o_staff, role("taking", "order.export"), org["B111"])
    assert waiting.state == GrantState.PENDING

    # when: half of them agree, half do not
    def decide(number: int) -> Any:
        grant = RoleGrant.objects.get(pk=waiting.pk)
        if number % 2:
            return refuse_grant(again(deciders[number]), grant, "不需要")
        return confirm_grant(again(deciders[number]), grant)

    results = together(*[lambda number=number: decide(number) for number in range(6)])

    # then
    assert kinds(results) == ["OrgError"] * 5 + ["RoleGrant"]
    [winner] = [one for one in results if isinstance(one, RoleGrant)]
    waiting.refresh_from_db()
    assert waiting.state == winner.state
    assert again(clerk).has_perm("order.export") is (winner.state == GrantState.ACTIVE)
    decided = AuditEntry.objects.filter(
        action__in=["org_hierarchy.grant.confirmed", "org_hierarchy.grant.refused"]
    )
    assert decided.count() == 1


def race_of_leaving(org: dict[str, OrgUnit]) -> tuple[User, list[Any]]:
    """A clerk leaves while six people give roles; returns the clerk and who said what."""
    givers = [person(org["C11"], f"giver{number}", CHIEF) for number in range(6)]
    clerk = person(org["B111"], "clerk")
    roles = [role(f"look{number}", "order.view") for number in range(6)]

    def give(number: int) -> Any:
        staff = Staff.objects.get(user=clerk)
        return grant_role(again(givers[number]), staff, roles[number], org["B111"])

    def go() -> Any:
        return leave(None, Staff.objects.get(user=clerk), reason="辞职")

    return clerk, together(go, *[lambda number=number: give(number) for number in range(6)])


def test_whoever_leaves_keeps_nothing(org: dict[str, OrgUnit]) -> None:
    # when
    clerk, results = race_of_leaving(org)

    # then
    assert isinstance(results[0], Staff), results[0]
    assert {type(one).__name__ for one in results[1:]} <= {"RoleGrant", "OrgError"}
    assert Staff.objects.get(user=clerk).status == StaffStatus.LEFT
    assert not RoleGrant.objects.filter(staff__user=clerk, state__in=grants.LIVE).exists()
    user = again(clerk)
    assert not user.groups.exists() and not user.is_active and not access_of(user).reaches


def test_without_the_lock_somebody_would_keep_a_role(
    org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the giver looks, then waits until the clerk has gone, and the person's row is not locked
    clerk, giver = person(org["B111"], "clerk"), person(org["C11"], "giver", CHIEF)
    look = role("look", "order.view")
    compatible = grants.require_compatible

    def late(*args: Any) -> None:
        together(lambda: leave(None, Staff.objects.get(user=clerk), reason="辞职"))
        compatible(*args)

    def unlocked(by: Any, staff: Staff, which: Role) -> tuple[Staff, Role]:
        return Staff.objects.get(pk=staff.pk), Role.objects.get(pk=which.pk)

    monkeypatch.setattr(grants, "require_compatible", late)
    monkeypatch.setattr(grants, "lock_for", unlocked)

    # when
    grant_role(giver, clerk.o2o_staff, look, org["B111"])

    # then: the race that the lock prevents
    assert RoleGrant.objects.filter(staff__user=clerk, state=GrantState.ACTIVE).exists()


def test_a_role_is_not_widened_past_the_second_person_while_it_is_given(org: dict[str, OrgUnit]) -> None:
    for round_ in range(4):
        # given
        chief = person(org["CQ"], f"chief{round_}", [*CHIEF, "role.edit"], scope="all")
        clerk = person(org["B111"], f"clerk{round_}")
        small = role(f"small{round_}", "order.view")

        # when: given as harmless, and widened by something sensitive, at once
        given, widened = together(
            lambda chief=chief, clerk=clerk, small=small: grant_role(
                again(chief), clerk.o2o_staff, Role.objects.get(pk=small.pk), org["B111"]
            ),
            lambda chief=chief, small=small: change_role(
                again(chief), Role.objects.get(pk=small.pk), permissions=["order.view", "order.export"]
            ),
        )

        # then: whoever came first, nobody exports on one person's word
        assert isinstance(given, RoleGrant), given
        assert type(widened).__name__ in ("Role", "OrgError")
        assert not again(clerk).has_perm("order.export")
