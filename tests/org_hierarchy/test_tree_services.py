"""Setting up, editing, opening, moving, closing and merging units; who may; what is written beside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.blockers import BlockedError, Takes
from plugins.org_hierarchy.error_codes import OrgErrorCode as Code
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.events import UnitClosed, UnitCreated, UnitMoved, UnitStatusChanged
from plugins.org_hierarchy.levels import Level, UnitStatus
from plugins.org_hierarchy.models import (
    GrantState,
    OrderAttribution,
    OrgUnit,
    PlannedMove,
    Post,
    Role,
    RoleGrant,
    SettlementAccount,
    Staff,
    StaffPost,
    UnitVersion,
)
from plugins.org_hierarchy.selectors import Figures, count_below, order_figures, path_at, unit_at
from plugins.org_hierarchy.services.accounts import account_on, set_account
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.editing import edit_unit
from plugins.org_hierarchy.services.moving import apply_due_moves, cancel_move, move_unit
from plugins.org_hierarchy.services.opening import create_unit, open_unit, resume_unit, suspend_unit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove

from ..orgs import again, person, small_org, unit

pytestmark = pytest.mark.django_db

State = PlannedMove.State


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


def fresh(one: OrgUnit) -> OrgUnit:
    return OrgUnit.objects.get(pk=one.pk)


def order_at(
    at: OrgUnit, total: str = "10.00", status: str = "fulfilled", when: datetime | None = None
) -> Order:
    order = Order.objects.create(total_net_amount=total, total_gross_amount=total, status=status)
    OrderAttribution.objects.create(
        order=order, unit=at, org_path=fresh(at).path, basis="test", made_at=when or now()
    )
    return order


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
    ({"business_hours": {"1": [["17:00", "08:00"]]}}, "business_hours", Code.INVALID),
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


# -- moving -----------------------------------------------------------------------------------------------------------


def test_a_move_takes_the_whole_subtree_along_in_one_update(
    org: dict[str, OrgUnit], django_assert_max_num_queries: Any
) -> None:
    # given
    moved, below = org["B111"], [org["O1111"], org["O1112"]]
    old = moved.path

    # when
    with capture_events() as events, django_assert_max_num_queries(22) as queries:
        noted = move_unit(moved, org["C12"], reason="区划调整")

    # then
    writes = [one["sql"] for one in queries if one["sql"].startswith('UPDATE "o2o_org_hierarchy_orgunit"')]
    assert len(writes) == 1
    new = f"{org['C12'].path}{moved.pk}/"
    assert fresh(moved).path == new and fresh(moved).parent == org["C12"]
    assert [fresh(one).path for one in below] == [f"{new}{one.pk}/" for one in below]
    assert [fresh(one).parent for one in below] == [moved, moved]
    assert events == [UnitMoved(unit_id=moved.pk, old_path=old, new_path=new, units=3)]
    assert (noted.state, noted.effective_on) == (State.DONE, today())
    for one in (moved, *below):
        before, after = UnitVersion.objects.filter(unit=one).order_by("revision")
        assert before.valid_to == after.valid_from
        assert (before.path, after.path, after.reason) == (one.path, fresh(one).path, "区划调整")
        assert after.changed["before"]["path"] == one.path
        assert fresh(one).revision == after.revision == 2
    assert UnitVersion.objects.get(unit=moved, revision=2).changed["after"]["parent"] == org["C12"].pk


IMPOSSIBLE = [
    ("CQ", "A1", Code.SECOND_ROOT),
    ("B111", "B111", Code.CYCLE),
    ("C11", "B111", Code.CYCLE),
    ("B111", "A1", Code.WRONG_LEVEL),
    ("B111", "B112", Code.WRONG_LEVEL),
    ("B111", "C11", Code.INVALID),
]


@pytest.mark.parametrize(("what", "where", "code"), IMPOSSIBLE)
def test_impossible_moves(org: dict[str, OrgUnit], what: str, where: str, code: Code) -> None:
    # when
    with pytest.raises(OrgError) as caught:
        move_unit(org[what], org[where], reason="试")

    # then
    assert caught.value.code == code
    assert {one.code: one.path for one in OrgUnit.objects.all()} == {k: v.path for k, v in org.items()}


def test_the_past_is_refused_and_the_future_waits(org: dict[str, OrgUnit]) -> None:
    # then
    with pytest.raises(OrgError) as caught:
        move_unit(org["B111"], org["C12"], reason="试", on=today() - timedelta(days=1))
    assert caught.value.code == Code.DATE_IN_PAST

    # when
    day = today() + timedelta(days=10)
    waiting = move_unit(org["B111"], org["C12"], reason="区划调整", on=day)
    # then
    assert waiting.state == State.WAITING and fresh(org["B111"]).parent == org["C11"]
    with pytest.raises(OrgError) as caught:
        move_unit(org["B111"], org["C12"], reason="再来")
    assert caught.value.code == Code.MOVE_WAITING
    assert apply_due_moves() == {"done": 0, "failed": 0, "later": 0}

    # when
    with frozen(datetime.combine(day, datetime.min.time(), UTC)):
        assert apply_due_moves() == {"done": 1, "failed": 0, "later": 0}
    # then
    waiting.refresh_from_db()
    assert waiting.state == State.DONE and fresh(org["B111"]).parent == org["C12"]
    assert UnitVersion.objects.get(unit=org["B111"], revision=2).reason == "区划调整"


def test_a_move_that_became_impossible_fails_in_words(org: dict[str, OrgUnit]) -> None:
    # given
    day = today() + timedelta(days=1)
    target = create_unit(org["A1"], {"name": "丁县中心", "code": "C13"})
    waiting = move_unit(org["B111"], target, reason="区划调整", on=day)
    other = move_unit(org["B112"], org["C12"], reason="区划调整", on=day)
    with pytest.raises(BlockedError) as caught:  # the arrival keeps it open
        close_unit(target, reason="撤销")
    assert [str(one) for one in caught.value.blockers] == ["计划划入的机构 1"]
    OrgUnit.objects.filter(pk=target.pk).update(status=UnitStatus.CLOSED)

    # when
    with frozen(now() + timedelta(days=2)):
        assert apply_due_moves() == {"done": 1, "failed": 1, "later": 0}

    # then
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (State.FAILED, "上级机构“丁县中心”已撤并，不能再有下级")
    assert fresh(org["B111"]).parent == org["C11"] and fresh(org["B112"]).parent == org["C12"]
    other.refresh_from_db()
    assert other.state == State.DONE


def test_a_planned_move_can_be_called_off_once(org: dict[str, OrgUnit]) -> None:
    # given
    waiting = move_unit(org["B111"], org["C12"], reason="调整", on=today() + timedelta(days=3))

    # when
    cancel_move(waiting, reason="不调了")

    # then
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (State.CANCELLED, "不调了")
    with pytest.raises(OrgError):
        cancel_move(waiting)
    with frozen(now() + timedelta(days=4)):
        assert apply_due_moves() == {"done": 0, "failed": 0, "later": 0}
    assert fresh(org["B111"]).parent == org["C11"]


# -- figures ----------------------------------------------------------------------------------------------------------


def test_figures_of_the_past_do_not_move(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    # given: two orders in June, the branch moves on 15 July, one order before and two after
    def at(month: int, day: int) -> datetime:
        return datetime(2026, month, day, 4, tzinfo=UTC)

    branch, old, new = org["B111"], org["C11"], org["C12"]
    order_at(branch, "10.00", when=at(6, 1))
    order_at(org["O1111"], "20.00", when=at(6, 30))
    order_at(branch, "99.00", "canceled", when=at(6, 2))
    june_old, june_new = (order_figures(one, date(2026, 6, 1), date(2026, 6, 30)) for one in (old, new))
    assert june_old == Figures(2, Decimal("30.00")) and june_new == Figures(0, Decimal(0))
    order_at(org["O1111"], "40.00", when=at(7, 14))

    # when
    with frozen(at(7, 15)):
        move_unit(branch, new, reason="区划调整")
    order_at(org["O1111"], "80.00", when=at(7, 16))
    order_at(branch, "160.00", when=at(7, 31))

    # then: June as it was, July with whom it was made under, the branch's own in one piece
    june, july = (date(2026, 6, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 7, 31))
    assert order_figures(old, *june) == june_old and order_figures(new, *june) == june_new
    assert order_figures(old, *july) == Figures(1, Decimal("40.00"))
    assert order_figures(new, *july) == Figures(2, Decimal("240.00"))
    branch = fresh(branch)
    with django_assert_num_queries(2):
        assert order_figures(branch, *july) == Figures(3, Decimal("280.00"))
    assert order_figures(org["A1"], *july) == Figures(3, Decimal("280.00"))


def test_a_unit_at_any_time(org: dict[str, OrgUnit]) -> None:
    # given
    start = now()
    with frozen(start + timedelta(days=1)):
        move_unit(org["B111"], org["C12"], reason="调整")
    with frozen(start + timedelta(days=2)):
        edit_unit(org["B111"], {"name": "新名"}, revision=2)

    # then
    outlet = org["O1111"]
    assert path_at(outlet, start) == outlet.path
    assert (
        path_at(outlet, start + timedelta(days=1, seconds=1))
        == f"{org['C12'].path}{org['B111'].pk}/{outlet.pk}/"
    )
    assert path_at(outlet, start - timedelta(days=1)) is None
    for days, name in ((0, "甲县一支局"), (1, "甲县一支局"), (2, "新名")):
        version = unit_at(org["B111"], start + timedelta(days=days, seconds=1))
        assert version is not None and version.name == name


# -- closing ----------------------------------------------------------------------------------------------------------


def test_closing_is_refused_with_the_list_of_what_is_in_the_way(org: dict[str, OrgUnit]) -> None:
    # given
    person(org["B111"], "clerk")
    order_at(org["B111"], status="unfulfilled")
    order_at(org["B111"], status="fulfilled")

    # when
    with pytest.raises(BlockedError) as caught:
        close_unit(org["B111"], reason="撤销")

    # then
    found = {str(one.text): (one.count, one.taken_by) for one in caught.value.blockers}
    assert found == {
        "未撤并的下级机构": (2, Takes.MERGE),
        "未完成的订单": (1, Takes.MERGE_WITH_ORDERS),
        "在岗人员": (1, Takes.MERGE),
    }
    assert all(one.href.startswith("/admin/") for one in caught.value.blockers)
    assert "未完成的订单 1" in caught.value.message
    assert fresh(org["B111"]).status == UnitStatus.ACTIVE

    # when: a merge takes children and people, orders only if it is told to
    with pytest.raises(BlockedError) as caught:
        close_unit(org["B111"], reason="并入", successor=org["B112"])
    # then
    assert [str(one) for one in caught.value.blockers] == ["未完成的订单 1"]
    assert fresh(org["O1111"]).parent == org["B111"] and Staff.objects.get().unit == org["B111"]


def test_a_merge_hands_everything_over_and_keeps_the_past(org: dict[str, OrgUnit]) -> None:
    # given
    clerk = person(org["B111"], "clerk", ["order.view"])
    named = person(org["C11"], "auditor", ["order.view"], scope="units", units=[org["B111"]])
    post = Post.objects.create(code="clerk", name="营业员", level=4, role=Role.objects.first())
    held = StaffPost.objects.create(staff=clerk.o2o_staff, post=post, unit=org["B111"], is_primary=True)
    RoleGrant.objects.filter(staff=clerk.o2o_staff).update(staff_post=held, source="post")
    first, second = order_at(org["B111"], status="unfulfilled"), order_at(org["B111"])
    waiting = move_unit(org["B111"], org["C12"], reason="调整", on=today() + timedelta(days=9))
    path = org["B111"].path

    # when
    with capture_events() as events:
        row = close_unit(org["B111"], reason="并入二支局", successor=org["B112"], with_orders=True)

    # then
    assert (row.status, row.successor, row.effective_to) == (UnitStatus.CLOSED, org["B112"], today())
    assert events.of(UnitClosed) == [
        UnitClosed(unit_id=row.pk, successor_id=org["B112"].pk, closed_on=today())
    ]
    assert [fresh(org[one]).path for one in ("O1111", "O1112")] == [
        f"{org['B112'].path}{org[one].pk}/" for one in ("O1111", "O1112")
    ]
    assert set(OrderAttribution.objects.values_list("order_id", "unit", "org_path")) == {
        (one.pk, org["B112"].pk, path) for one in (first, second)
    }
    staff = Staff.objects.get(user=clerk)
    assert staff.unit == org["B112"]
    old, new = StaffPost.objects.order_by("pk")
    assert (old.unit, old.valid_to, new.unit, new.valid_to) == (org["B111"], today(), org["B112"], None)
    grants = RoleGrant.objects.filter(staff=staff).order_by("pk")
    assert [(one.unit, one.state, one.staff_post) for one in grants] == [
        (org["B111"], GrantState.REVOKED, old),
        (org["B112"], GrantState.ACTIVE, new),
    ]
    assert set(named.o2o_staff.grants.get().units.all()) == {org["B111"], org["B112"]}
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED

    # then: it is over
    for deed in (
        lambda: edit_unit(row, {"name": "x"}, revision=row.revision),
        lambda: move_unit(row, org["C12"], reason="x"),
        lambda: close_unit(row, reason="x"),
        lambda: set_account(row, {"holder": "x", "bank": "x", "number": "12345678"}),
    ):
        with pytest.raises(OrgError) as caught:
            deed()
        assert caught.value.code == Code.UNIT_CLOSED


def test_who_may_be_a_successor(org: dict[str, OrgUnit]) -> None:
    # given
    close_unit(org["B112"], reason="撤销")

    # then
    for successor, code in (("B111", Code.CYCLE), ("C12", Code.WRONG_LEVEL), ("B112", Code.PARENT_CLOSED)):
        with pytest.raises(OrgError) as caught:
            close_unit(org["B111"], reason="并入", successor=org[successor])
        assert (caught.value.code, caught.value.field) == (code, "successor")
    with pytest.raises(OrgError) as caught:
        close_unit(org["CQ"], reason="撤销")
    assert caught.value.code == Code.SECOND_ROOT


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_a_new_account_ends_the_old_one(org: dict[str, OrgUnit]) -> None:
    # given
    values = {
        "holder": "市邮政公司",
        "bank": "邮储银行解放碑支行",
        "number": "6217 9900 1111 2222",
        "bank_code": "403653000010",
    }
    first = set_account(org["B111"], values)
    change = today() + timedelta(days=30)

    # when
    second = set_account(org["B111"], {**values, "number": "6217990033334444", "valid_from": change})

    # then
    first.refresh_from_db()
    assert first.number == "6217990011112222" and first.valid_to == change - timedelta(days=1)
    assert account_on(org["B111"], today()) == first and account_on(org["B111"], change) == second
    for line in AuditEntry.objects.all():
        assert "6217" not in str((line.before, line.after))
    stored = SettlementAccount.objects.extra(select={"raw": "number"}).values_list("raw", flat=True)
    assert all("6217" not in raw for raw in stored)

    # when: called off by another one that comes earlier
    third = set_account(org["B111"], {**values, "number": "6217990055556666"})
    # then
    assert account_on(org["B111"], today()) == third and account_on(org["B111"], change) == third


BAD_ACCOUNTS = [
    ({"holder": ""}, "holder"),
    ({"number": "123"}, "number"),
    ({"number": "６２１７９９００"}, "number"),
    ({"bank_code": "12"}, "bank_code"),
    ({"valid_from": date(2020, 1, 1)}, "valid_from"),
]


@pytest.mark.parametrize(("values", "field"), BAD_ACCOUNTS)
def test_bad_accounts(org: dict[str, OrgUnit], values: dict[str, Any], field: str) -> None:
    # when
    with pytest.raises(OrgError) as caught:
        set_account(org["B111"], {"holder": "邮政", "bank": "行", "number": "12345678", **values})

    # then
    assert caught.value.field == field and not SettlementAccount.objects.exists()


# -- counts -----------------------------------------------------------------------------------------------------------


def test_counts_below_take_three_statements(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    # given
    person(org["O1111"], "one")
    person(org["B111"], "two")

    # then
    with django_assert_num_queries(3):
        found = count_below(list(org.values()))
    assert (found[org["C11"].pk].children, found[org["C11"].pk].outlets, found[org["C11"].pk].staff) == (
        2,
        2,
        2,
    )
    assert (found[org["CQ"].pk].outlets, found[org["A2"].pk].outlets, found[org["O1111"].pk].staff) == (
        3,
        0,
        1,
    )
