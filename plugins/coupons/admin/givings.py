"""发放活动: by which ways members get coupons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, may_at
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment, yes_no
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.scope import rows_for

from ..choices import Mode, TemplateState
from ..models import CouponGiving, CouponTemplate
from ..permissions import EDIT
from .looks import MODES

GIVING_CHANGED = audit.action("coupons.giving_changed", _("修改优惠券发放活动"))


class GivingForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """What is wrong is said beside the field; what was typed stays."""

    def clean(self) -> dict[str, Any]:
        given = {**(super().clean() or {})}
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if ends is not None and starts is not None and ends <= starts:
            self.add_error("ends_at", _("结束时间要晚于开始时间"))
        mode = given.get("mode", self.instance.mode)
        if given.get("channel") is not None and mode != Mode.SCAN:
            self.add_error("channel", _("只有“扫网点码”才选网点，其他方式请留空"))
        if (given.get("least") or 0) > 0 and mode != Mode.ORDER:
            self.add_error("least", _("只有“消费返券”才填订单金额，其他方式请填 0"))
        return given


@admin.register(CouponGiving)
class CouponGivingPage(ScopedAdmin):
    """What has run is ended, never deleted."""

    form = GivingForm
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

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # those of units above are seen, for they bind; only one's own are given
        if db_field.name == "template":
            own = rows_for(request.user, OrgUnit, EDIT)
            kwargs["queryset"] = CouponTemplate.objects.filter(owner__in=own).exclude(
                state=TemplateState.ENDED
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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
