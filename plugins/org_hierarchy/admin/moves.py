"""隶属变更: what is planned, was done, failed or was called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import column, link_to, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..models import PlannedMove
from ..services.moving import cancel_move
from .unit_pages import home_of, page
from .unit_tables import coloured

UNIT = "o2o_org_hierarchy_orgunit"


@admin.register(PlannedMove)
class PlannedMoveAdmin(ReadOnlyAdmin):
    """Re-parentings of the units in reach."""

    list_display = ("c_day", "c_unit", "c_parent", "c_state", "reason", "c_problem", "c_made")
    list_display_links = ("c_day",)
    list_filter = (("state", ChoicesDropdownFilter), ("effective_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("unit", "parent")
    search_fields = ("unit__code", "unit__name", "parent__name")
    search_help_text = _("机构代码或名称")
    details = ((None, ("c_unit", "c_parent", "c_day", "c_state", "reason", "c_problem", "c_made", "c_done")),)

    c_unit = link_to("unit", "机构", UNIT, lambda unit: unit.name)
    c_parent = link_to("parent", "新上级机构", UNIT, lambda unit: unit.name)
    c_day = column("effective_on", "生效日期", lambda value: value.isoformat())
    c_problem = column("problem", "说明")
    c_made = moment("created_at", "登记时间")
    c_done = moment("done_at", "办结时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, planned: PlannedMove) -> SafeString:
        return coloured(planned.state, planned.get_state_display())

    def doors(self, request: HttpRequest, obj: PlannedMove) -> Sequence[Mapping[str, Any]]:
        if obj.state != PlannedMove.State.WAITING or not self._may(request, "org_unit.move", obj):
            return ()
        return (door(_("取消"), "event_busy", reverse(f"admin:{self._page('cancel')}", args=[obj.pk])),)

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/cancel/", self.admin_site.admin_view(self.cancel), name=self._page("cancel"))
        return [own, *super().get_urls()]

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call a waiting move off."""
        try:
            planned = get_row(request.user, PlannedMove.objects.select_related("unit", "parent"), pk=pk)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(PlannedMove).may(request.user, "org_unit.move", planned):
            raise PermissionDenied
        back = home_of(planned.unit)
        if request.method == "POST":
            try:
                cancel_move(planned, by=request.user, reason=request.POST.get("reason", "").strip())
            except DomainError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, _("已取消隶属变更"))
            return HttpResponseRedirect(back)
        return page(
            self, request, "cancel.html", _("取消隶属变更"), planned=planned, back=back,
            changelist=reverse(f"admin:{self._page('changelist')}"),
        )  # fmt: skip
