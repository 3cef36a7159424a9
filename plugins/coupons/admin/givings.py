"""发放活动: by which ways members get coupons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment, yes_no
from saleor_o2o.kernel import audit

from ..models import CouponGiving
from ..permissions import EDIT
from .looks import MODES

GIVING_CHANGED = audit.action("coupons.giving_changed", _("修改优惠券发放活动"))


@admin.register(CouponGiving)
class CouponGivingPage(ScopedAdmin):
    """What has run is ended, never deleted."""

    list_display = ("c_mode", "c_template", "pieces", "c_start", "c_end", "c_active")
    list_display_links = ("c_mode",)
    list_select_related = ("template",)
    list_filter = ("mode", "is_active")
    fields = ("template", "mode", "pieces", "starts_at", "ends_at", "least", "channel", "is_active")

    c_mode = column("mode", "发放方式", lambda value: MODES.get(value, value))
    c_template = column("template__name", "优惠券")
    c_start = moment("starts_at", "开始")
    c_end = moment("ends_at", "结束")
    c_active = yes_no("is_active", "启用")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("template", "mode", "channel") if obj is not None else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return may_at(request.user, EDIT, obj.template.owner)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not may_at(request.user, EDIT, obj.template.owner):
            raise PermissionDenied
        before = audit.snapshot(CouponGiving.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(GIVING_CHANGED, obj, before=before, after=audit.snapshot(obj))
