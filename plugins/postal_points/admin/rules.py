"""邮政业务积分规则: dated data; what was in force is ended, not rewritten."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.kernel import audit

from ..models import PostalRule

RULE_CHANGED = audit.action("postal_points.rule_changed", _("修改邮政业务积分规则"))


@admin.register(PostalRule)
class PostalRuleAdmin(ScopedAdmin):
    """What services give."""

    list_display = (
        "c_service",
        "c_rate",
        "c_cap",
        "c_months",
        "c_wait",
        "c_review",
        "c_from",
        "c_to",
        "note",
    )
    list_display_links = ("c_service",)
    list_filter = ("service",)
    fields = (
        "service", "yuan_per_point", "cap", "months", "wait_days", "review_above", "valid_from", "valid_to", "note",
    )  # fmt: skip

    c_service = column("get_service_display", "业务", lambda show: show(), order="service")
    c_from = moment("valid_from", "生效")
    c_to = moment("valid_to", "失效")

    @admin.display(description=_("积分"))
    def c_rate(self, row: PostalRule) -> str:
        return f"每 {row.yuan_per_point.normalize():f} 元 1 分"

    @admin.display(description=_("每笔最多"))
    def c_cap(self, row: PostalRule) -> str:
        return "不限" if row.cap is None else f"{row.cap:,} 分"

    @admin.display(description=_("积分有效期"))
    def c_months(self, row: PostalRule) -> str:
        return "长期" if row.months is None else f"{row.months} 个月，到月末"

    @admin.display(description=_("等待注册"))
    def c_wait(self, row: PostalRule) -> str:
        return f"{row.wait_days} 天" if row.wait_days else "不等"

    @admin.display(description=_("文件须复核"))
    def c_review(self, row: PostalRule) -> str:
        return f"合计超过 {row.review_above:,} 分"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # What customers earned by is ended, not rewritten; who must agree to a file may change at any time.
        return (
            ("service", "yuan_per_point", "cap", "months", "wait_days", "valid_from")
            if obj is not None
            else ()
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(PostalRule.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(RULE_CHANGED, obj, before=before, after=audit.snapshot(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
