"""兑换优惠券: put up, ended, never rewritten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from plugins.coupons.interfaces import is_given_now
from saleor_o2o.backoffice.columns import column, moment
from saleor_o2o.kernel import audit

from ..models import CouponSwap
from ..numbers import SWAP
from .putting_up import PutUpAdmin

CHANGED = audit.action("points_mall.swap_changed", _("修改兑换优惠券"))


class SwapForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """A coupon that is given now."""

    def clean_template(self) -> Any:
        template = self.cleaned_data["template"]
        if not is_given_now(template):
            raise forms.ValidationError(_("这种优惠券不在发放中，请先发布"))
        return template


@admin.register(CouponSwap)
class CouponSwapAdmin(PutUpAdmin):
    """Coupons for points. What one costs stays what members were told; its end may change."""

    form = SwapForm
    changeable, changed, numbers = ("closes_at",), CHANGED, SWAP
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
