"""What a member of the staff who leaves has in hand here: requests that somebody may still send back to him."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from plugins.org_hierarchy.interfaces import Holding, Staff, register_holding
from saleor_o2o.kernel import audit

from .errors import ApprovalError, ApprovalErrorCode
from .models import OPEN_STATES, ActionKind, ApprovalAction, ApprovalRequest
from .people import name_of
from .selectors import has_decided
from .services.deciding import lock_request

KIND = "approvals.request"
HANDED = audit.action("approvals.handed_over", _("移交审批"))
#: Of one person this many are listed; the rest follows when these are done.
LISTED = 200


def install() -> None:
    """Register with the hand-over of staff; called once when the app is ready."""
    register_holding(KIND, _("提交未办结的审批"), _submitted)


def _submitted(staff: Staff) -> Iterable[Holding]:
    mine = ApprovalRequest.objects.filter(submitter_id=staff.user_id, state__in=OPEN_STATES)
    for request in mine.order_by("pk")[:LISTED]:
        yield Holding(
            KIND,
            str(request.pk),
            request.title,
            request.get_state_display(),
            reverse("admin:o2o_approvals_approvalrequest_change", args=[request.pk]),
            _hand(request.pk),
        )


def _hand(pk: int) -> Callable[[Staff, str], None]:
    def hand(heir: Staff, actor: str) -> None:
        """The heir answers and withdraws from now on, and decides nothing of it. Locks: the request.

        Raises ApprovalError SAME_PERSON for somebody who has decided a step of it.
        """
        request = lock_request(pk)
        if request is None or not request.is_open:
            return
        if has_decided(heir.user, request):
            raise ApprovalError(
                ApprovalErrorCode.SAME_PERSON,
                _("%(name)s已审批过“%(title)s”，不能成为它的提交人")
                % {"name": heir.name, "title": request.title},
                field="successor",
                hint=_("请把这一项移交给其他人"),
            )
        before = {"submitter": request.submitter_name}
        request.submitter = heir.user
        request.submitter_name = heir.name
        request.version += 1
        request.save(update_fields=["submitter", "submitter_name", "version"])
        ApprovalAction.objects.create(
            request=request,
            kind=ActionKind.HAND_OVER,
            position=request.position,
            **_who(actor),
            note=str(_("由%(before)s移交%(after)s")) % {"before": before["submitter"], "after": heir.name},
        )
        audit.record(
            HANDED, request, before=before, after={"submitter": heir.name}, org_path=request.unit.path
        )

    return hand


def _who(actor: str) -> dict[str, Any]:
    """Whoever handed it over, as a line of the request's history names people."""
    kind, _colon, key = actor.partition(":")
    user = User.objects.filter(pk=key).first() if kind == "user" and key.isdecimal() else None
    return {"actor": user, "actor_name": name_of(user) if user else str(_("系统"))}
