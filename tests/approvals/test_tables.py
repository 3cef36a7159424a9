"""The responsibility matrix and the routes: what the file says, who may change them, and that both agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.approvals.errors import ApprovalError
from plugins.approvals.interfaces import approve
from plugins.approvals.models import ApprovalRoute, MatrixDuty, MatrixMatter
from plugins.approvals.registry import matters
from plugins.approvals.seeds import read, seed
from plugins.approvals.services.tables import change_row, may_edit, write_route
from plugins.org_hierarchy.interfaces import Level
from plugins.org_hierarchy.models import DataScope
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.seeding.context import SeedContext

from .conftest import Office


@pytest.fixture
def seeded(office: Office) -> Office:
    seed(SeedContext(say=lambda text: None))
    return office


def matrix_row(**duties: str) -> MatrixMatter:
    """A row for the matter of the tests."""
    row = MatrixMatter.objects.create(code="test.opening", title="部门开设")
    for name, duty in duties.items():
        MatrixDuty.objects.create(matter=row, level=Level[name], duty=duty)
    return row


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ApprovalError) as caught:
        act()
    return str(caught.value.code.value)


def test_the_seed_writes_the_file_once_and_keeps_what_the_city_changed(seeded: Office) -> None:
    # given
    rows = read()["matter"]
    assert MatrixMatter.objects.count() == len(rows) == 11
    assert MatrixDuty.objects.count() == len(rows) * 5
    assert ApprovalRoute.objects.count() == 2
    MatrixDuty.objects.filter(matter__code="complaint", level=1).update(duty="R")

    # when
    again = SeedContext(say=lambda text: None)
    seed(again)

    # then
    assert again.created == {}
    assert MatrixDuty.objects.get(matter__code="complaint", level=1).duty == "R"


def test_seeded_routes_agree_with_the_seeded_matrix(seeded: Office) -> None:
    for route in ApprovalRoute.objects.prefetch_related("lines"):
        levels = {line.level for line in route.lines.all()}
        approving = {
            duty.level for duty in MatrixDuty.objects.filter(matter__code=route.matter) if duty.approves
        }
        assert levels <= approving, route.matter


EDITORS = {
    "city": ("CQ", ("approval.edit",), DataScope.UNIT_AND_BELOW, True),
    "all": ("C11", ("approval.edit",), DataScope.ALL, True),
    "county": ("C11", ("approval.edit",), DataScope.UNIT_AND_BELOW, False),
    "looks": ("CQ", ("approval.view",), DataScope.ALL, False),
}


@pytest.mark.parametrize("who", EDITORS)
def test_only_the_city_changes_the_tables(office: Office, who: str) -> None:
    # given
    at, permissions, scope, may = EDITORS[who]
    user = office.person("editor", at, permissions, scope=scope)
    row = matrix_row(BRANCH="R", COUNTY="A")

    # then
    assert may_edit(user) is may
    if may:
        assert change_row(row, {3: ("A", "终审")}, user)
        write_route("test.opening", today(), [{"level": 3}], user)
        return
    with pytest.raises(NotAllowed):
        change_row(row, {3: ("V", "")}, user)
    with pytest.raises(NotAllowed):
        write_route("test.opening", today(), [{"level": 3}], user)
    assert MatrixDuty.objects.get(level=3).duty == "A" and not ApprovalRoute.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_changed_row_is_audited_with_before_and_after(office: Office) -> None:
    # given
    city = office.person("city", "CQ", ("approval.edit",))
    row = matrix_row(BRANCH="R", COUNTY="A")

    # when
    assert change_row(row, {2: ("A", "复审"), 3: ("A", "")}, city) is True
    assert change_row(row, {2: ("A", "复审")}, city) is False

    # then
    line = AuditEntry.objects.get()
    assert (line.action, line.actor) == ("approvals.matrix_changed", f"user:{city.pk}")
    assert (line.before, line.after) == ({}, {"2": ["A", "复审"]})
    assert refusal(lambda: change_row(row, {2: ("X", "")}, city)) == "INVALID"


def test_who_does_not_do_it_may_not_submit_it(office: Office) -> None:
    # given
    matrix_row(BRANCH="V", COUNTY="RA")

    # then
    assert refusal(office.submit) == "NOT_RESPONSIBLE"

    # when: the branch does it, and its outlets with it
    MatrixDuty.objects.filter(level=4).update(duty="R")
    office.submit()
    office.clerk = office.person("o", "O1111", ())
    office.submit()


def test_a_table_counts_from_its_day_and_requests_keep_their_steps(office: Office) -> None:
    # given
    city = office.person("city", "CQ", ("approval.edit",))
    before = office.submit()
    tomorrow = today() + timedelta(days=1)

    # when: from tomorrow the area decides, up to 100 yuan the county
    lines = [{"level": 2, "hours": 5}, {"level": 3, "max_amount": Decimal(100)}]
    write_route("test.opening", tomorrow, lines, city, note="新规")
    same_day = office.submit()
    with frozen(now() + timedelta(days=1)):
        small, large = office.submit(amount=Decimal(100)), office.submit(amount=Decimal("100.01"))
        none = office.submit()

    # then
    found = [list(one.steps.values_list("level", "hours")) for one in (before, same_day, small, large, none)]
    old = [(4, None), (3, 48)]
    assert found == [old, old, [(3, None)], [(2, 5)], [(2, 5)]]
    approve(before, office.branch)
    approve(before, office.county)


BAD_TABLES: dict[str, tuple[str, Any]] = {
    "nothing": ("REQUIRED", []),
    "no line without a limit": ("INVALID", [{"level": 3, "max_amount": Decimal(5)}]),
    "unknown permission": ("INVALID", [{"level": 3, "permission": "moon.land"}]),
    "level without A": ("INVALID", [{"level": 2}]),
}


@pytest.mark.parametrize(("code", "lines"), BAD_TABLES.values(), ids=BAD_TABLES.keys())
def test_tables_that_are_refused(office: Office, code: str, lines: Any) -> None:
    # given
    city = office.person("city", "CQ", ("approval.edit",))
    matrix_row(BRANCH="R", COUNTY="A")

    # then
    assert refusal(lambda: write_route("test.opening", today(), lines, city)) == code
    assert not ApprovalRoute.objects.exists()


def test_no_table_for_yesterday_or_for_nothing(office: Office) -> None:
    city = office.person("city", "CQ", ("approval.edit",))
    yesterday = today() - timedelta(days=1)
    assert refusal(lambda: write_route("test.opening", yesterday, [{"level": 3}], city)) == "DATE_IN_PAST"
    assert refusal(lambda: write_route("test.moon", today(), [{"level": 3}], city)) == "UNKNOWN_MATTER"


def test_a_level_on_a_route_keeps_its_a(office: Office) -> None:
    # given
    city = office.person("city", "CQ", ("approval.edit",))
    row = matrix_row(BRANCH="R", COUNTY="A", AREA="A")
    write_route("test.opening", today(), [{"level": 3}], city)

    # then
    assert refusal(lambda: change_row(row, {3: ("V", "")}, city)) == "IN_USE"
    assert MatrixDuty.objects.get(level=3).duty == "A"

    # when: another route, for the same day
    write_route("test.opening", today(), [{"level": 2}], city)

    # then
    assert change_row(row, {3: ("V", "")}, city)
    assert ApprovalRoute.objects.count() == 1
    assert matters()["test.opening"].row == "test.opening"
