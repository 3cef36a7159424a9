"""The company's posts and roles as data."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from saleor.account.models import User

from plugins.org_hierarchy.access import registry
from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import Department, Post, Role
from plugins.org_hierarchy.services.templates import (
    department_templates,
    ensure_departments,
    expand,
    post_templates,
    sync_templates,
)
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import small_org

CODES = {
    Level.CITY: {
        "city-director", "city-general", "city-operations", "city-marketing", "city-merchants", "city-ticketing",
        "city-service", "city-accountant", "city-cashier", "city-risk", "city-tech", "city-logistics",
    },
    Level.AREA: {"area-manager", "area-supervisor", "area-analyst"},
    Level.COUNTY: {
        "county-director", "county-merchants", "county-operations", "county-service", "county-finance",
        "county-dispatch",
    },
    Level.BRANCH: {"branch-manager", "branch-clerk", "branch-courier", "branch-liaison"},
    Level.OUTLET: {"outlet-keeper", "outlet-clerk", "outlet-gate", "outlet-organiser"},
}  # fmt: skip


def test_every_level_has_its_posts() -> None:
    # then
    for level, codes in CODES.items():
        assert {one.code for one in post_templates() if one.level == level} == codes
    assert len(post_templates()) == 29


def test_whoever_leads_holds_what_the_led_hold() -> None:
    # given
    by_code = {one.code: one for one in post_templates()}
    chain = ("outlet-keeper", "branch-manager", "county-director", "area-manager", "city-director")

    # then: permissions and limits grow on the way up
    for led, leader in pairwise(chain):
        assert set(expand(by_code[led].patterns)) <= set(expand(by_code[leader].patterns))
        for kind, amount in by_code[led].limits.items():
            assert Decimal(by_code[leader].limits[kind]) > Decimal(amount)
    for template in post_templates():
        leader = by_code[
            {
                1: "city-director",
                2: "area-manager",
                3: "county-director",
                4: "branch-manager",
                5: "outlet-keeper",
            }[template.level]
        ]
        assert set(expand(template.patterns)) <= set(expand(leader.patterns)), template.code


def test_money_and_book_are_apart_and_finance_needs_a_second_factor() -> None:
    # given
    by_code = {one.code: one for one in post_templates()}

    # then
    assert by_code["city-cashier"].incompatible == ("city-accountant",)
    assert by_code["city-accountant"].incompatible == ("city-cashier",)
    for code in ("city-cashier", "city-accountant", "county-finance"):
        assert by_code[code].second_factor
    for template in post_templates():
        assert set(template.incompatible) <= by_code.keys()


def test_patterns_name_declared_permissions_only() -> None:
    # then
    assert expand(["role.*", "nothing.like.this", "order.view"]) == [
        "order.view", "role.view", "role.create", "role.edit", "role.grant", "role.confirm",
    ]  # fmt: skip
    assert expand(["*"]) == list(registry.permissions())


@pytest.mark.django_db
def test_seeding_twice_changes_nothing() -> None:
    # when
    first, second = sync_templates(), sync_templates()

    # then
    assert (first["roles"], first["posts"]) == (29, 29)
    assert second == {"roles": 0, "posts": 0, "permissions": 0}
    assert Post.objects.filter(role__code="branch-clerk").get().name == "营业员"
    assert Role.objects.get(code="branch-clerk").scope == "unit_and_below"


@pytest.mark.django_db
def test_the_city_has_departments_and_the_branch_none() -> None:
    # given
    org = small_org()

    # when
    made = ensure_departments(org["CQ"])
    again = ensure_departments(org["CQ"])

    # then
    assert {one.code for one in made} == {one.code for one in department_templates()}
    assert len(again) == 10 == Department.objects.count()
    assert ensure_departments(org["B111"]) == []


@pytest.mark.django_db
def test_a_plugin_that_comes_later_brings_its_permissions_and_taken_ones_stay_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given: the company took a permission away and added one
    sync_templates()
    role = Role.objects.get(code="branch-courier")
    role.permissions = ["order.view", "audit.view"]
    role.save()

    # when: a plugin declares one that the template names
    monkeypatch.setitem(registry._permissions, "map.zoom", registry.permissions()["audit.view"])
    monkeypatch.setattr(registry, "_permissions", {**registry._permissions})
    before = sync_templates()
    county = Role.objects.get(code="county-dispatch")

    # then
    assert before["permissions"] > 0
    assert "map.zoom" in county.permissions
    role.refresh_from_db()
    assert role.permissions == ["order.view", "audit.view"]


@pytest.mark.django_db
def test_the_first_director_is_appointed_by_the_system() -> None:
    # given
    small_org()
    wanted = ("cq-1", "陈市中", "chen@example.com", "city-director", "cq")
    said = StringIO()

    # when
    call_command("o2o_roles", "--appoint", *wanted, stdout=said)

    # then
    director = User.objects.get(email="chen@example.com")
    assert access_of(director).reach("role.grant").everything
    assert director.has_perm("order.manage_orders") and not director.has_usable_password()
    assert AuditEntry.objects.filter(actor="command:o2o_roles").count() >= 3
    assert said.getvalue().startswith("角色 29，岗位 29，")
    for wrong in (("cq-2", "某", "x@example.com", "nobody", "cq"), wanted):
        with pytest.raises(CommandError):
            call_command("o2o_roles", "--appoint", *wrong, stdout=said)


def test_every_permission_is_held_by_somebody_who_works_with_it() -> None:
    """What only the director holds, who holds all, is a page that nobody opens."""
    held = {
        code
        for template in post_templates()
        if template.code != "city-director"
        for code in expand(template.patterns)
    }
    assert set(registry.permissions()) - held == set()
