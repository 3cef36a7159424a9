"""派单时限规则: a rule is written once and ended; the next one follows. Clocks that run are not moved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment, yes_no
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now

from ..models import ClockRule

RULE_CHANGED = audit.action("dispatch.rule_changed", _("修改派单时限规则"))
_FIXED = ("clock", "line", "minutes", "in_hours", "valid_from")


@admin.register(ClockRule)
class ClockRuleAdmin(ScopedAdmin):
    """All rules with their days; which of them count now."""

    list_display = ("__str__", "c_minutes", "c_hours", "c_now", "c_from", "c_to", "c_note")
    list_filter = ("clock", "line")
    fields = (*_FIXED, "valid_to", "note")
    ordering = ("clock", "line", "-valid_from")

    c_minutes = column("minutes", "时长（分钟）")
    c_hours = yes_no("in_hours", "只计营业时间")
    c_from = moment("valid_from", "生效时间")
    c_to = moment("valid_to", "失效时间")
    c_note = column("note", "说明", order=None)

    @admin.display(description=_("现在有效"), boolean=True)
    def c_now(self, row: ClockRule) -> bool:
        return row.valid_from <= now() and (row.valid_to is None or row.valid_to > now())

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": now().replace(second=0, microsecond=0)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return _FIXED if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(ClockRule.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(RULE_CHANGED, obj, before=before, after=audit.snapshot(obj))
