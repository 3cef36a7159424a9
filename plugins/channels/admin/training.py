"""课程, 考试 and 拜访."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import either
from saleor_o2o.backoffice.admin.naming import NamesActors, names_of
from saleor_o2o.backoffice.columns import at, column, link_to, moment, yes_no
from saleor_o2o.backoffice.doors import door

from ..models import Course, Exam, Visit, VisitState, in_state
from ..services.visits import cancel_plan
from ..types import ChannelType
from .city import CityAdmin
from .forms import CancelPlanForm
from .steps import Step, StepPages
from .visiting import state_badge


class CourseForm(forms.ModelForm):  # type: ignore[type-arg]
    """A course; the kinds of channel to tick."""

    required_for = forms.MultipleChoiceField(
        label=_("哪些渠道必修"), choices=ChannelType.choices, required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip

    class Meta:
        model = Course
        fields = ("code", "name", "pass_mark", "required_for", "is_active")


@admin.register(Course)
class CourseAdmin(CityAdmin):
    """What owners learn."""

    form = CourseForm
    list_display = ("code", "name", "pass_mark", "c_for", "c_active")
    fields = (("code", "name"), ("pass_mark", "is_active"), "required_for")
    looks = (("code", "name"), ("pass_mark", "c_active"), "c_for")
    c_active = yes_no("is_active", "启用")

    @admin.display(description=_("哪些渠道必修"))
    def c_for(self, row: Course) -> str:
        names = dict(ChannelType.choices)
        return "、".join(str(names[one]) for one in row.required_for) or "—"


@admin.register(Exam)
class ExamAdmin(NamesActors, ReadOnlyAdmin):
    """Examinations; written on the channel's page."""

    actor_field = "examiner"

    list_display = ("c_channel", "c_course", "taken_on", "score", "c_passed", "c_actor")
    list_filter = (either("passed", "合格"), ("course", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("channel", "course")
    search_fields = ("=channel__code", "channel__name__contains")
    details = ((None, ("c_channel", "c_course", "taken_on", "score", "c_passed", "c_actor")),)
    c_channel = link_to("channel", "渠道", "o2o_channels_channel", lambda row: row.name)
    c_course = column("course__name", "课程", order=None)
    c_passed = yes_no("passed", "合格")


class VisitStateFilter(DropdownFilter):
    """Planned, late, made, called off."""

    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(VisitState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(in_state(self.value())) if self.value() in VisitState.values else queryset


@admin.register(Visit)
class VisitAdmin(StepPages, ReadOnlyAdmin):
    """Visits planned, made and called off. They are written on the channel's page; a plan is called off here."""

    steps = (
        Step(
            "cancel", _("取消计划"), "channel.visit", CancelPlanForm,
            lambda _request, row, data: cancel_plan(row, data["reason"]),
            lambda row: row.state in (VisitState.PLANNED, VisitState.LATE),
            _("计划取消后不再提醒，原因、取消人和时间留在记录里。已经去过的请在渠道页“登记走访”。"),
        ),
    )  # fmt: skip
    list_display = (
        "c_planned",
        "c_channel",
        "c_kind",
        "c_state",
        "c_visitor",
        "c_done",
        "c_result",
        "c_words",
    )
    list_display_links = ("c_planned",)
    list_filter = (
        VisitStateFilter, ("kind", ChoicesDropdownFilter), ("result", ChoicesDropdownFilter),
        ("planned_on", RangeDateFilter),
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("channel", "visitor")
    search_fields = ("=channel__code", "channel__name__contains", "visitor__name")
    search_help_text = _("渠道代码、渠道名称或拜访人")
    details = (
        (None, ("c_channel", "c_kind", "c_state", "c_planned", "c_visitor", "c_done", "c_result", "c_findings")),
        ("取消", ("cancel_reason", "c_cancelled")),
    )  # fmt: skip
    c_channel = link_to("channel", "渠道", "o2o_channels_channel", lambda row: row.name)
    c_kind = column("get_kind_display", "类型", lambda name: name(), order="kind")
    c_planned = column(
        "planned_on", "计划日期", lambda day: format_html('<span class="o2o-whole">{}</span>', day)
    )
    c_visitor = column("visitor__name", "拜访人", order=None)
    c_done = moment("done_at", "拜访时间")
    c_findings = column("findings", "情况记录")
    c_result = column("get_result_display", "结论", lambda name: name() or "—", order="result")

    @admin.display(description=_("状态"))
    def c_state(self, row: Visit) -> Any:
        return state_badge(row)

    @admin.display(description=_("情况"))
    def c_words(self, row: Visit) -> str:
        return Truncator(row.findings or row.cancel_reason).chars(40) or "—"

    @admin.display(description=_("取消人和时间"))
    def c_cancelled(self, row: Visit) -> str:
        who = names_of([row.cancelled_by]).get(row.cancelled_by, row.cancelled_by)
        return f"{who} {at(row.cancelled_at)}"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        groups = super().get_fieldsets(request, obj)
        return groups if obj is not None and obj.cancelled_at else groups[:1]

    def doors(self, request: HttpRequest, obj: Visit) -> list[Any]:
        return [door(one["label"], "event_busy", one["href"]) for one in self.buttons(request, obj)]

    def get_urls(self) -> list[Any]:
        return [*self.step_urls(), *super().get_urls()]
