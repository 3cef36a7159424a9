"""待办: what waits for me, what I brought in, what I decided, what is late; and the page to decide on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..acting import Act, perform
from ..models import ApprovalRequest, RequestState
from ..selectors import Tab, asked_unit, counts, is_late, may_decide, of_tab
from ..showing import COLOURS, summary_of

PER_PAGE = 20

TABS = {
    Tab.WAITING: _("待我审批"),
    Tab.MINE: _("我提交的"),
    Tab.DONE: _("我处理过的"),
    Tab.OVERDUE: _("超时"),
}
EMPTY = {
    Tab.WAITING: _("没有等待您处理的审批"),
    Tab.MINE: _("您还没有提交过审批"),
    Tab.DONE: _("您还没有处理过审批"),
    Tab.OVERDUE: _("没有超时的审批"),
}
DONE = {
    Act.APPROVE: _("已同意"),
    Act.REJECT: _("已驳回"),
    Act.ASK: _("已退回提交人补充"),
    Act.SUPPLEMENT: _("已补充，继续审批"),
    Act.WITHDRAW: _("已撤回"),
}


@dataclass(frozen=True)
class Row:
    """A request in a list: with the colour of its state and whether it is late."""

    request: ApprovalRequest
    colour: str
    late: bool
    href: str


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(ReadOnlyAdmin):
    """The page 待办 and the page of one request."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        tab = _tab(request.GET.get("tab"))
        found = of_tab(request.user, tab).select_related("unit")
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
        numbers = counts(request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("待办"),
            "tabs": [(one, label, numbers.get(one), one == tab) for one, label in TABS.items()],
            "tab": tab,
            "rows": [self._row(one) for one in page.object_list],
            "page": page,
            "empty": EMPTY[tab],
        }
        return TemplateResponse(request, "o2o_approvals/list.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            found = get_row(request.user, ApprovalRequest.objects.select_related("unit"), pk=object_id)
        except OutOfScope as error:
            raise Http404 from error
        if request.method == "POST":
            answer = self._act(request, found)
            if answer is not None:
                return answer
            found = get_row(request.user, ApprovalRequest.objects.select_related("unit"), pk=found.pk)
        return TemplateResponse(request, "o2o_approvals/request.html", self._context(request, found))

    def _act(self, request: HttpRequest, found: ApprovalRequest) -> HttpResponse | None:
        """Do what was asked; None when it was refused, and the page is shown again with what was typed."""
        posted = request.POST
        try:
            act = Act(posted.get("act", ""))
            version = int(posted.get("version", ""))
        except ValueError:
            messages.error(request, _("请选择要执行的操作"))
            return None
        try:
            perform(found, act, request.user, posted.get("note", ""), version)
        except DomainError as error:
            hint = f" {error.hint}" if error.hint else ""
            messages.error(request, f"{error.message}{hint}")
            return None
        messages.success(request, DONE[act])
        return HttpResponseRedirect(reverse("admin:o2o_approvals_approvalrequest_changelist"))

    def _context(self, request: HttpRequest, found: ApprovalRequest) -> dict[str, Any]:
        user = request.user
        mine = found.submitter_id == user.pk
        subject = summary_of(found)
        return {
            **self.admin_site.each_context(request),
            "title": found.title,
            "one": found,
            "row": self._row(found),
            "summary": subject.lines,
            "subject_href": subject.href,
            "subject_gone": subject.gone,
            "steps": found.steps.select_related("decided_by"),
            "actions": found.actions.all(),
            "asked": asked_unit(found) if found.state == RequestState.PENDING else None,
            "may_decide": may_decide(user, found),
            "may_supplement": mine and found.state == RequestState.SUPPLEMENT,
            "may_withdraw": mine and found.is_open,
            "note": request.POST.get("note", ""),
            "back": reverse("admin:o2o_approvals_approvalrequest_changelist"),
        }

    @staticmethod
    def _row(found: ApprovalRequest) -> Row:
        href = reverse("admin:o2o_approvals_approvalrequest_change", args=[found.pk])
        return Row(found, COLOURS[found.state], is_late(found), href)


def _tab(name: str | None) -> Tab:
    return Tab(name) if name in list(Tab) else Tab.WAITING
