"""Time runs out: the level above is asked too."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import sum_each

from ..events import ApprovalMoved
from ..models import ActionKind, ApprovalAction, ApprovalRequest, RequestState
from .deciding import lock_request

ESCALATED = audit.action("approvals.escalated", gettext_lazy("审批超时升级"))
ACTOR = "task:approvals.escalate"
#: Requests looked at in one run; the next run takes the rest.
BATCH = 500


def escalate_due() -> int:
    """Escalate every request whose time is over, each in a transaction of its own; returns how many.

    The deadline is a column, so nothing is lost with a process; a second run finds a new deadline and does nothing.
    """
    due = ApprovalRequest.objects.filter(state=RequestState.PENDING, due_at__lte=now()).order_by("due_at")
    return sum_each(due.values_list("pk", flat=True)[:BATCH], escalate)


def escalate(pk: int) -> bool:
    """Ask the level above, if the time is over. Locks: the request. True when something changed."""
    with transaction.atomic():
        request = lock_request(pk)
        if request is None or request.state != RequestState.PENDING:
            return False
        if request.due_at is None or request.due_at > now():
            return False
        hours = request.steps.get(position=request.position).hours or 0
        before = request.level
        move(request, "escalate", actor=ACTOR, reason=_("超时未处理"), hours=hours)
        note = (
            _("超时未处理，%(level)s可一并审批") % {"level": Level(request.level).label}
            if request.level != before
            else _("超时未处理，已是最高级别，请督办")
        )
        ApprovalAction.objects.create(
            request=request,
            kind=ActionKind.ESCALATE,
            position=request.position,
            level=request.level,
            actor_name=_("系统"),
            note=note,
        )
        audit.record(
            ESCALATED,
            request,
            before={"level": int(before)},
            after={"level": int(request.level), "number": request.number},
            actor=ACTOR,
            org_path=request.unit.path,
        )
        publish(
            ApprovalMoved(
                request_id=request.pk,
                matter=request.matter,
                kind=ActionKind.ESCALATE.value,
                level=int(request.level),
            ),
            key=f"approval:{request.pk}",
        )
    return True
