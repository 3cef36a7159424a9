"""The page of one task: where to, what, who, and what this person can do with it now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.columns import badge
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, get_row, rows_for
from saleor_o2o.ordering.interfaces import profile_of

from ..checking import mark_of, standing
from ..choices import Reason, State
from ..errors import DispatchError
from ..errors import DispatchErrorCode as Code
from ..models import DispatchTask
from ..noting import named
from ..selectors import hands_of, targets_of, told
from ..services import giving, refusing, sending, taking
from ..showing import actions_of, fetched_from, goods_of, receiver_of, shown

_STATE = dict(State.choices)


def task_view(page: Any, request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a task in scope; a POST does one thing to it. What was typed stays when it is refused."""
    row = _row(request, pk)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _act(request, row)
        except NotAllowed:
            raise PermissionDenied from None
        except OutOfScope:
            raise Http404 from None
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("已处理：%(now)s") % {"now": standing(done)})
            still = rows_for(request.user, DispatchTask).filter(pk=row.pk).exists()
            address = request.path if still else reverse(f"admin:{page._page('changelist')}")
            return HttpResponseRedirect(address)
        row = _row(request, pk)
    return TemplateResponse(request, "o2o_dispatch/task.html", _context(page, request, row, error))


def _row(request: HttpRequest, pk: Any) -> DispatchTask:
    user: Any = request.user
    try:
        return get_row(user, shown(DispatchTask.objects.all()), pk=pk)
    except OutOfScope as error:
        raise Http404 from error


def _act(request: HttpRequest, row: DispatchTask) -> DispatchTask:
    posted, user = request.POST, request.user
    seen = posted.get("seen", "")[:60]
    said = {"reason": posted.get("reason", "")[:12], "text": posted.get("text", "")[:1000]}
    match posted.get("act"):
        case "grab":
            return taking.grab(user, row.pk)
        case "accept":
            return taking.accept(user, row.pk, seen=seen)
        case "send":
            return sending.hand_out(user, row.pk, seen=seen)
        case "assign":
            return giving.assign(user, row.pk, posted.get("person", "")[:40], seen=seen)
        case "pass":
            return giving.pass_on(user, row.pk, posted.get("person", "")[:40], seen=seen, **said)
        case "move":
            return giving.send(user, row.pk, posted.get("unit", "")[:40], seen=seen, **said)
        case "refuse":
            return refusing.refuse(user, row.pk, said["reason"], said["text"], seen=seen)
    raise DispatchError(Code.REQUIRED, _("请选择要执行的操作"))


def _context(page: Any, request: HttpRequest, row: DispatchTask, error: DomainError | None) -> dict[str, Any]:
    user: Any = request.user
    actions = actions_of(user, row)
    gives = "ASSIGN" in actions or "PASS" in actions
    order_model = row.order._meta.model
    sees_order = rows_for(user, order_model).filter(pk=row.order_id).exists()
    profile = profile_of(row.order_id) if sees_order else None
    return {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": row.number,
        "row": row,
        "seen": mark_of(row),
        "colour_state": badge(row.state, _STATE),
        "standing": standing(row),
        "holder": named(row.holder) if row.holder_id else "",
        "receiver": receiver_of(user, row),
        "goods": goods_of(row),
        "fetched": fetched_from(row),
        "profile": profile,
        "actions": actions,
        "hands": hands_of(row.unit) if gives else [],
        "targets": targets_of(user, row) if "MOVE" in actions else [],
        "reasons": Reason.choices,
        "entries": told(row),
        "error": error,
        "typed": request.POST,
        "back": reverse(f"admin:{page._page('changelist')}") + "?turn=open",
    }


def doors(request: HttpRequest, profile: Any) -> list[dict[str, Any]]:
    """From an order of the desk to its tasks in sight. One statement."""
    tasks = (
        rows_for(request.user, DispatchTask)
        .filter(order_id=profile.pk)
        .order_by("pk")
        .values_list("pk", "number")
    )
    return [
        door(
            _("派单 %(number)s") % {"number": number}, "local_shipping",
            reverse("admin:o2o_dispatch_dispatchtask_change", args=[pk]),
        )
        for pk, number in tasks[:5]
    ]  # fmt: skip
