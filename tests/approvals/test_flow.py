"""Every move of a request: who may make it, what it leaves behind, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.approvals.errors import ApprovalError
from plugins.approvals.events import ApprovalFinished, ApprovalMoved, ApprovalSubmitted
from plugins.approvals.interfaces import (
    ApprovalRequest,
    approve,
    ask_supplement,
    open_request,
    reject,
    submit,
    supplement,
    withdraw,
)
from plugins.approvals.models import ApprovalAction, ApprovalStep
from plugins.approvals.registry import matters
from plugins.approvals.selectors import Tab, may_decide, of_tab
from plugins.approvals.services.escalating import escalate_due
from plugins.org_hierarchy.interfaces import UnitStatus
from plugins.org_hierarchy.models import DataScope, OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.events import capture_events
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import OutOfScope, rows_for
from saleor_o2o.kernel.states import history, validate_machine
from tests.orgs import again
from tests.threads import meeting, together

from .conftest import Office


def code_of(act: Callable[[], Any]) -> str:
    """The code of a refusal."""
    with pytest.raises((ApprovalError, OutOfScope)) as caught:
        act()
    return str(caught.value.code.value)


def trace(request: ApprovalRequest) -> list[tuple[str, int, int | None, str]]:
    return [
        (one.kind, one.position, one.level, one.actor_name)
        for one in ApprovalAction.objects.filter(request=request)
    ]


def test_two_levels_agree(office: Office) -> None:
    # when
    with capture_events() as events:
        request = office.submit(note="新开", payload={"photo": 1})
        approve(request, office.branch, "已走访")
        approve(request, office.county)

    # then
    stored = ApprovalRequest.objects.get()
    assert (stored.state, stored.version, stored.due_at) == ("approved", 3, None)
    assert stored.finished_at is not None and stored.payload == {"photo": 1}
    assert stored.number.startswith("SP")
    assert office.heard == [("approved", "票务")]
    assert trace(request) == [
        ("submit", 0, 4, "clerk"), ("approve", 1, 4, "branch"), ("approve", 2, 3, "county"),
    ]  # fmt: skip
    steps = ApprovalStep.objects.values_list("level", "state", "decided_by__first_name")
    assert list(steps) == [(4, "approved", "branch"), (3, "approved", "county")]
    assert [(one.transition, one.target) for one in history(request)] == [
        ("advance", "pending"), ("approve", "approved"),
    ]  # fmt: skip
    assert [type(event) for event in events] == [ApprovalSubmitted, ApprovalMoved, ApprovalFinished]
    assert events.of(ApprovalFinished)[0].state == "approved"
    lines = AuditEntry.objects.order_by("pk").values_list("action", "actor", "org_path")
    path = office.units["B111"].path
    assert list(lines) == [
        ("approvals.submitted", f"user:{office.clerk.pk}", path),
        ("approvals.approved", f"user:{office.branch.pk}", path),
        ("approvals.approved", f"user:{office.county.pk}", path),
    ]


def test_rejected_with_a_reason(office: Office) -> None:
    # given
    request = office.submit()

    # then: a reason is required
    assert code_of(lambda: reject(request, office.branch, "  ")) == "REQUIRED"
    assert ApprovalRequest.objects.get().state == "pending"

    # when
    reject(request, office.branch, "材料不实")

    # then
    assert ApprovalRequest.objects.get().state == "rejected"
    assert office.heard == [("rejected", "票务")]
    assert trace(request)[-1] == ("reject", 1, 4, "branch")
    assert code_of(lambda: approve(request, office.county)) == "NOT_OPEN"


def test_supplement_goes_back_and_on(office: Office) -> None:
    # given: at the county, with a deadline
    request = office.submit()
    approve(request, office.branch)
    assert request.due_at is not None

    # when
    assert code_of(lambda: ask_supplement(request, office.county, "")) == "REQUIRED"
    ask_supplement(request, office.county, "请附照片")

    # then: it waits for the submitter, and the clock stands
    assert (request.state, request.due_at) == ("supplement", None)
    assert list(of_tab(office.clerk, Tab.WAITING)) == [request]
    assert code_of(lambda: approve(request, office.county)) == "NOT_OPEN"
    assert code_of(lambda: supplement(request, office.branch, "照片")) == "NOT_YOURS"

    # when
    later = now() + timedelta(hours=5)
    with frozen(later):
        supplement(request, office.clerk, "已附", payload={"photo": 7})

    # then: the same step, its full time, the branch is not asked again
    stored = ApprovalRequest.objects.get()
    assert (stored.state, stored.position, stored.due_at) == ("pending", 2, later + timedelta(hours=48))
    assert stored.payload == {"photo": 7}
    approve(request, office.county)
    assert office.heard == [("approved", "票务")]


def test_withdrawn_before_the_last_decision_only(office: Office) -> None:
    # given
    request, finished = office.submit(), office.submit()
    approve(finished, office.branch)
    approve(finished, office.county)
    approve(request, office.branch)

    # then
    assert code_of(lambda: withdraw(request, office.county)) == "NOT_YOURS"
    assert code_of(lambda: withdraw(finished, office.clerk)) == "NOT_OPEN"

    # when
    withdraw(request, office.clerk, "不开了")

    # then
    assert ApprovalRequest.objects.get(pk=request.pk).state == "withdrawn"
    assert office.heard[-1] == ("withdrawn", "票务")


def test_one_open_request_per_row_and_matter(office: Office) -> None:
    # given
    subject = office.subject()
    first = submit("test.opening", subject, office.units["B111"], office.clerk)

    # then
    assert (
        code_of(lambda: submit("test.opening", subject, office.units["B111"], office.clerk)) == "ALREADY_OPEN"
    )
    assert open_request(subject) == first
    assert ApprovalRequest.objects.count() == 1

    # when: over
    withdraw(first, office.clerk)

    # then
    assert open_request(subject) is None
    submit("test.opening", subject, office.units["B111"], office.clerk)


def test_nobody_decides_his_own_matter(office: Office) -> None:
    # given: the branch's head submits
    request = submit("test.opening", office.subject(), office.units["B111"], office.branch)
    root = User.objects.create_superuser("root@example.com", "pass-word")
    own = submit("test.opening", office.subject(), office.units["B111"], root)

    # then: not even a superuser
    assert code_of(lambda: approve(request, office.branch)) == "SAME_PERSON"
    assert code_of(lambda: reject(own, root, "不")) == "SAME_PERSON"
    assert not of_tab(office.branch, Tab.WAITING).filter(pk=request.pk).exists()


def test_nobody_decides_two_steps(office: Office) -> None:
    # given: a county person decides the branch's step in its place
    request = office.submit()
    approve(request, office.county)

    # then
    assert request.position == 2
    assert code_of(lambda: approve(request, office.county)) == "SAME_PERSON"
    assert not may_decide(office.county, request)
    assert request not in of_tab(office.county, Tab.WAITING)


WHO = {
    "anonymous": "NOT_FOUND",
    "shopper": "NOT_FOUND",
    "clerk of the unit": "NOT_FOUND",
    "branch next door": "NOT_FOUND",
    "branch far away": "NOT_FOUND",
    "looks on": "NOT_YOURS",
    "outlet below": "NOT_FOUND",
    "own rows only": "NOT_FOUND",
    "disabled": "NOT_FOUND",
    "branch": None,
    "county above": None,
    "city above": None,
    "superuser": None,
}


@pytest.mark.parametrize(("who", "refused"), WHO.items())
def test_who_decides_the_branch_step(office: Office, who: str, refused: str | None) -> None:
    # given
    request = office.submit()
    make: dict[str, Callable[[], Any]] = {
        "anonymous": AnonymousUser,
        "shopper": lambda: User.objects.create_user("x@example.com", "pass-word"),
        "clerk of the unit": lambda: office.person("other", "B111", ("org_unit.view",)),
        "branch next door": lambda: office.person("other", "B112"),
        "branch far away": lambda: office.person("other", "B211"),
        "looks on": lambda: office.person("other", "C11", ("approval.view",)),
        "outlet below": lambda: office.person("other", "O1111"),
        "own rows only": lambda: office.person("other", "B111", scope=DataScope.SELF),
        "disabled": lambda: office.person("other", "B111"),
        "branch": lambda: office.branch,
        "county above": lambda: office.county,
        "city above": lambda: office.person("other", "CQ"),
        "superuser": lambda: User.objects.create_superuser("root@example.com", "pass-word"),
    }
    user = make[who]()
    if who == "disabled":
        User.objects.filter(pk=user.pk).update(is_active=False)
        user = again(user)

    # when / then
    if refused is None:
        approve(request, user)
        assert ApprovalRequest.objects.get().position == 2
        return
    for act in (approve, lambda r, u: reject(r, u, "不"), lambda r, u: ask_supplement(r, u, "补")):
        assert code_of(lambda act=act: act(request, user)) == refused  # type: ignore[misc]
    stored = ApprovalRequest.objects.get()
    assert (stored.state, stored.version, stored.position) == ("pending", 1, 1)
    assert ApprovalAction.objects.count() == 1 and office.heard == []


def test_a_step_may_be_the_levels_own(office: Office) -> None:
    # given
    request = office.submit()
    ApprovalRequest.objects.update(or_above=False)

    # then
    assert code_of(lambda: approve(request, office.county)) == "NOT_YOURS"
    approve(request, office.branch)


def test_who_sees_a_request(office: Office) -> None:
    # given
    request = office.submit()
    approve(request, office.branch)
    seers = {"clerk": office.clerk, "branch": office.branch, "county": office.county}
    blind = {
        "next": office.person("n", "C12"),
        "peer": office.person("p", "B111", ("org_unit.view",)),
        "shopper": User.objects.create_user("x@example.com", "pass-word"),
    }

    # then
    assert {
        name for name, user in {**seers, **blind}.items() if request in rows_for(user, ApprovalRequest)
    } == set(seers)


def test_a_stale_page_decides_nothing(office: Office) -> None:
    # given: the county's page shows step 1
    request = office.submit()
    seen = ApprovalRequest.objects.get()
    approve(request, office.branch)

    # then
    assert code_of(lambda: approve(seen, office.county)) == "CHANGED_MEANWHILE"
    assert ApprovalRequest.objects.get().position == 2


def test_what_the_handler_raises_undoes_the_decision(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    request = office.submit()
    approve(request, office.branch)

    def refuse(_request: ApprovalRequest) -> None:
        raise ApprovalError(code="X", message="店铺码已用完")  # type: ignore[arg-type]

    object.__setattr__(matters()["test.opening"], "on_approved", refuse)

    # when
    with pytest.raises(ApprovalError, match="店铺码已用完"):
        approve(request, office.county)

    # then
    stored = ApprovalRequest.objects.get()
    assert (stored.state, stored.version) == ("pending", 2)
    assert ApprovalStep.objects.get(position=2).decided_by is None


AMOUNTS = {"0": 3, "200": 3, "200.01": 2, "2000": 2, "2000.01": 1}


@pytest.mark.parametrize(("amount", "level"), AMOUNTS.items())
def test_the_amount_chooses_the_route(office: Office, amount: str, level: int) -> None:
    # when
    request = office.submit("test.refund", amount=Decimal(amount))

    # then
    assert list(request.steps.values_list("level", flat=True)) == [level]


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "NaN", "Infinity", "10000000000"])
def test_amounts_that_are_none(office: Office, amount: str) -> None:
    assert code_of(lambda: office.submit("test.refund", amount=Decimal(amount))) == "INVALID"
    assert not ApprovalRequest.objects.exists()


def test_refused_submissions_leave_nothing(office: Office) -> None:
    # then
    assert code_of(lambda: office.submit("test.unknown")) == "UNKNOWN_MATTER"
    assert code_of(lambda: office.submit(note="长" * 2001)) == "INVALID"
    OrgUnit.objects.filter(code="B111").update(status=UnitStatus.CLOSED)
    office.units["B111"] = OrgUnit.objects.get(code="B111")
    assert code_of(lambda: office.submit()) == "UNIT_CLOSED"
    assert not ApprovalRequest.objects.exists() and not AuditEntry.objects.exists()


def test_a_step_of_ones_own_level_is_skipped_if_the_route_says_so(office: Office) -> None:
    # given
    object.__setattr__(matters()["test.opening"], "skip_own_level", True)

    # when: branch 4 skips the branch's step; the county skips no last step
    by_branch = submit("test.opening", office.subject(), office.units["B111"], office.branch)
    by_county = submit("test.opening", office.subject(), office.units["B111"], office.county)

    # then
    assert [step.level for step in by_branch.steps.all()] == [3]
    assert trace(by_branch) == [("submit", 0, 4, "branch"), ("skip", 0, 4, "branch")]
    assert [step.level for step in by_county.steps.all()] == [3]
    assert code_of(lambda: approve(by_county, office.county)) == "SAME_PERSON"


def test_a_shopper_may_submit_and_take_back(office: Office) -> None:
    # given
    owner = User.objects.create_user("owner@example.com", "pass-word", first_name="三", last_name="张")

    # when
    request = submit("test.opening", office.subject(), office.units["B111"], owner)

    # then
    assert (request.submitter_name, request.submitter_level) == ("张三", None)
    withdraw(request, owner)


def test_overdue_asks_the_level_above_once_per_deadline(office: Office) -> None:
    # given: at the county for 48 hours
    request = office.submit()
    approve(request, office.branch)
    area = office.person("area", "A1")
    assert request not in of_tab(area, Tab.WAITING)
    due = request.due_at
    assert due is not None

    # when / then: too early
    with frozen(due - timedelta(seconds=1)):
        assert escalate_due() == 0

    # when: late, and twice
    with frozen(due + timedelta(seconds=1)), capture_events() as events:
        assert [escalate_due(), escalate_due()] == [1, 0]

    # then: the area is asked too, the county still may
    stored = ApprovalRequest.objects.get()
    assert (stored.level, stored.base_level, stored.overdue_since) == (2, 3, due)
    assert stored.due_at == due + timedelta(hours=48, seconds=1)
    assert [event.kind for event in events.of(ApprovalMoved)] == ["escalate"]
    assert stored in of_tab(area, Tab.WAITING) and stored in of_tab(area, Tab.OVERDUE)
    assert stored in of_tab(office.county, Tab.WAITING)
    assert trace(stored)[-1] == ("escalate", 2, 2, "系统")
    assert code_of(lambda: approve(request, office.county)) == "CHANGED_MEANWHILE"
    approve(stored, office.county)
    assert office.heard == [("approved", "票务")]


def test_at_the_top_the_clock_stops(office: Office) -> None:
    # given
    request = office.submit()
    approve(request, office.branch)

    # when: three deadlines pass
    moment = request.due_at
    rises = []
    for _time in range(4):
        moment += timedelta(hours=49)
        with frozen(moment):
            rises.append(escalate_due())

    # then: area, city, and "at the top"; then nothing any more
    stored = ApprovalRequest.objects.get()
    assert (rises, stored.level, stored.due_at) == ([1, 1, 1, 0], 1, None)
    assert [one.note for one in stored.actions.filter(kind="escalate")] == [
        "超时未处理，片区中心可一并审批", "超时未处理，市中心可一并审批", "超时未处理，已是最高级别，请督办",
    ]  # fmt: skip
    city = office.person("city", "CQ")
    assert stored in of_tab(city, Tab.WAITING)


def test_the_state_table_is_sound() -> None:
    assert validate_machine(ApprovalRequest, "state") == []


def test_heaps_take_the_same_statements_whatever_they_hold(office: Office) -> None:
    # given
    def statements(number: int) -> int:
        user = again(office.branch)
        with CaptureQueriesContext(connection) as captured:
            assert len(of_tab(user, Tab.WAITING)) == number
        return len(captured)

    for _number in range(3):
        office.submit()
    few = statements(3)
    for _number in range(9):
        office.submit()

    # then: the access and the units in reach, and one for the heap
    assert statements(12) == few <= 5


@pytest.mark.django_db(transaction=True)
def test_a_request_that_somebody_holds_keeps_no_other_from_being_escalated(
    office: Office, settings: Any
) -> None:
    # given: two are late, and somebody is at the one that is longest overdue
    settings.O2O_LOCK_TIMEOUT = 1
    first, second = office.submit(), office.submit()
    for one in (first, second):
        approve(one, office.branch)
    due = max(one.due_at for one in (first, second) if one.due_at is not None)
    meet = meeting(2)

    def hold() -> None:
        with transaction.atomic():
            lock_rows(ApprovalRequest.objects.filter(pk=first.pk))
            meet()
            over.wait(20)

    def escalate() -> int:
        meet()
        try:
            with frozen(due + timedelta(seconds=1)):
                return escalate_due()
        finally:
            over.set()

    over = Event()

    # when
    assert together(hold, escalate) == [None, 1]

    # then: the other one, and the first in the next run
    assert list(ApprovalRequest.objects.order_by("pk").values_list("level", flat=True)) == [3, 2]
    with frozen(due + timedelta(seconds=1)):
        assert escalate_due() == 1
