"""What approvals wait for somebody, for the home page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.backoffice.todo import Todo

from .models import ApprovalRequest, RequestState
from .selectors import Tab, of_tab

#: More than this belongs on the page 待办, not on the home page.
MOST = 20


def todo(user: Any) -> list[Todo]:
    """Requests to decide and requests to supplement; one statement beside the access."""
    return [_told(request) for request in of_tab(user, Tab.WAITING).select_related("unit")[:MOST]]


def _told(request: ApprovalRequest) -> Todo:
    if request.state == RequestState.SUPPLEMENT:
        note = _("被退回，请补充材料")
    elif request.overdue_since is not None:
        note = _("%(unit)s · 已超时升级到%(level)s") % {
            "unit": request.unit.name, "level": Level(request.level).label
        }  # fmt: skip
    else:
        note = _("%(unit)s · %(who)s 提交") % {"unit": request.unit.name, "who": request.submitter_name}
    href = reverse("admin:o2o_approvals_approvalrequest_change", args=[request.pk])
    return Todo(request.title, note, href, request.waiting_since, request.due_at)
