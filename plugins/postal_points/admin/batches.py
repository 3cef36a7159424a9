"""邮政业务导入批次: what files brought, and who agreed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.approvals.interfaces import requests_of
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.columns import column, link, moment, state

from ..kinds import BatchState, Service
from ..models import PostalBatch
from .looks import STATES

BATCH_STATES = dict(BatchState.choices)
SERVICES = {str(value): str(label) for value, label in Service.choices}
SHOWN = 200


@admin.register(PostalBatch)
class PostalBatchAdmin(ReadOnlyAdmin):
    """Batches of the units in reach."""

    list_display = (
        "number",
        "filename",
        "c_unit",
        "businesses_count",
        "c_points",
        "c_backs",
        "c_made",
        "c_state",
    )
    list_display_links = ("number",)
    list_select_related = ("unit", "maker")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("number", "filename")
    search_help_text = _("批次号、文件名")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number", "c_state", "filename", "c_unit", "businesses_count", "c_points", "c_backs", "c_maker",
                "c_made", "c_approval", "c_over",
            ),
        ),
    )  # fmt: skip

    c_unit = column("unit__name", "导入机构", order="unit__path")
    c_maker = column("maker__first_name", "导入人", order=None)
    c_made = moment("made_at", "导入时间")
    c_over = moment("over_at", "结束时间")
    c_state = state("state", "状态", BATCH_STATES)
    c_points = column("points", "积分合计", lambda value: f"{value:,}")
    c_backs = column("reversals", "冲正笔数", len, order=None)

    @admin.display(description=_("审批单"))
    def c_approval(self, row: PostalBatch) -> Any:
        found = requests_of(row).first()
        return "—" if found is None else link("o2o_approvals_approvalrequest", found.pk, found.number)

    def tables(self, request: HttpRequest, obj: PostalBatch) -> Any:
        rows = [
            (one.get_service_display(), one.number, f"{one.amount or 0:,.2f}", one.clue or "—", f"{one.points:,}",
             STATES[one.state], one.why or "—")
            for one in obj.businesses.order_by("pk")[:SHOWN]
        ]  # fmt: skip
        backs = [(SERVICES.get(service, service), number) for service, number in obj.reversals[:SHOWN]]
        return [
            Table(
                str(_("办理（前 %(n)s 笔）") % {"n": SHOWN}),
                ("业务", "业务编号", "金额（元）", "客户", "积分", "状态", "说明"), rows,
            ),
            Table(str(_("冲正")), ("业务", "业务编号"), backs),
            moves_of(obj, BATCH_STATES),
        ]  # fmt: skip
