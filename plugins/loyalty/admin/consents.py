"""会员确认: what members agreed to at the counters in reach, with a code on their own telephones."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, link, moment
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.backoffice.privacy import masked_person

from ..kinds import ConsentKind, ConsentState
from ..models import Consent

STATE = dict(ConsentState.choices)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Who agreed to what, when, for which sale; nothing is done here."""

    list_display = (
        "number", "c_kind", "c_amount", "c_member", "c_name", "c_order", "c_unit", "c_operator", "c_state", "c_asked",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("member__user", "unit", "operator")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("asked_at", titled(RangeDateFilter, "时间")),
    )
    list_filter_submit = True
    search_fields = ("number", "member__number")
    search_help_text = _("确认单号、会员号")
    ordering = ("-pk",)
    details = (
        (None, ("number", "c_kind", "c_amount", "c_state", "c_member", "c_name", "c_order")),
        ("办理", ("c_unit", "c_operator", "part_number")),
        ("时间", ("c_asked", "c_given", "c_over")),
    )

    c_member = column("member__number", "会员号")
    c_unit = column("unit__name", "销售机构", order="unit__path")
    c_operator = column("operator__first_name", "经办人", order=None)
    c_asked = moment("asked_at", "发起时间")
    c_given = moment("given_at", "确认时间")
    c_over = moment("over_at", "结束时间")

    @admin.display(description=_("用途"), ordering="kind")
    def c_kind(self, row: Consent) -> str:
        return str(row.get_kind_display())

    @admin.display(description=_("数量"), ordering="amount")
    def c_amount(self, row: Consent) -> str:
        return yuan(row.amount) if row.kind == ConsentKind.BALANCE else f"{row.amount:,.0f} 分"

    @admin.display(description=_("姓名"))
    def c_name(self, row: Consent) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("订单"), ordering="order")
    def c_order(self, row: Consent) -> Any:
        return link("o2o_backoffice_order", row.order_id, f"#{row.order_id}") if row.order_id else "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Consent) -> Any:
        return badge(row.state, STATE)
