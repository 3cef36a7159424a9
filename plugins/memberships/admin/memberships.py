"""付费会员: who has what until when, where each stretch came from, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.members.interfaces import members_by_text
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import at, badge, column, link, moment
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.backoffice.privacy import masked_person

from ..choices import MembershipState
from ..models import Membership
from ..permissions import EXPORT
from ..rules import last_day

STATE = dict(MembershipState.choices)


@admin.register(Membership)
class MembershipAdmin(ActingAdmin):
    """Memberships of the members in reach."""

    list_display = ("number", "c_member", "c_name", "c_plan", "c_kind", "c_state", "c_last", "c_home")
    list_display_links = ("number",)
    list_select_related = ("member__user", "member__home_unit", "plan", "vehicle")
    list_filter = (
        ("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), "plan",
        ("ends_at", titled(RangeDateFilter, "到期")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("number",)
    search_help_text = _("会员资格号；完整的会员号、手机号、卡号、证件号或用户名")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number",
                "c_state",
                "c_member",
                "c_name",
                "c_plan",
                "c_kind",
                "c_starts",
                "c_last",
                "c_car",
                "c_home",
            ),
        ),
    )
    export = Export(
        "付费会员", EXPORT,
        (
            Cell("资格号", "number"), Cell("会员号", "member__number"), Cell("方案", "plan__name"),
            Cell("种类", lambda row: row.get_kind_display()), Cell("状态", lambda row: row.get_state_display()),
            Cell("开始", "starts_at"), Cell("到期", "ends_at"),
        ),
        related=("member", "plan"),
    )  # fmt: skip

    c_member = column("member__number", "会员号")
    c_home = column("member__home_unit__name", "归属机构", order="member__home_unit__path")
    c_plan = column("plan__name", "方案")
    c_kind = column("get_kind_display", "种类", lambda show: show(), order="kind")
    c_starts = moment("starts_at", "开始")
    c_last = column("ends_at", "有效期至", lambda end: f"{last_day(end)}")

    @admin.display(description=_("姓名"))
    def c_name(self, row: Membership) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("车辆"))
    def c_car(self, row: Membership) -> str:
        return row.vehicle.masked if row.vehicle is not None else "—"

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Membership) -> Any:
        return badge(row.state, STATE)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        by_member = queryset.filter(member__in=[one.pk for one in members_by_text(text)])
        return by_member | queryset.filter(number=text.upper()), False

    def tables(self, request: HttpRequest, obj: Membership) -> Sequence[Table]:
        rows = [
            (
                one.plan.name, one.get_origin_display(), at(one.starts_at), f"{last_day(one.ends_at)}", yuan(one.paid),
                one.unit.name, link("o2o_backoffice_order", one.order_id, one.order_id) if one.order_id else "—",
                _("已失效") if one.voided_at else _("被升级") if one.replaced_by_id else "", one.note or "—",
            )
            for one in obj.terms.select_related("plan", "unit").order_by("starts_at", "pk")
        ]  # fmt: skip
        headers = ("方案", "来源", "开始", "至", "实付", "机构", "订单", "变动", "说明")
        return [Table(str(_("各期")), headers, rows), moves_of(obj, STATE)]
