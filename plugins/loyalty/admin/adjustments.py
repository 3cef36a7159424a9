"""积分调整单: what was asked for by hand, and what became of it; decided on the page of its approval."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.approvals.interfaces import requests_of
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import badge, column, link, moment

from ..kinds import AdjustmentState
from ..models import Adjustment

STATE = dict(AdjustmentState.choices)


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    """Adjustments of the units in reach."""

    list_display = ("number", "c_member", "c_what", "c_unit", "c_asker", "c_asked", "c_state")
    list_display_links = ("number",)
    list_select_related = ("member", "unit", "asked_by", "level")
    list_filter = (("state", ChoicesDropdownFilter), ("asked_at", titled(RangeDateFilter, "申请时间")))
    list_filter_submit = True
    search_fields = ("number", "member__number")
    search_help_text = _("调整单号、会员号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number",
                "c_state",
                "c_member",
                "c_what",
                "c_unit",
                "reason",
                "c_asker",
                "c_asked",
                "c_approval",
                "c_over",
            ),
        ),
    )

    c_member = column("member__number", "会员号")
    c_unit = column("unit__name", "承担机构", order="unit__path")
    c_asker = column("asked_by__first_name", "申请人", order=None)
    c_asked = moment("asked_at", "申请时间")
    c_over = moment("over_at", "结束时间")

    @admin.display(description=_("内容"))
    def c_what(self, row: Adjustment) -> str:
        if row.level is not None:
            return str(_("赠送等级：%(level)s") % {"level": row.level.name})
        return f"{row.get_book_display()} {row.amount:+,d}"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Adjustment) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("审批单"))
    def c_approval(self, row: Adjustment) -> Any:
        approval = requests_of(row).first()
        return (
            "—" if approval is None else link("o2o_approvals_approvalrequest", approval.pk, approval.number)
        )

    def tables(self, request: HttpRequest, obj: Adjustment) -> Any:
        return [moves_of(obj, STATE)]
