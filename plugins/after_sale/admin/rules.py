"""售后计时规则: a rule is written once and ended; the next one follows. Clocks that run are not moved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment, money
from saleor_o2o.kernel import audit

from ..clocks import DEFAULTS
from ..models import ClockRule

RULE_CHANGED = audit.action("after_sale.rule_changed", _("修改售后计时规则"))
_FIXED = ("clock", "line", "minutes", "auto_limit", "valid_from")


@admin.register(ClockRule)
class ClockRuleAdmin(ScopedAdmin):
    """All rules with their days."""

    list_display = ("__str__", "c_minutes", "c_limit", "c_from", "c_to")
    fields = (*_FIXED, "valid_to", "note")
    ordering = ("clock", "line", "-valid_from")
    list_before_template = "o2o_after_sale/defaults.html"

    c_minutes = column("minutes", "时长（分钟）")
    c_limit = money("auto_limit", "自动同意上限")
    c_from = moment("valid_from", "生效时间")
    c_to = moment("valid_to", "失效时间")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return _FIXED if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = [
            (kind.label, _length(length.minutes), length.auto_limit) for kind, length in DEFAULTS.items()
        ]
        return super().changelist_view(request, {**(extra_context or {}), "defaults": shown})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(ClockRule.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(RULE_CHANGED, obj, before=before, after=audit.snapshot(obj))


def _length(minutes: int) -> Any:
    """Minutes as people say them: days where they are whole."""
    days, rest = divmod(minutes, 24 * 60)
    if not rest:
        return _("%(days)s 天") % {"days": days}
    return _("%(minutes)s 分钟") % {"minutes": minutes}
