"""选品池, 模板 and 店铺."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from saleor.product.models import ProductVariant
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, link_to, money, yes_no
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.photos import PhotoError, clean_photo
from saleor_o2o.kernel.request import actor_label, bind_request
from saleor_o2o.kernel.scope import policy_for, rows_for

from .. import audits
from ..errors import ChannelError
from ..models import PoolGoods, Shop, ShopGoods, ShopTemplate
from ..pricing import list_price
from ..services.shops import check_price
from .city import CityAdmin


class PoolGoodsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Goods by SKU: nobody looks through thousands in a list."""

    sku = forms.CharField(label=_("SKU"), max_length=255, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = PoolGoods
        fields = ("floor", "ceiling", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["sku"].initial = self.instance.variant.sku
            self.fields["sku"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        floor, ceiling = cleaned.get("floor"), cleaned.get("ceiling")
        if floor is not None and ceiling is not None and floor > ceiling:
            self.add_error("ceiling", _("最高价不能低于最低价"))
        sku = (cleaned.get("sku") or "").strip()
        if sku and not self.instance.pk:
            variant = ProductVariant.objects.filter(sku=sku).first()
            if variant is None:
                self.add_error("sku", _("没有这个 SKU"))
            elif PoolGoods.objects.filter(variant=variant).exists():
                self.add_error("sku", _("已在选品池中"))
            else:
                self.instance.variant = variant
        return cleaned


@admin.register(PoolGoods)
class PoolGoodsAdmin(CityAdmin):
    """What micro-shops may offer, and the band of their prices."""

    form = PoolGoodsForm
    list_display = ("c_goods", "c_sku", "c_list", "c_floor", "c_ceiling", "c_active")
    list_display_links = ("c_goods",)
    list_select_related = ("variant__product",)
    list_filter = ("is_active",)
    search_fields = ("variant__sku__startswith", "variant__product__name__contains")
    search_help_text = _("SKU 或商品名称")
    fields = ("sku", ("floor", "ceiling"), "is_active")
    looks = (("c_goods", "c_sku"), ("c_list", "c_active"), ("c_floor", "c_ceiling"))
    c_sku = column("variant__sku", "SKU")
    c_floor = money("floor", "最低价")
    c_ceiling = money("ceiling", "最高价")
    c_active = yes_no("is_active", "可选")

    @admin.display(description=_("商品"))
    def c_goods(self, row: PoolGoods) -> str:
        return str(row)

    @admin.display(description=_("平台价"))
    def c_list(self, row: PoolGoods) -> str:
        return f"¥{list_price(row.variant):,.2f}"


@admin.register(ShopTemplate)
class ShopTemplateAdmin(CityAdmin):
    """What a new shop starts from."""

    list_display = ("name", "code", "shop_name", "theme", "c_active")
    fields = (("code", "name"), ("shop_name", "theme"), "notice", "goods", "is_active")
    filter_horizontal = ("goods",)
    c_active = yes_no("is_active", "启用")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = PoolGoods.objects.select_related("variant__product").filter(is_active=True)
        return super().formfield_for_manytomany(db_field, request, **{**kwargs, "queryset": rows})


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]
    """One kind of goods at the owner's price."""

    class Meta:
        model = ShopGoods
        fields = ("goods", "price", "position", "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        goods, amount = cleaned.get("goods"), cleaned.get("price")
        if goods is not None and amount is not None:
            try:
                check_price(goods, amount)
            except ChannelError as error:
                self.add_error("price", error.message)
        return cleaned


class OfferInline(TabularInline):
    """The goods of a shop."""

    model = ShopGoods
    form = OfferForm
    hide_title = True
    extra = 0
    fields = ("goods", "price", "position", "is_active")

    def get_queryset(self, request: HttpRequest) -> Any:
        return rows_for(request.user, super().get_queryset(request)).select_related("goods__variant__product")

    def _may(self, request: HttpRequest, obj: Any) -> bool:
        target = obj if obj is not None else Shop
        return policy_for(Shop).may(request.user, "channel.edit", target)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return policy_for(Shop).may(request.user, "view", obj if obj is not None else Shop)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = rows_for(request.user, PoolGoods).select_related("variant__product").filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **{**kwargs, "queryset": rows})


class ShopForm(forms.ModelForm):  # type: ignore[type-arg]
    """A shop's face; a new banner is encoded anew."""

    class Meta:
        model = Shop
        fields = ("name", "notice", "theme", "banner")

    def clean_banner(self) -> Any:
        """The picture as a JPEG of ours, or what was there."""
        upload = self.cleaned_data.get("banner")
        if not upload or not hasattr(upload, "content_type"):
            return upload
        try:
            return ContentFile(clean_photo(upload, "banner").content, name=f"{self.instance.pk}.jpg")
        except PhotoError as error:
            raise ValidationError(error.message) from error


@admin.register(Shop)
class ShopAdmin(ScopedAdmin):
    """The pages of micro-shops."""

    form = ShopForm
    inlines = (OfferInline,)
    list_display = ("name", "c_channel", "c_unit", "theme", "c_template")
    list_select_related = ("channel__unit", "template")
    list_filter = (("theme", ChoicesDropdownFilter),)
    search_fields = ("name__contains", "=channel__code")
    search_help_text = _("店名或渠道代码")
    fields = (("name", "theme"), "notice", "banner")
    c_channel = link_to("channel", "渠道", "o2o_channels_channel", lambda row: row.code)
    c_unit = column("channel__unit__name", "所属机构", order=None)
    c_template = column("template__name", "模板", order=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Shops are made from templates when the application is approved."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        shop = form.instance
        before = {str(one.goods_id): str(one.price) for one in shop.offers.all()}
        super().save_related(request, form, formsets, change)
        after = {str(one.goods_id): str(one.price) for one in ShopGoods.objects.filter(shop=shop)}
        with bind_request(actor=actor_label(request.user)):
            audit.record(
                audits.SHOP_EDITED, shop.channel, before=before, after={**after, "name": shop.name},
                org_path=shop.channel.unit.path,
            )  # fmt: skip
