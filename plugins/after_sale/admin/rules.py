"""售后计时规则: a rule is written once and ended; the next one follows. Clocks that run are not moved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment, money

from ..models import ClockRule

_FIXED = ("clock", "line", "minutes", "auto_limit", "valid_from")


@admin.register(ClockRule)
class ClockRuleAdmin(ScopedAdmin):
    """All rules with their days."""

    list_display = ("__str__", "c_minutes", "c_limit", "c_from", "c_to")
    fields = (*_FIXED, "valid_to", "note")
    ordering = ("clock", "line", "-valid_from")

    c_minutes = column("minutes", "时长（分钟）")
    c_limit = money("auto_limit", "自动同意上限")
    c_from = moment("valid_from", "生效时间")
    c_to = moment("valid_to", "失效时间")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return _FIXED if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
