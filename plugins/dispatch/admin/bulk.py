"""批量指派: several tasks of one unit to one person; each has its own answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..errors import DispatchError
from ..errors import DispatchErrorCode as Code
from ..models import DispatchTask
from ..permissions import ASSIGN
from ..selectors import hands_of
from ..services.giving import MOST, assign_many


def assign_view(page: Any, request: HttpRequest) -> HttpResponse:
    """Ask to whom; a POST gives. All of the tasks in the address must be the user's to give, or 404 and 403."""
    tasks = _chosen(request)
    units = {row.unit_id: row.unit for row in tasks}
    back = f"{reverse('admin:' + page._page('changelist'))}?turn=open"
    if len(units) > 1:
        messages.error(request, _("所选任务属于不同机构，请按机构分别指派"))
        return HttpResponseRedirect(back)
    [unit] = units.values()
    hands, error = hands_of(unit), None
    person = request.POST.get("person", "")[:40]
    if request.method == "POST":
        try:
            if not person:
                raise DispatchError(Code.REQUIRED, _("请选择承办人"), "person")
            given = assign_many(request.user, [row.pk for row in tasks], person)
        except DomainError as refusal:
            error = refusal
        else:
            done = sum(1 for one in given if not one.problem)
            if done:
                messages.success(request, _("已指派 %(count)s 单") % {"count": done})
            for one in given:
                if one.problem:
                    messages.error(request, f"{one.number}：{one.problem}")
            return HttpResponseRedirect(back)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("批量指派"),
        "tasks": tasks,
        "unit": unit,
        "hands": hands,
        "person": person,
        "error": error,
        "back": back,
    }
    return TemplateResponse(request, "o2o_dispatch/assign.html", context)


def _chosen(request: HttpRequest) -> list[DispatchTask]:
    given = (request.GET.get("ids") or "").split(",")
    keys = {int(one) for one in given if one.isascii() and one.isdigit() and len(one) <= 18}
    user: Any = request.user
    seen = rows_for(user, DispatchTask).filter(pk__in=keys).count() if 0 < len(keys) <= MOST else 0
    if not keys or seen != len(keys):
        raise Http404
    rows = rows_for(user, DispatchTask, ASSIGN).filter(pk__in=keys).select_related("unit", "sub_order")
    found = list(rows.order_by("pk"))
    if len(found) != len(keys):
        raise PermissionDenied
    return found
