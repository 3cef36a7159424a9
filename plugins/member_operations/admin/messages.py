"""发送明细: each member's message of a campaign, what became of it and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import column, moment

from ..models import CampaignMessage
from .looks import MESSAGES, coloured


@admin.register(CampaignMessage)
class CampaignMessageAdmin(ReadOnlyAdmin):
    """Messages of the campaigns in reach."""

    list_display = ("c_campaign", "c_member", "c_state", "c_why", "c_told", "c_opened", "c_handed")
    list_display_links = ("c_campaign",)
    list_select_related = ("campaign__unit", "member")
    list_filter = (("state", ChoicesDropdownFilter), ("why", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("campaign__number", "member__number", "reference")
    search_help_text = _("活动编号、会员号、发送编号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_campaign",
                "c_member",
                "c_state",
                "c_why",
                "c_told",
                "c_opened",
                "reference",
                "c_handed",
            ),
        ),
    )

    c_campaign = column("campaign__name", "活动", order="campaign")
    c_member = column("member__number", "会员号", order=None)
    c_why = column("get_why_display", "原因", lambda show: show() or "—", order="why")
    c_opened = moment("opened_at", "点开时间")
    c_handed = moment("handed_at", "交发时间")

    @admin.display(description=_("公众号"))
    def c_told(self, row: CampaignMessage) -> str:
        return f"改发短信：{row.told}" if row.by_text else row.told or "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: CampaignMessage) -> Any:
        return coloured(row.state, MESSAGES)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup == "campaign__id__exact" or super().lookup_allowed(lookup, value, request)
