"""Random sequences of what people and the clock do keep the books of a request straight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.approvals.errors import ApprovalError
from plugins.approvals.interfaces import (
    ApprovalRequest,
    approve,
    ask_supplement,
    reject,
    supplement,
    withdraw,
)
from plugins.approvals.selectors import may_decide
from plugins.approvals.services.escalating import escalate_due
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.scope import OutOfScope

from .conftest import Office

PEOPLE = ("clerk", "branch", "branch2", "county", "county2", "area", "stranger")
ACTS = ("approve", "reject", "ask", "supplement", "withdraw", "wait")


class Undo(Exception):
    """Ends an example without leaving rows."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(PEOPLE)), max_size=14))
def test_a_walk(office: Office, walk: list[tuple[str, str]]) -> None:
    with pytest.raises(Undo), transaction.atomic():
        _play(office, walk)
        raise Undo


def _play(office: Office, walk: list[tuple[str, str]]) -> None:
    # given
    people: dict[str, Any] = {"clerk": office.clerk, "branch": office.branch, "county": office.county}
    people |= {"branch2": office.person("branch2", "B111"), "county2": office.person("county2", "C11")}
    people |= {"area": office.person("area", "A1"), "stranger": office.person("stranger", "C21")}
    request = office.submit()
    office.heard.clear()
    moment = now()

    for act, who in walk:
        before = (request.state, request.version, request.position)
        allowed = may_decide(people[who], request)
        moment += timedelta(hours=50 if act == "wait" else 1)
        with frozen(moment):
            done = _act(act, request, people[who])
        request = ApprovalRequest.objects.get(pk=request.pk)
        # then: refused changes nothing; only those who may decide do
        if not done:
            assert (request.state, request.version, request.position) == before
        if act in ("approve", "reject", "ask"):
            assert done == allowed
        _check(office, request)


def _act(act: str, request: ApprovalRequest, user: Any) -> bool:
    if act == "wait":
        return bool(escalate_due())
    moves: dict[str, Any] = {
        "approve": lambda: approve(request, user),
        "reject": lambda: reject(request, user, "不"),
        "ask": lambda: ask_supplement(request, user, "补"),
        "supplement": lambda: supplement(request, user, "附"),
        "withdraw": lambda: withdraw(request, user),
    }
    try:
        moves[act]()
    except (ApprovalError, OutOfScope):
        return False
    return True


def _check(office: Office, request: ApprovalRequest) -> None:
    actions = list(request.actions.all())
    deciders = [one.actor_id for one in actions if one.kind == "approve"]
    steps = list(request.steps.all())
    # one line per version, beside the submission; nobody twice, never the submitter
    assert len(actions) == request.version
    assert len(set(deciders)) == len(deciders) and office.clerk.pk not in deciders
    assert request.level <= request.base_level == steps[request.position - 1].level
    assert (request.finished_at is None) == request.is_open
    assert len([step for step in steps if step.state == "current"]) == int(
        request.state in ("pending", "supplement", "withdrawn")
    )
    approved = [step.state for step in steps] == ["approved", "approved"]
    assert approved == (request.state == "approved") == (len(deciders) == 2)
    assert office.heard == ([] if request.is_open else [(str(request.state), "票务")])
