"""Reads of approvals."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Model, Q, QuerySet

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import rows_for

from .models import OPEN_STATES, ActionKind, ApprovalAction, ApprovalRequest, RequestState, StepState
from .people import asked, seat_level


class Tab(StrEnum):
    """The four heaps of the page 待办."""

    WAITING = "waiting"
    MINE = "mine"
    DONE = "done"
    OVERDUE = "overdue"


#: What somebody does to another's request.
_DECISIONS = (ActionKind.APPROVE, ActionKind.REJECT, ActionKind.ASK)


def requests_of(subject: Model) -> QuerySet[ApprovalRequest]:
    """All requests about a row, the newest first."""
    return ApprovalRequest.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    ).order_by("-pk")


def open_request(subject: Model, matter: str = "") -> ApprovalRequest | None:
    """The request about a row that is not over, of one matter or of any."""
    found = requests_of(subject).filter(state__in=OPEN_STATES)
    return (found.filter(matter=matter) if matter else found).first()


def waiting_for(user: Any) -> QuerySet[ApprovalRequest]:
    """Requests that this user is asked to decide now: not his own, and none of which he decided a step."""
    return (
        ApprovalRequest.objects.filter(asked(user), state=RequestState.PENDING)
        .exclude(submitter_id=user.pk)
        .exclude(steps__decided_by_id=user.pk)
    )


def to_supplement(user: Any) -> QuerySet[ApprovalRequest]:
    """The user's own requests that were sent back for more."""
    return ApprovalRequest.objects.filter(submitter_id=user.pk, state=RequestState.SUPPLEMENT)


def late() -> Q:
    """The condition on open requests whose time is over, escalated or about to be."""
    return Q(state=RequestState.PENDING) & (Q(overdue_since__isnull=False) | Q(due_at__lt=now()))


def of_tab(user: Any, tab: Tab) -> QuerySet[ApprovalRequest]:
    """The requests of one heap, what should be done first on top; within the user's scope."""
    if tab == Tab.WAITING:
        heap = waiting_for(user) | to_supplement(user)
        return heap.distinct().order_by("waiting_since", "pk")
    if tab == Tab.MINE:
        return ApprovalRequest.objects.filter(submitter_id=user.pk).order_by("-pk")
    if tab == Tab.DONE:
        mine = ApprovalAction.objects.filter(actor_id=user.pk, kind__in=_DECISIONS)
        return ApprovalRequest.objects.filter(pk__in=mine.values("request_id")).order_by("-pk")
    return rows_for(user, ApprovalRequest).filter(late()).order_by("overdue_since", "due_at", "pk")


def counts(user: Any) -> dict[Tab, int]:
    """How many requests wait, and how many are late; two statements."""
    return {tab: of_tab(user, tab).count() for tab in (Tab.WAITING, Tab.OVERDUE)}


def has_decided(user: Any, request: ApprovalRequest) -> bool:
    """True when the user decided an earlier step of it."""
    return request.steps.filter(decided_by_id=user.pk, state=StepState.APPROVED).exists()


def may_decide(user: Any, request: ApprovalRequest) -> bool:
    """True when the user could decide the current step now: the page offers it then."""
    return (
        request.state == RequestState.PENDING
        and request.submitter_id != user.pk
        and seat_level(user, request) is not None
        and not has_decided(user, request)
    )


def is_late(request: ApprovalRequest) -> bool:
    """True when the current step's time is over."""
    return request.state == RequestState.PENDING and (
        request.overdue_since is not None or (request.due_at is not None and request.due_at < now())
    )


def asked_unit(request: ApprovalRequest) -> OrgUnit | None:
    """The unit that the current step asks: the request's unit, or the one above it at the step's level."""
    keys = [int(part) for part in request.unit.path.split("/") if part]
    return OrgUnit.objects.filter(pk__in=keys, level=request.level).first()
