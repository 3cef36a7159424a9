"""会员折扣、会员专享价: dated data for the whole city; 会员价优惠: what they cost whom, and the report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from saleor.product.models import ProductVariant
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import below, titled
from saleor_o2o.backoffice.admin.reports import asked_of, shown
from saleor_o2o.backoffice.columns import column, moment, money, order_link
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.clock import midnight
from saleor_o2o.kernel.scope import rows_for

from ..models import MemberPrice, MemberPriceEntry, MemberPriceRule
from ..permissions import PRICE_EXPORT, PRICE_VIEW
from .rules import RulePage

_BORNE = ("platform_share", "unit_share", "merchant_share", "valid_from", "valid_to", "note")
DAYS = 30


class _PricePage(RulePage):
    """What people were promised is ended, not rewritten."""

    c_from = moment("valid_from", "生效")
    c_to = moment("valid_to", "失效")
    c_level = column("level__name", "等级", lambda name: f"{name}及以上", order="level__rank")

    @admin.display(description=_("费用承担"))
    def c_borne(self, row: Any) -> str:
        names = zip(("平台", "机构", "商户"), row.shares, strict=True)
        return "，".join(f"{name} {share}%" for name, share in names if share)


@admin.register(MemberPriceRule)
class MemberPriceRuleAdmin(_PricePage):
    """So many percent for a level, by category."""

    list_display = ("c_level", "c_for", "c_percent", "c_goods", "c_borne", "c_from", "c_to", "note")
    list_display_links = ("c_level",)
    list_select_related = ("category", "level")
    fields = ("level", "category", "percent", "own_goods", *_BORNE)

    c_goods = column("own_goods", "商品", lambda own: "仅自营" if own else "自营与商户", order=None)

    @admin.display(description=_("适用"))
    def c_for(self, row: MemberPriceRule) -> str:
        return row.category.name if row.category is not None else "全部商品"

    @admin.display(description=_("折扣"), ordering="percent")
    def c_percent(self, row: MemberPriceRule) -> str:
        return "不打折" if row.percent == 100 else f"{Decimal(row.percent) / 10:f} 折"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields[:-2] if obj is not None else ()


class MemberPriceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A variant is named by what stands on its label."""

    sku = forms.CharField(
        label=_("商品规格 SKU"), max_length=255, widget=UnfoldAdminTextInputWidget,
        help_text=_("完整的 SKU，见“商品”页的规格表"),
    )  # fmt: skip

    class Meta:
        model = MemberPrice
        fields = ("level", "price", *_BORNE)

    def clean_sku(self) -> str:
        sku = str(self.cleaned_data["sku"]).strip()
        found = ProductVariant.objects.select_related("product").filter(sku=sku).first()
        if found is None:
            raise forms.ValidationError(_("没有这个 SKU 的商品规格"))
        self.instance.variant = found
        return sku

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        price = cleaned.get("price")
        if price is not None and "sku" in cleaned:
            listed = self.instance.variant.base_price.amount
            if price >= listed:
                told = _("专享价须低于原价 %(price)s 元") % {"price": listed}
                self.add_error("price", told)
        return cleaned


@admin.register(MemberPrice)
class MemberPriceAdmin(_PricePage):
    """A price of its own for a variant and a level."""

    form = MemberPriceForm
    list_display = ("c_sku", "c_product", "c_listed", "c_price", "c_level", "c_borne", "c_from", "c_to")
    list_display_links = ("c_sku",)
    list_select_related = ("variant__product", "level")
    search_fields = ("=variant__sku", "variant__product__name")
    search_help_text = _("SKU、商品名")
    fields = ("sku", "level", "price", *_BORNE)

    c_sku = column("variant__sku", "SKU")
    c_price = money("price", "专享价")
    c_listed = column("variant", "原价", lambda variant: yuan(variant.base_price.amount), order=None)

    @admin.display(description=_("商品"))
    def c_product(self, row: MemberPrice) -> str:
        return f"{row.variant.product.name} {row.variant.name}"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("c_sku", "c_product", "c_listed", *self.fields[1:]) if obj is not None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)[:-2] if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:  # what was promised is shown, only its end may be set
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)


@admin.register(MemberPriceEntry)
class MemberPriceEntryAdmin(ActingAdmin):
    """Entries of orders that count for the units in reach."""

    list_display = (
        "c_at", "c_kind", "c_order", "c_line", "title", "c_amount", "c_platform", "c_by_unit", "c_merchant", "c_unit",
    )  # fmt: skip
    list_display_links = ("c_at",)
    list_select_related = ("order", "order__o2o_profile", "order_line", "unit", "seller")
    list_filter = (
        ("kind", ChoicesDropdownFilter), ("at", titled(RangeDateFilter, "时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("=order__o2o_profile__number", "title")
    search_help_text = _("完整的订单号、优惠名称")
    ordering = ("-pk",)
    begins = ((_("承担报表"), "summarize", "report", PRICE_VIEW),)
    details = (
        (
            None,
            (
                "c_at", "c_kind", "c_order", "c_line", "title", "c_amount", "c_platform", "c_by_unit", "c_merchant",
                "c_unit", "c_seller",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "会员价优惠", PRICE_EXPORT,
        (
            Cell("时间", "at"), Cell("事由", lambda row: row.get_kind_display()),
            Cell("订单号", "order__o2o_profile__number"), Cell("商品", "order_line__product_name"),
            Cell("名称", "title"), Cell("优惠金额", "amount"), Cell("平台承担", "by_platform"),
            Cell("机构承担", "by_unit"), Cell("商户承担", "by_merchant"), Cell("归属机构", "unit__name"),
            Cell("销售方", lambda row: row.seller.name if row.seller else "自营"),
        ),
        related=("order__o2o_profile", "order_line", "unit", "seller"),
    )  # fmt: skip

    c_at = moment("at", "时间")
    c_kind = column("get_kind_display", "事由", lambda show: show(), order="kind")
    c_line = column("order_line__product_name", "商品", order=None)
    c_amount = money("amount", "优惠金额")
    c_platform = money("by_platform", "平台承担")
    c_by_unit = money("by_unit", "机构承担")
    c_merchant = money("by_merchant", "商户承担")
    c_unit = column("unit__name", "归属机构", order="unit__path")
    c_seller = column("seller__name", "销售方", lambda name: name or "自营", order=None)

    @admin.display(description=_("订单"))
    def c_order(self, row: MemberPriceEntry) -> Any:
        return order_link(row.order)

    def get_urls(self) -> list[Any]:
        return [self.own("report/", self._report, "report"), *super().get_urls()]

    def _report(self, request: HttpRequest) -> HttpResponseBase:
        return report(self, request)


_HEADERS = ("订单数", "优惠金额", "退款冲回", "净优惠", "平台承担", "机构承担", "商户承担")


def report(page: Any, request: HttpRequest) -> HttpResponseBase:
    """What member prices cost whom over days, of entries in reach; `format=xlsx`: a workbook for who may export."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    asked = asked_of(request, DAYS, _("自"))
    may_export = request.user.has_perm(PRICE_EXPORT)
    start, end = midnight(asked["first"]), midnight(asked["last"] + timedelta(days=1))
    entries = rows_for(request.user, MemberPriceEntry).filter(at__gte=start, at__lt=end)
    if asked["unit"]:
        entries = entries.filter(below(asked["unit"], "unit__path"))
    by_title = _figures(entries, "title")
    tables = [
        Table("按优惠", ("优惠", *_HEADERS), by_title),
        Table("按归属机构", ("归属机构", *_HEADERS), _figures(entries, "unit__name")),
        Table("按销售方", ("销售方", *_HEADERS), _figures(entries, "seller__name", "自营")),
    ]
    told = entries.order_by().aggregate(
        all=Sum("amount"), platform=Sum("by_platform"), unit=Sum("by_unit"), merchant=Sum("by_merchant")
    )
    zero = Decimal("0.00")
    titles = (("净优惠", "all"), ("平台承担", "platform"), ("机构承担", "unit"), ("商户承担", "merchant"))
    cards = [(title, yuan(told[name] or zero), "") for title, name in titles]
    return shown(
        page,
        request,
        "o2o_loyalty.member_prices",
        _("会员价承担报表"),
        asked,
        tables,
        cards,
        may_export=may_export,
    )


def _figures(entries: QuerySet[MemberPriceEntry], by: str, none: str = "—") -> Sequence[tuple[Any, ...]]:
    given = Q(amount__gt=0)
    rows = (
        entries.order_by()
        .values(by)
        .annotate(
            orders=Count("order", distinct=True),
            used=Sum("amount", filter=given, default=Decimal("0.00")),
            back=Sum("amount", filter=~given, default=Decimal("0.00")),
            net=Sum("amount"),
            platform=Sum("by_platform"),
            unit_=Sum("by_unit"),
            merchant=Sum("by_merchant"),
        )
        .order_by("-net", by)
    )
    return [
        (row[by] or none, row["orders"],
         *map(yuan, (row["used"], -row["back"], row["net"], row["platform"], row["unit_"], row["merchant"])))
        for row in rows
    ]  # fmt: skip
