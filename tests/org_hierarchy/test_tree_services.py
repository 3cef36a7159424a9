"""Setting up, editing, opening and stopping units; who may; what is written beside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.account.models import User

from plugins.org_hierarchy.error_codes import OrgErrorCode as Code
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.events import UnitCreated, UnitStatusChanged
from plugins.org_hierarchy.levels import Level, UnitStatus
from plugins.org_hierarchy.models import (
    OrgUnit,
    PlannedMove,
    SettlementAccount,
    UnitVersion,
)
from plugins.org_hierarchy.selectors import unit_at
from plugins.org_hierarchy.services.accounts import set_account
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.editing import edit_unit
from plugins.org_hierarchy.services.moving import move_unit
from plugins.org_hierarchy.services.opening import create_unit, open_unit, resume_unit, suspend_unit
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove

from ..orgs import again, person, small_org, unit
from .trees import fresh

pytestmark = pytest.mark.django_db

State = PlannedMove.State


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


# -- setting up -------------------------------------------------------------------------------------------------------


def test_a_child_stands_below_its_parent_with_the_next_code(org: dict[str, OrgUnit]) -> None:
    # given
    first = unit("C11-007", org["C11"])
    manager = person(org["C11"], "manager", ["org_unit.view", "org_unit.create"])

    # when
    with capture_events() as events:
        made = create_unit(
            org["C11"], {"name": " 新支局 ", "lng": "106.577", "lat": "29.557"}, by=manager, reason="新开"
        )

    # then
    row = fresh(made)
    assert (row.code, row.name, row.level, row.status) == (
        "C11-008",
        "新支局",
        Level.BRANCH,
        UnitStatus.PLANNED,
    )
    assert row.parent == org["C11"] and row.path == f"{org['C11'].path}{row.pk}/"
    assert (row.lng, row.lat) == (106.577, 29.557)
    version = UnitVersion.objects.get(unit=row)
    assert (version.revision, version.path, version.reason, version.actor) == (
        1,
        row.path,
        "新开",
        f"user:{manager.pk}",
    )
    assert version.changed["after"]["name"] == "新支局" and version.changed["before"] == {}
    line = AuditEntry.objects.get(action="org_unit.created")
    assert (line.subject_id, line.org_path, line.actor) == (str(row.pk), row.path, f"user:{manager.pk}")
    assert events == [UnitCreated(unit_id=row.pk, level=4, path=row.path)]
    assert first.code == "C11-007"


def test_codes_go_on_where_they_ended_even_after_a_merge(org: dict[str, OrgUnit]) -> None:
    # given: the highest number belongs to a unit that moved away and closed
    gone = create_unit(org["C11"], {"name": "一"})
    move_unit(gone, org["C12"], reason="划转")
    close_unit(gone, reason="撤销")

    # then
    assert gone.code == "C11-001"
    assert create_unit(org["C11"], {"name": "二"}).code == "C11-002"


WRONG_PLACES = [
    ("O1111", None, Code.WRONG_LEVEL),
    ("CQ", 4, Code.WRONG_LEVEL),
    ("C11", 5, Code.WRONG_LEVEL),
    (None, None, Code.SECOND_ROOT),
]


@pytest.mark.parametrize(("parent", "level", "code"), WRONG_PLACES)
def test_wrong_places_are_refused(
    org: dict[str, OrgUnit], parent: str | None, level: int | None, code: Code
) -> None:
    # when
    with pytest.raises(OrgError) as caught:
        create_unit(org[parent] if parent else None, {"name": "新", "code": "NEW"}, level=level)

    # then
    assert caught.value.code == code and caught.value.field == "parent"
    assert OrgUnit.objects.count() == len(org)


def test_direct_branches_where_the_setting_allows_them(org: dict[str, OrgUnit], settings: Any) -> None:
    # given
    settings.O2O_ORG_DIRECT_BRANCHES = True

    # then: below the city and an area, but an outlet never
    assert create_unit(org["CQ"], {"name": "直属", "code": "CQ-D1"}, level=4).level == 4
    assert create_unit(org["A1"], {"name": "直属", "code": "A1-D1"}, level=4).parent == org["A1"]
    with pytest.raises(OrgError) as caught:
        create_unit(org["CQ"], {"name": "网点", "code": "CQ-O1"}, level=5)
    assert caught.value.code == Code.WRONG_LEVEL


def test_a_code_is_given_once_and_a_closed_parent_has_no_children(org: dict[str, OrgUnit]) -> None:
    # given
    close_unit(org["B112"], reason="撤销")

    # then
    for parent, code, expected in (("C11", "B112", Code.CODE_TAKEN), ("B112", "NEW", Code.PARENT_CLOSED)):
        with pytest.raises(OrgError) as caught:
            create_unit(org[parent], {"name": "新", "code": code})
        assert caught.value.code == expected


BAD_FIELDS = [
    ({"name": "  "}, "name", Code.REQUIRED),
    ({"code": "小写"}, "code", Code.INVALID),
    ({"name": "x" * 101}, "name", Code.INVALID),
    ({"lng": 29.5, "lat": 106.5}, "lng", Code.POSITION_INVALID),
    ({"lng": 106.5}, "lat", Code.POSITION_INVALID),
    ({"region_code": "50"}, "region_code", Code.INVALID),
    ({"postcode": "4000000"}, "postcode", Code.INVALID),
    ({"duty_phone": "打电话"}, "duty_phone", Code.INVALID),
    ({"delivery_radius": "-1"}, "delivery_radius", Code.INVALID),
    ({"delivery_radius": 1.5}, "delivery_radius", Code.INVALID),
    ({"business_scope": ["retail", "banking"]}, "business_scope", Code.INVALID),
    ({"business_hours": {"1": [["08:00", "08:00"]]}}, "business_hours", Code.INVALID),
    ({"business_hours": {"1": [["24:00", "02:00"]]}}, "business_hours", Code.INVALID),
    ({"business_hours": {"1": [["20:00", "02:00"], ["22:00", "23:00"]]}}, "business_hours", Code.INVALID),
    ({"business_hours": {"1": [["08:00", "12:00"], ["11:00", "13:00"]]}}, "business_hours", Code.INVALID),
    ({"business_hours": {"8": []}}, "business_hours", Code.INVALID),
    ({"business_hours": "周八 08:00-12:00"}, "business_hours", Code.INVALID),
    ({"effective_from": "2026-02-30"}, "effective_from", Code.INVALID),
    ({"path": "/1/"}, "path", Code.INVALID),
    ({"status": "closed"}, "status", Code.INVALID),
    (
        {
            "service_area": {
                "type": "Polygon",
                "coordinates": [[[106.5, 29.5], [106.6, 29.6], [106.6, 29.5], [106.5, 29.6], [106.5, 29.5]]],
            }
        },
        "service_area",
        Code.POLYGON_INVALID,
    ),
]


@pytest.mark.parametrize(("values", "field", "code"), BAD_FIELDS)
def test_bad_fields_are_refused_with_the_field(
    org: dict[str, OrgUnit], values: dict[str, Any], field: str, code: Code
) -> None:
    # when
    for write in (
        lambda: create_unit(org["C11"], {"name": "新", "code": "NEW", **values}),
        lambda: edit_unit(org["B111"], values, revision=1),
    ):
        with pytest.raises(OrgError) as caught:
            write()

        # then
        assert (caught.value.code, caught.value.field) == (code, field)
    assert OrgUnit.objects.count() == len(org) and UnitVersion.objects.count() == len(org)


def test_the_first_root_is_for_the_system_or_a_superuser(db: None) -> None:
    # given
    values = {"name": "市中心", "code": "5001"}
    clerk = User.objects.create_user("c@example.com", "pass-word", is_staff=True)

    # then
    with pytest.raises(NotAllowed):
        create_unit(None, values, by=clerk)
    root = create_unit(None, values, by=User.objects.create_superuser("r@example.com", "pass-word"))
    assert (root.level, root.path) == (Level.CITY, f"/{root.pk}/")


# -- who may ----------------------------------------------------------------------------------------------------------

EVERYTHING = [f"org_unit.{one}" for one in ("view", "create", "edit", "move", "close", "account")]


def _deeds(org: dict[str, OrgUnit], by: Any) -> dict[str, Any]:
    branch, other = org["B111"], org["B112"]
    return {
        "create": lambda: create_unit(org["C11"], {"name": "新"}, by=by),
        "edit": lambda: edit_unit(branch, {"name": "改"}, revision=1, by=by),
        "suspend": lambda: suspend_unit(branch, by=by, reason="装修"),
        "move": lambda: move_unit(branch, org["C12"], by=by, reason="划转"),
        "close": lambda: close_unit(other, by=by, reason="撤销"),
        "account": lambda: set_account(branch, {"holder": "邮政", "bank": "行", "number": "12345678"}, by=by),
    }


@pytest.mark.parametrize("deed", ["create", "edit", "suspend", "move", "close", "account"])
def test_who_may_change_the_tree(org: dict[str, OrgUnit], deed: str) -> None:
    # given
    shopper = User.objects.create_user("x@example.com", "pass-word")
    viewer = person(org["A1"], "viewer", ["org_unit.view"])
    outside = person(org["A2"], "outside", EVERYTHING)
    manager = person(org["A1"], "manager", EVERYTHING)

    # when
    for user, refusal in ((shopper, OutOfScope), (viewer, NotAllowed), (outside, OutOfScope)):
        with pytest.raises(refusal):
            _deeds(org, again(user))[deed]()
    # then: nothing changed
    assert UnitVersion.objects.count() == len(org) and not AuditEntry.objects.exists()
    assert not SettlementAccount.objects.exists()

    # when
    _deeds(org, again(manager))[deed]()
    # then
    assert AuditEntry.objects.count() == 1


def test_a_move_needs_the_right_over_both_parents(org: dict[str, OrgUnit]) -> None:
    # given: the county's own people
    county = person(org["C11"], "county", EVERYTHING)

    # then: not to a neighbour they cannot see, not out of a county that they do not hold
    with pytest.raises(OutOfScope):
        move_unit(org["B111"], org["C12"], by=county, reason="划转")
    with pytest.raises(OutOfScope):
        move_unit(org["B121"], org["C11"], by=again(county), reason="划转")
    assert fresh(org["B111"]).parent == org["C11"]


# -- editing ----------------------------------------------------------------------------------------------------------


def test_an_edit_writes_the_difference(org: dict[str, OrgUnit]) -> None:
    # when
    row = edit_unit(
        org["B111"],
        {
            "name": "解放碑支局",
            "business_hours": "周一至周五 8:30-17:30；周六 09:00-12:00",
            "business_scope": ["bills", "retail"],
        },
        revision=1,
    )

    # then
    assert row.revision == 2 and fresh(row).business_scope == ["retail", "bills"]
    assert fresh(row).business_hours["5"] == [["08:30", "17:30"]]
    old, new = UnitVersion.objects.filter(unit=row).order_by("revision")
    assert old.valid_to == new.valid_from and new.valid_to is None and old.name == "甲县一支局"
    assert new.changed["before"]["name"] == "甲县一支局" and new.changed["after"]["name"] == "解放碑支局"
    assert set(new.changed["after"]) == {"name", "business_hours", "business_scope"}
    line = AuditEntry.objects.get(action="org_unit.edited")
    assert line.before["name"] == "甲县一支局" and line.after["name"] == "解放碑支局"

    # when: the same again
    edit_unit(row, {"name": "解放碑支局"}, revision=2)
    # then
    assert fresh(row).revision == 2


def test_a_stale_form_is_told_what_changed(org: dict[str, OrgUnit]) -> None:
    # given
    edit_unit(org["B111"], {"address": "民权路 1 号"}, revision=1)

    # when
    with pytest.raises(OrgError) as caught:
        edit_unit(org["B111"], {"name": "迟到"}, revision=1)

    # then
    assert caught.value.code == Code.CHANGED_MEANWHILE and "地址" in caught.value.message
    assert fresh(org["B111"]).name == "甲县一支局"


def test_a_position_is_converted_once(org: dict[str, OrgUnit]) -> None:
    # given: a GPS receiver's position
    row = edit_unit(org["B111"], {"lng": 106.57, "lat": 29.55, "datum": "wgs84"}, revision=1)
    assert row.source_datum == "wgs84" and row.lng != 106.57 and abs(row.lng - 106.57) < 0.01

    # when: the form comes back with what is stored
    same = edit_unit(row, {"lng": row.lng, "lat": row.lat, "datum": "gcj02", "name": "新名"}, revision=2)

    # then
    assert (same.lng, same.lat, same.source_datum) == (row.lng, row.lat, "wgs84")


def test_a_code_change_is_checked_and_kept_in_the_past(org: dict[str, OrgUnit]) -> None:
    # then
    with pytest.raises(OrgError) as caught:
        edit_unit(org["B111"], {"code": "B112"}, revision=1)
    assert caught.value.code == Code.CODE_TAKEN
    row = edit_unit(org["B111"], {"code": "5001-01-01-001"}, revision=1)
    assert unit_at(row, row.created_at + timedelta(seconds=1)) is not None
    assert UnitVersion.objects.get(unit=row, revision=1).code == "B111"


# -- status -----------------------------------------------------------------------------------------------------------


def test_a_units_life(org: dict[str, OrgUnit]) -> None:
    # given
    made = create_unit(org["B112"], {"name": "新网点"})

    # when
    with capture_events() as events:
        open_unit(made)
        suspend_unit(made, reason="装修")
        resume_unit(made)

    # then
    assert [event.status for event in events.of(UnitStatusChanged)] == ["active", "suspended", "active"]
    assert list(
        UnitVersion.objects.filter(unit=made).order_by("revision").values_list("revision", "status")
    ) == [
        (1, "planned"),
        (2, "active"),
        (3, "suspended"),
        (4, "active"),
    ]
    with pytest.raises(IllegalMove):
        open_unit(made)


def test_nothing_opens_below_a_unit_that_is_not_open(org: dict[str, OrgUnit]) -> None:
    # given
    branch = create_unit(org["C11"], {"name": "新支局"})
    outlet = create_unit(branch, {"name": "新网点"})

    # then
    with pytest.raises(OrgError) as caught:
        open_unit(outlet)
    assert caught.value.code == Code.PARENT_CLOSED
    open_unit(branch)
    assert open_unit(outlet).is_open
