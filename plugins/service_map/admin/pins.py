"""位置纠正: who moved which pin, and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.admin.naming import NamesActors
from saleor_o2o.backoffice.columns import column, moment

from ..models import PinCorrection


@admin.register(PinCorrection)
class PinCorrectionAdmin(NamesActors, ReadOnlyAdmin):
    """Corrections in reach."""

    list_display = ("c_made", "c_name", "c_unit", "c_metres", "reason", "c_actor")
    list_display_links = ("c_made",)
    list_select_related = ("place", "community", "unit")
    search_fields = ("reason", "place__name", "community__name")
    ordering = ("-pk",)
    details = ((None, ("c_name", "c_unit", "c_from", "c_to", "c_metres", "reason", "c_actor", "c_made")),)

    c_made = moment("made_at", "时间")
    c_unit = column("unit__name", "管理机构", order=None)
    c_metres = column("metres", "移动", lambda value: f"{value:.0f} 米")

    @admin.display(description=_("地点"))
    def c_name(self, row: PinCorrection) -> str:
        return str(row.place or row.community)

    @admin.display(description=_("原位置"))
    def c_from(self, row: PinCorrection) -> str:
        return f"{row.from_lng:.6f}, {row.from_lat:.6f}"

    @admin.display(description=_("新位置"))
    def c_to(self, row: PinCorrection) -> Any:
        return f"{row.to_lng:.6f}, {row.to_lat:.6f}"
