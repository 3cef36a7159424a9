"""The first steps of a new city: its root, its first people; said twice, nothing happens twice."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from plugins.org_hierarchy.access.grants import access_of
from plugins.org_hierarchy.levels import Level, UnitStatus
from plugins.org_hierarchy.models import OrgUnit, Staff, UnitVersion

pytestmark = pytest.mark.django_db

FIRST = [
    ["CQ000001", "陈明", "chen@example.com", "city-director", "5001"],
    ["CQ000002", "李静", "li@example.com", "city-risk", "5001"],
]


def test_a_city_begins_with_its_root_and_two_people() -> None:
    # when
    for _time in range(2):
        call_command("o2o_roles", root=["5001", "重庆市中心"])
    call_command("o2o_roles", appoint=FIRST)

    # then
    root = OrgUnit.objects.get()
    assert (root.code, root.name, root.level) == ("5001", "重庆市中心", Level.CITY)
    assert root.status == UnitStatus.ACTIVE and root.path == f"/{root.pk}/"
    assert UnitVersion.objects.filter(unit=root, valid_to=None).count() == 1
    first, second = (person.user for person in Staff.objects.order_by("employee_no"))
    assert access_of(first).may_at("org_unit.create", root)
    assert access_of(second).may_at("role.confirm", root)


def test_a_second_root_and_a_bad_code_are_refused_in_words() -> None:
    # given
    call_command("o2o_roles", root=["5001", "重庆市中心"])

    # then
    with pytest.raises(CommandError, match="市中心只能有一个"):
        call_command("o2o_roles", root=["5002", "又一个中心"])
    with pytest.raises(CommandError, match="没有这个机构或岗位"):
        call_command("o2o_roles", appoint=[["CQ000003", "赵刚", "zhao@example.com", "city-director", "9999"]])
    assert OrgUnit.objects.count() == 1 and not Staff.objects.exists()
