"""纸票清点: what clerks counted at a shift's end, and what became of differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.backoffice.doors import door

from ..access import PAPER_EXPORT, PAPER_STOCK
from ..models import PaperCount
from ..services.papers import apart, differing, settle_count

COUNT_EXPORT = Export(
    _("纸票清点"), PAPER_EXPORT,
    (
        Cell(_("清点时间"), "at"), Cell(_("机构"), "range__unit__name"), Cell(_("号段"), lambda row: str(row.range)),
        Cell(_("系统当前号"), lambda row: row.range.serial(row.expected)),
        Cell(_("实物当前号"), lambda row: row.range.serial(row.counted)), Cell(_("相差"), "difference"),
        Cell(_("当日打印"), "printed"), Cell(_("当日作废"), "voided"), Cell(_("清点人"), "by__first_name"),
        Cell(_("说明"), "note"), Cell(_("处理结果"), "settled_note"), Cell(_("处理时间"), "settled_at"),
    ),
    related=("range__unit", "by"),
)  # fmt: skip


class OpenFilter(admin.SimpleListFilter):
    """Counts whose difference nobody has dealt with."""

    title = _("差异")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("未处理的差异")), ("any", _("有差异"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "yes":
            return differing(queryset)
        return apart(queryset) if self.value() == "any" else queryset


@admin.register(PaperCount)
class PaperCountAdmin(ActingAdmin):
    """What clerks counted, and what became of differences."""

    export = COUNT_EXPORT
    list_display = (
        "c_at",
        "c_unit",
        "c_range",
        "c_expected",
        "c_counted",
        "difference",
        "c_by",
        "note",
        "c_settled",
    )
    list_display_links = ("c_at",)
    list_select_related = ("range__unit", "by")
    list_filter = (OpenFilter, ("at", titled(RangeDateFilter, "清点时间")))
    list_filter_submit = True
    search_fields = ("by__first_name", "range__unit__name")
    search_help_text = _("清点人、机构")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_at", "c_unit", "c_range", "c_expected", "c_counted", "difference", "printed", "voided", "c_by",
                "note", "c_settled", "c_settler", "settled_note",
            ),
        ),
    )  # fmt: skip

    c_at = moment("at", "清点时间")
    c_unit = column("range__unit__name", "机构", order="range__unit__path")
    c_range = column("range", "号段", str, order=None)
    c_by = column("by__first_name", "清点人", order=None)
    c_settled = moment("settled_at", "处理时间")
    c_settler = column("settled_by__first_name", "处理人", order=None)

    @admin.display(description=_("系统当前号"))
    def c_expected(self, row: PaperCount) -> str:
        return row.range.serial(row.expected)

    @admin.display(description=_("实物当前号"))
    def c_counted(self, row: PaperCount) -> str:
        return row.range.serial(row.counted)

    @admin.display(description=_("相差"))
    def difference(self, row: PaperCount) -> int:
        return row.difference

    def doors(self, request: HttpRequest, obj: PaperCount) -> Sequence[Mapping[str, Any]]:
        if obj.difference and obj.settled_at is None and self.may(request, PAPER_STOCK, obj):
            return [door(_("处理差异"), "fact_check", self.address("settle", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/settle/", self.settle_view, "settle"), *super().get_urls()]

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What became of it."""
        row: PaperCount = self.row(request, pk, PAPER_STOCK)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            settle_count(request.user, pk, told["reason"])
            return str(_("已记录处理结果"))

        facts = (
            (_("号段"), str(row.range)), (_("相差"), _("%(count)d 张") % {"count": row.difference}),
            (_("说明"), row.note or "—"),
        )  # fmt: skip
        note = _("写明查到的原因和处理（例如补登记作废、找回、按规定赔付）。")
        return self.act(request, _("处理清点差异"), form, do, self.page_of(pk), facts=facts, note=note)
