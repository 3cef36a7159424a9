"""Many decide at once: one wins; and proof that the test could fail."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from plugins.approvals.errors import ApprovalError
from plugins.approvals.interfaces import ApprovalRequest, approve, reject, submit, withdraw
from plugins.approvals.models import ApprovalAction
from plugins.approvals.services import deciding, escalating
from saleor_o2o.kernel.clock import now
from tests.threads import kinds, together

from .conftest import Office

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


@pytest.fixture(autouse=True)
def patient(settings: Any) -> None:
    """Threads of one process on a small machine wait longer than people would."""
    settings.O2O_LOCK_TIMEOUT = 60


def at_the_county(office: Office) -> ApprovalRequest:
    request = office.submit()
    approve(request, office.branch)
    return request


def rush(request: ApprovalRequest, people: list[Any]) -> list[Any]:
    """Everybody decides what his own page shows, half of them yes and half of them no."""
    acts = []
    for number, user in enumerate(people):
        seen = ApprovalRequest.objects.get(pk=request.pk)
        acts.append(partial(approve, seen, user) if number % 2 else partial(reject, seen, user, "不同意"))
    return together(*acts)


def test_one_of_eight_decisions_wins(office: Office) -> None:
    # given
    request = at_the_county(office)
    people = [office.person(f"p{number}", "C11") for number in range(THREADS)]

    # when
    results = rush(request, people)

    # then
    assert kinds(results) == ["ApprovalError"] * (THREADS - 1) + ["ApprovalRequest"]
    assert {str(one.code.value) for one in results if isinstance(one, ApprovalError)} == {"NOT_OPEN"}
    assert len(office.heard) == 1
    assert ApprovalAction.objects.filter(position=2).count() == 1
    assert ApprovalRequest.objects.get().version == 3


def test_without_the_lock_more_than_one_wins(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the row is read, not locked, and moves are written without looking
    request = at_the_county(office)
    people = [office.person(f"p{number}", "C11") for number in range(THREADS)]
    monkeypatch.setattr(deciding, "lock_request", lambda pk: ApprovalRequest.objects.get(pk=pk))
    monkeypatch.setattr(
        deciding,
        "move",
        lambda seen, name, **kwargs: ApprovalRequest.objects.filter(pk=seen.pk).update(version=9),
    )

    # when
    results = rush(request, people)

    # then
    assert kinds(results).count("ApprovalRequest") > 1
    assert len(office.heard) > 1


def test_a_row_is_submitted_once(office: Office) -> None:
    # given
    subject, unit = office.subject(), office.units["B111"]

    # when
    results = together(*[partial(submit, "test.opening", subject, unit, office.clerk)] * THREADS)

    # then
    assert kinds(results) == ["ApprovalError"] * (THREADS - 1) + ["ApprovalRequest"]
    assert ApprovalRequest.objects.count() == 1


def test_withdrawing_against_the_last_decision(office: Office) -> None:
    # given
    request = at_the_county(office)
    first, second = (ApprovalRequest.objects.get(pk=request.pk) for _number in range(2))

    # when
    results = together(partial(withdraw, first, office.clerk), partial(approve, second, office.county))

    # then: one of both, and the handler of that one
    assert kinds(results) == ["ApprovalError", "ApprovalRequest"]
    stored = ApprovalRequest.objects.get()
    assert office.heard == [(str(stored.state), "票务")]


def test_escalating_twice_at_once_rises_one_level(office: Office) -> None:
    # given
    request = at_the_county(office)
    ApprovalRequest.objects.filter(pk=request.pk).update(due_at=now())

    # when
    results = together(*[partial(escalating.escalate, request.pk)] * THREADS)

    # then
    assert sorted(results) == [False] * (THREADS - 1) + [True]
    assert ApprovalRequest.objects.get().level == 2
    assert ApprovalAction.objects.filter(kind="escalate").count() == 1
