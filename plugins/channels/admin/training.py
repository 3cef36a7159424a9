"""课程, 考试 and 拜访."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import either
from saleor_o2o.backoffice.admin.naming import NamesActors
from saleor_o2o.backoffice.columns import column, link_to, moment, yes_no

from ..models import Course, Exam, Visit
from ..types import ChannelType
from .city import CityAdmin


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
    c_channel = link_to("channel", "渠道", "o2o_channels_channel")
    c_course = column("course__name", "课程", order=None)
    c_passed = yes_no("passed", "合格")


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    """Visits planned and made; written on the channel's page."""

    list_display = ("c_channel", "kind", "planned_on", "c_visitor", "c_done", "result", "findings")
    list_filter = (
        either("done_at__isnull", "待拜访"),
        ("kind", ChoicesDropdownFilter),
        ("result", ChoicesDropdownFilter),
        ("planned_on", RangeDateFilter),
    )
    list_filter_submit = True
    list_select_related = ("channel", "visitor")
    search_fields = ("=channel__code", "channel__name__contains")
    details = ((None, ("c_channel", "kind", "planned_on", "c_visitor", "c_done", "result", "findings")),)
    c_channel = link_to("channel", "渠道", "o2o_channels_channel")
    c_visitor = column("visitor__name", "拜访人", order=None)
    c_done = moment("done_at", "拜访时间")
