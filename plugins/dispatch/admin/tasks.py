"""派单任务: the list with its clocks, bulk assigning, and the way to the board, the report and the page of one task."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.org_hierarchy.interfaces import Staff
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, badge, moment
from saleor_o2o.kernel.scope import policy_for, rows_for
from saleor_o2o.ordering.interfaces import order_by_number

from ..choices import Stage, State
from ..models import DispatchTask
from ..noting import called, named
from ..permissions import ASSIGN, EXPORT
from ..services.giving import MOST
from ..showing import rough
from . import board, bulk, page, reporting
from .filters import TurnFilter, UnitFilter

STATE = dict(State.choices)
TASKS = Export(
    _("派单任务"),
    EXPORT,
    (
        Cell(_("派单号"), "number"),
        Cell(_("子订单号"), "sub_order__number"),
        Cell(_("业务线"), "get_line_display"),
        Cell(_("机构代码"), "unit__code"),
        Cell(_("承办机构"), "unit__name"),
        Cell(_("派达时机构路径"), "org_path"),
        Cell(_("状态"), "get_state_display"),
        Cell(_("处理级别"), "get_stage_display"),
        Cell(_("派单依据"), "get_basis_display"),
        Cell(_("派单说明"), "why"),
        Cell(_("承办人"), lambda row: named(row.holder) if row.holder_id else ""),
        Cell(_("派达时间"), "placed_at"),
        Cell(_("首次接单"), "taken_at"),
        Cell(_("时限"), "due_at"),
        Cell(_("首次超时"), "late_at"),
        Cell(_("结束时间"), "ended_at"),
    ),
    related=("unit", "sub_order", "holder__o2o_staff"),
)


def _one(text: str) -> Any:
    """On one line: names and times are not broken in two."""
    return format_html('<span class="o2o-dp-one">{}</span>', text)


@admin.register(DispatchTask)
class DispatchTaskAdmin(ReadOnlyAdmin):
    """Tasks; everything that changes one goes through the services."""

    list_display = ("number", "c_unit", "c_where", "c_state", "c_holder", "c_due", "c_placed")
    list_display_links = ("number",)
    list_filter = (
        TurnFilter,
        ("state", ChoicesDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        ("line", ChoicesDropdownFilter),
        ("basis", ChoicesDropdownFilter),
        UnitFilter,
        ("created_at", titled(RangeDateFilter, "生成时间")),
    )
    list_filter_submit = True
    list_select_related = ("unit", "offered_to", "holder__o2o_staff", "sub_order", "order__shipping_address")
    search_fields = ("number",)
    search_help_text = _("派单号、订单号、子订单号、承办人工号或姓名")
    ordering = ("-pk",)
    export = TASKS
    actions = ("assign_chosen",)

    c_placed = moment("placed_at", "派达时间")

    class Media:
        css = {"all": ("o2o_dispatch/dispatch.css",)}

    @admin.display(description=_("承办机构"), ordering="unit")
    def c_unit(self, row: DispatchTask) -> Any:
        if row.offered_to_id is None:
            return _one(called(row.unit))
        return format_html("{} → {}", _one(called(row.unit)), _one(called(row.offered_to)))

    @admin.display(description=_("送往"))
    def c_where(self, row: DispatchTask) -> Any:
        found = row.order.shipping_address
        return _one(f"{found.city}{rough(found.street_address_1)}") if found is not None else "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: DispatchTask) -> Any:
        if row.state == State.WAITING:
            waits = (
                _("待抢单") if row.stage == Stage.STAFF else _("待%(who)s") % {"who": row.get_stage_display()}
            )
            return badge(row.state, {State.WAITING: waits})
        return badge(row.state, STATE)

    @admin.display(description=_("承办人"), ordering="holder")
    def c_holder(self, row: DispatchTask) -> Any:
        return _one(named(row.holder)) if row.holder_id is not None else "—"

    @admin.display(description=_("时限"), ordering="due_at")
    def c_due(self, row: DispatchTask) -> Any:
        if row.is_over or (row.due_at is None and not row.is_late):
            return "—"
        if row.is_late:
            when = at(row.due_at)[5:16] if row.due_at else ""
            return format_html('<span class="o2o-dp-late">{} {}</span>', when, _("已超时"))
        return _one(at(row.due_at)[5:16])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.replace("\0", "").strip().removeprefix("#")
        if not word:
            return queryset, False
        people = Staff.objects.filter(Q(employee_no__iexact=word) | Q(name=word)).values("user_id")
        found = Q(number__iexact=word) | Q(sub_order__number=word) | Q(holder__in=people)
        key = int(word) if word.isascii() and word.isdigit() and len(word) <= 9 else order_by_number(word)
        return queryset.filter(found | Q(order_id=key) if key is not None else found), False

    # -- what can be done ------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        def own(name: str, view: Any) -> Any:
            def wrapped(request: HttpRequest) -> Any:
                return view(self, request)

            return path(f"{name}/", self.admin_site.admin_view(wrapped), name=self._page(name))

        return [
            own("board", board.board_view),
            own("assign", bulk.assign_view),
            own("report", reporting.report_view),
            *super().get_urls(),
        ]

    def has_assign_permission(self, request: HttpRequest) -> bool:
        """Needed for an action."""
        return policy_for(DispatchTask).may(request.user, ASSIGN, DispatchTask)

    @admin.action(description=_("批量指派"), permissions=["assign"])
    def assign_chosen(self, request: HttpRequest, chosen: QuerySet[DispatchTask]) -> Any:
        """To the page that asks to whom, with those of the chosen that the user may give away."""
        allowed = rows_for(request.user, chosen, ASSIGN).filter(state__in=(State.WAITING, State.TAKEN))
        keys = list(allowed.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if not keys:
            messages.error(request, _("所选任务中没有您可以指派的：只有待接单和办理中的可以指派"))
            return None
        if len(keys) > MOST:
            messages.error(request, _("每次最多指派 %(most)s 单") % {"most": MOST})
            return None
        ids = ",".join(map(str, keys))
        return HttpResponseRedirect(f"{reverse('admin:' + self._page('assign'))}?ids={ids}")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return page.task_view(self, request, object_id)
