"""The seeded organisation: the whole city, everybody in their posts, and nothing twice."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from shapely import STRtree, area, intersection
from shapely.geometry import Point, shape

from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.datum import check_position
from plugins.org_hierarchy.geometry import check_polygon
from plugins.org_hierarchy.levels import Level
from plugins.org_hierarchy.models import OrgUnit, Post, RoleGrant, Staff, StaffPost, UnitVersion
from plugins.org_hierarchy.seeds import chart, seed
from saleor_o2o.kernel.scope import rows_for
from saleor_o2o.seeding import people as core_people
from saleor_o2o.seeding.context import SeedContext

pytestmark = pytest.mark.django_db


def test_the_plan_is_the_real_citys() -> None:
    # given
    plans = chart.plans()

    # then
    levels = Counter(plan.level for plan in plans)
    assert (levels[Level.CITY], levels[Level.AREA], levels[Level.COUNTY]) == (1, 4, 38)
    assert levels[Level.BRANCH] == 411 and levels[Level.OUTLET] == 5 * 411
    assert len({plan.code for plan in plans}) == len(plans)
    for plan in plans:
        if plan.lng is not None and plan.lat is not None:
            assert check_position(plan.lng, plan.lat, "gcj02") == (plan.lng, plan.lat)


def test_service_areas_hold_their_branch_and_never_overlap() -> None:
    # given
    branches = [plan for plan in chart.plans() if plan.level == Level.BRANCH]
    shapes = [shape(check_polygon(plan.area)) for plan in branches]

    # then
    for plan, drawn in zip(branches, shapes, strict=True):
        assert drawn.contains(Point(plan.lng, plan.lat)), plan.name
    left, right = STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a < b]
    assert pairs
    worst = max(area(intersection(shapes[a], shapes[b])) for a, b in pairs)
    assert worst < 1e-7  # square degrees: about a thousand square metres, from rounding long edges


def test_seeding_twice_makes_everything_once() -> None:
    # given
    core_people.seed(SeedContext(say=lambda text: None))
    first, second = SeedContext(say=lambda text: None), SeedContext(say=lambda text: None)

    # when
    seed(first)
    with CaptureQueriesContext(connection) as queries:
        seed(second)

    # then: everybody is in their post, with its role, and the tree is sound
    assert first.created["机构"] == OrgUnit.objects.count() == UnitVersion.objects.count() == 2509
    assert first.created["人员"] == Staff.objects.count() == StaffPost.objects.count()
    assert RoleGrant.objects.count() == StaffPost.objects.count()
    held = set(StaffPost.objects.values_list("post__code", flat=True))
    assert held == set(Post.objects.values_list("code", flat=True))
    for unit in OrgUnit.objects.select_related("parent").exclude(parent=None):
        assert unit.parent is not None
        assert unit.path == f"{unit.parent.path}{unit.pk}/" and unit.level == unit.parent.level + 1
    assert not OrgUnit.objects.filter(manager=None, level__lte=Level.BRANCH).exists()

    # and the second run writes nothing but says again whom one can log in as
    assert second.created == {}
    assert second.logins == first.logins
    assert not [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE"))]

    # and a demo person logs in and sees his part of the city
    row = next(one for one in first.logins if one["who"] == "county_yuzhong")
    director = User.objects.get(email=row["login"])
    assert director.check_password(row["password"])
    seen = rows_for(director, OrgUnit)
    assert seen.count() == 1 + 11 + 55
    assert access_of(director).has("order.view")


def test_own_passwords_leave_the_demo_people_without_one() -> None:
    # given
    passwords = {person.who: "own-password" for person in core_people.PEOPLE}
    context = SeedContext(say=lambda text: None, passwords=passwords)
    core_people.seed(context)

    # when
    seed(context)

    # then
    assert context.logins == []
    assert not User.objects.get(email="county_yuzhong@example.com").has_usable_password()
