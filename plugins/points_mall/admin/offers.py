"""兑换商品: put up, ended, never rewritten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from saleor.product.models import ProductVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from saleor_o2o.backoffice.columns import column, moment, money
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel import audit

from ..models import MallOffer
from ..numbers import OFFER
from ..selectors import may_be_offered
from .putting_up import PutUpAdmin

CHANGED = audit.action("points_mall.offer_changed", _("修改兑换商品"))


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class when it runs
    """A variant is named by what stands on its label."""

    sku = forms.CharField(
        label=_("商品规格 SKU"), max_length=255, widget=UnfoldAdminTextInputWidget,
        help_text=_("完整的 SKU，见“商品”页的规格表"),
    )  # fmt: skip

    class Meta:
        model = MallOffer
        fields = (
            "owner", "points", "yuan", "quota", "per_member", "period", "level", "own_members", "opens_at",
            "closes_at", "note",
        )  # fmt: skip

    def clean_sku(self) -> str:
        sku = str(self.cleaned_data["sku"]).strip()
        rows = ProductVariant.objects.select_related("product__product_type", "product__o2o_seller")
        found = rows.filter(sku=sku).first()
        if found is None:
            raise forms.ValidationError(_("没有这个 SKU 的商品规格"))
        reason = may_be_offered(found)
        if reason:
            raise forms.ValidationError(reason)
        self.instance.variant = found
        return sku

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        asked = cleaned.get("yuan")
        if asked is not None and "sku" in cleaned:
            price = self.instance.variant.base_price.amount
            if asked >= price:
                self.add_error("yuan", _("另付金额须低于商品原价 %(price)s 元") % {"price": price})
        return cleaned


@admin.register(MallOffer)
class MallOfferAdmin(PutUpAdmin):
    """What may be had for points. Its price stays what members were told; quota, end and note may change."""

    form = OfferForm
    changeable, changed, numbers = ("quota", "closes_at", "note"), CHANGED, OFFER
    list_display = (
        "code", "c_goods", "c_price", "c_listed", "c_taken", "c_limit", "c_who", "c_owner", "c_from", "c_to",
    )  # fmt: skip
    list_display_links = ("code",)
    list_select_related = ("variant__product", "level", "owner")
    search_fields = ("=code", "=variant__sku", "variant__product__name")
    search_help_text = _("兑换编号、SKU、商品名")
    ordering = ("-pk",)
    fields = (
        "sku", "owner", "points", "yuan", "quota", "per_member", "period", "level", "own_members", "opens_at",
        "closes_at", "note",
    )  # fmt: skip

    c_goods = column("title", "商品", order=None)
    c_listed = column("variant", "原价", lambda variant: yuan(variant.base_price.amount), order=None)
    c_yuan = money("yuan", "每件另付")
    c_owner = column("owner__name", "发布机构", order="owner__path")
    c_from = moment("opens_at", "开始")
    c_to = moment("closes_at", "结束")

    @admin.display(description=_("兑换价"), ordering="points")
    def c_price(self, row: MallOffer) -> str:
        return f"{row.points:,} 积分" + (f" + {yuan(row.yuan)}" if row.yuan else "")

    @admin.display(description=_("已兑 / 名额"))
    def c_taken(self, row: MallOffer) -> str:
        return f"{row.taken} / {row.quota if row.quota is not None else '以库存为限'}"

    @admin.display(description=_("每人限兑"))
    def c_limit(self, row: MallOffer) -> str:
        return f"{row.get_period_display()} {row.per_member} 件" if row.per_member else "不限"

    @admin.display(description=_("谁可以兑"))
    def c_who(self, row: MallOffer) -> str:
        who = "本机构会员" if row.own_members else "所有会员"
        return f"{who}，{row.level.name}及以上" if row.level is not None else who

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        return ("code", "c_goods", "c_listed", "c_taken", *self.fields[1:])

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        messages.success(
            request, _("已上架：%(goods)s，编号 %(code)s") % {"goods": obj.title, "code": obj.code}
        )
        return HttpResponseRedirect(reverse("admin:o2o_points_mall_malloffer_changelist"))
