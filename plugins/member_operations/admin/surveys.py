"""评价（NPS）: what people answered, their words masked of nothing but their names."""

from __future__ import annotations

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import column, moment

from ..models import Survey


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    """Of the orders in reach."""

    list_display = ("c_order", "c_member", "c_unit", "c_score", "word", "c_asked", "c_answered")
    list_display_links = ("c_order",)
    list_select_related = ("member", "unit", "order__o2o_profile")
    list_filter = (
        ("asked_at", titled(RangeDateFilter, "邀请时间")),
        ("score", RangeNumericFilter),
        ("answered_at", admin.EmptyFieldListFilter),
    )
    list_filter_submit = True
    search_fields = ("member__number", "order__o2o_profile__number")
    search_help_text = "会员号、订单编号"
    ordering = ("-pk",)
    details = ((None, ("c_order", "c_member", "c_unit", "c_score", "word", "c_asked", "c_answered")),)

    c_order = column("order__o2o_profile__number", "订单编号", order=None)
    c_member = column("member__number", "会员号", order=None)
    c_unit = column("unit__name", "机构", order="unit__path")
    c_score = column("score", "推荐意愿", str)
    c_asked = moment("asked_at", "邀请时间")
    c_answered = moment("answered_at", "回答时间")
