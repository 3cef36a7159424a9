"""触达规则: how often and when members may be reached, from a day on; ended by a newer row, never rewritten."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import moment
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now

from ..models import ContactRule

RULE_CHANGED = audit.action("member_operations.rule_changed", _("修改触达规则"))


@admin.register(ContactRule)
class ContactRuleAdmin(ScopedAdmin):
    """The city's."""

    list_display = ("c_from", "per_day", "per_month", "c_quiet", "note")
    list_display_links = ("c_from",)
    fields = ("per_day", "per_month", "quiet_from", "quiet_until", "valid_from", "note")
    ordering = ("-valid_from",)

    c_from = moment("valid_from", "生效")

    @admin.display(description=_("免打扰"))
    def c_quiet(self, row: ContactRule) -> str:
        return f"{row.quiet_from:%H:%M} – {row.quiet_until:%H:%M}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields[:-1] if obj is not None and obj.valid_from <= now() else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(ContactRule.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(RULE_CHANGED, obj, before=before, after=audit.snapshot(obj))
