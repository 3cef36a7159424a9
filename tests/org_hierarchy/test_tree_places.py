"""Moving, figures of the past, closing and merging, accounts, counts: what hangs on where a unit stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.org_hierarchy.blockers import BlockedError, Takes
from plugins.org_hierarchy.error_codes import OrgErrorCode as Code
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.events import UnitClosed, UnitMoved
from plugins.org_hierarchy.levels import UnitStatus
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
from plugins.org_hierarchy.services.opening import create_unit
from plugins.org_hierarchy.todo_moves import todo
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, person, small_org
from .trees import fresh, order_at

pytestmark = pytest.mark.django_db

State = PlannedMove.State


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


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
    # whoever may move the unit is told; nobody else; nobody after the next move
    mover = person(org["A1"], "mover", ["org_unit.view", "org_unit.move"])
    people = [
        again(mover),
        person(org["A2"], "outside", ["org_unit.move"]),
        person(org["A1"], "viewer", ["org_unit.view"]),
    ]
    assert [[one.title for one in todo(user)] for user in people] == [
        ["隶属变更未能生效：甲县一支局"],
        [],
        [],
    ]
    assert todo(again(mover))[0].note == waiting.problem
    move_unit(org["B111"], org["C12"], reason="改划")
    assert todo(again(mover)) == []


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
