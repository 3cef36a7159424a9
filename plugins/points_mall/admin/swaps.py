"""兑换优惠券: put up, ended, never rewritten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plugins.coupons.interfaces import is_given_now
from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.numbering import next_number

from ..models import CouponSwap
from ..numbers import SWAP
from ..permissions import EDIT

CHANGED = audit.action("points_mall.swap_changed", _("修改兑换优惠券"))


class SwapForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """A coupon that is given now."""

    def clean_template(self) -> Any:
        template = self.cleaned_data["template"]
        if not is_given_now(template):
            raise forms.ValidationError(_("这种优惠券不在发放中，请先发布"))
        return template


@admin.register(CouponSwap)
class CouponSwapAdmin(ScopedAdmin):
    """Coupons for points. What one costs stays what members were told; its end may change."""

    form = SwapForm
    list_display = ("code", "c_coupon", "points", "c_given", "c_owner", "c_from", "c_to")
    list_display_links = ("code",)
    list_select_related = ("template", "owner")
    search_fields = ("=code", "template__name", "=template__code")
    search_help_text = _("兑换编号、优惠券名称或代码")
    ordering = ("-pk",)
    fields = ("template", "owner", "points", "opens_at", "closes_at")

    c_coupon = column(
        "template", "优惠券", lambda template: f"{template.name}（{template.in_words}）", order=None
    )
    c_owner = column("owner__name", "发布机构", order="owner__path")
    c_from = moment("opens_at", "开始")
    c_to = moment("closes_at", "结束")

    @admin.display(description=_("该券已发 / 总量"))
    def c_given(self, row: CouponSwap) -> str:
        total = row.template.quantity
        return f"{row.template.given} / {total if total is not None else '不限'}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request) and (
            obj is None or may_at(request.user, EDIT, obj.owner)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("template", "owner", "points", "opens_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:  # what members were told is shown
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not may_at(request.user, EDIT, obj.owner):
            raise PermissionDenied
        before = audit.snapshot(CouponSwap.objects.get(pk=obj.pk)) if change else {}
        if not change:
            obj.code = next_number(SWAP)
        super().save_model(request, obj, form, change)
        audit.record(CHANGED, obj, before=before, after=audit.snapshot(obj), org_path=obj.owner.path)
