"""检票冲突: what devices did without a network and somebody has to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, link_to, moment
from saleor_o2o.backoffice.doors import door

from ...models import ScanConflict
from ..access import RESOLVE
from ..choices import ConflictKind, ConflictState
from ..services.devices import resolve

KIND, STATE = dict(ConflictKind.choices), dict(ConflictState.choices)


@admin.register(ScanConflict)
class ConflictAdmin(ActingAdmin):
    """Conflicts at the gates in reach."""

    list_display = ("c_made", "c_kind", "c_state", "words", "people", "c_device", "c_unit", "c_by")
    list_display_links = ("c_made",)
    list_select_related = ("device", "unit", "voucher", "winner__gate", "loser__gate", "done_by")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    search_fields = ("voucher__number", "device__code")
    search_help_text = _("凭证号、设备号")
    ordering = ("-state", "-pk")
    details = (
        (
            None,
            (
                "c_made", "c_kind", "c_state", "people", "words", "c_voucher", "c_winner", "c_loser", "c_device",
                "c_unit", "c_by", "c_done", "note",
            ),
        ),
    )  # fmt: skip

    c_made = moment("made_at", "发现时间")
    c_done = moment("done_at", "处理时间")
    c_device = column("device__name", "设备", order=None)
    c_unit = column("unit__name", "检票机构", order="unit__path")
    c_voucher = link_to("voucher", "凭证", "o2o_admission_voucher")
    c_winner = link_to("winner", "有效的检票", "o2o_admission_scan")
    c_loser = link_to("loser", "无效的检票", "o2o_admission_scan")
    c_by = column("done_by__first_name", "处理人", order=None)

    @admin.display(description=_("类别"), ordering="kind")
    def c_kind(self, row: ScanConflict) -> Any:
        return badge(row.kind, KIND)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: ScanConflict) -> Any:
        return badge(row.state, STATE)

    def doors(self, request: HttpRequest, obj: ScanConflict) -> Sequence[Mapping[str, Any]]:
        if obj.state != ConflictState.OPEN or not self.may(request, RESOLVE, obj):
            return []
        return [door(_("标为已处理"), "check", self.address("resolve", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/resolve/", self.resolve_view, "resolve"), *super().get_urls()]

    def resolve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody has looked."""
        row: ScanConflict = self.row(request, pk, RESOLVE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            resolve(request.user, pk, told["reason"])
            return str(_("已处理"))

        return self.act(
            request, _("处理检票冲突"), form, do, self.page_of(pk), facts=((KIND[row.kind], row.words),)
        )
