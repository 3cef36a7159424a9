"""Products, stock, warehouses, vouchers: looked at here, edited in Saleor's dashboard."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from graphql_relay import to_global_id
from saleor.product.templatetags.product_images import get_thumbnail
from saleor.warehouse.models import Allocation
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from ..columns import column, link, link_to, moment, money, yes_no
from ..dashboard import LOW_STOCK
from ..labels import VALUE_TYPE, VOUCHER_TYPE, yuan
from ..models import Product, Stock, Voucher, Warehouse
from .base import ReadOnlyAdmin, Table
from .filters import either, titled


def allocated() -> Coalesce:
    """What is promised of a stock row to orders not yet sent."""
    promised = Allocation.objects.filter(stock=OuterRef("pk")).order_by().values("stock")
    total = promised.annotate(total=Sum("quantity_allocated")).values("total")
    return Coalesce(Subquery(total, output_field=IntegerField()), Value(0))


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    """Products with their variants and stock."""

    list_display = ("picture", "c_name", "c_category", "c_type", "c_price", "c_published", "c_updated")
    list_display_links = ("c_name",)
    list_filter = (
        ("category", titled(RelatedDropdownFilter, "分类")),
        ("product_type", titled(RelatedDropdownFilter, "类型")),
        either("is_published", "上架"),
    )
    list_filter_submit = True
    list_select_related = ("category", "product_type")
    search_fields = ("name", "=variants__sku")
    search_help_text = "商品名、SKU"
    ordering = ("name",)
    details = (
        (None, ("picture", "c_name", "c_category", "c_type", "c_price", "c_published", "c_updated", "edit")),
    )

    c_name = column("name", "商品")
    c_category = column("category", "分类")
    c_type = column("product_type", "类型")
    c_price = money("minimal_variant_price_amount", "最低价")
    c_published = yes_no("is_published", "上架")
    c_updated = moment("updated_at", "更新时间")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("images")

    @admin.display(description="图片")
    def picture(self, product: Any) -> Any:
        first = product.get_first_image()
        if first is None:
            return "—"
        return format_html(
            '<img class="o2o-thumb" src="{}" alt="">', get_thumbnail(first.image, 120, "thumbnail")
        )

    @admin.display(description="编辑")
    def edit(self, product: Any) -> Any:
        base = getattr(settings, "O2O_DASHBOARD_URL", "")
        if not base:
            return "在 Saleor 管理面板中编辑"
        address = f"{base.rstrip('/')}/products/{to_global_id('Product', product.pk)}"
        return format_html('<a class="o2o-link" href="{}">在 Saleor 管理面板中编辑</a>', address)

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        stocks = (
            Stock.objects.filter(product_variant__product_id=obj.pk)
            .select_related("product_variant", "warehouse")
            .annotate(promised=allocated())
            .order_by("product_variant__sku", "warehouse__name")
        )
        variants = [
            (one.sku, one.name, yuan(one.price_override_amount or obj.price_amount), str(one.weight or "—"))
            for one in obj.variants.order_by("sku")
        ]
        rows = [
            (link("o2o_backoffice_stock", one.pk, one.product_variant.sku), one.product_variant.name,
             one.warehouse.name, one.quantity, one.promised, one.quantity - one.promised)
            for one in stocks
        ]  # fmt: skip
        return [
            Table("规格", ("SKU", "规格", "售价", "重量"), variants),
            Table("库存", ("SKU", "规格", "仓库", "在库", "已占用", "可售"), rows),
        ]


class LowStockFilter(DropdownFilter):
    """Rows with little left."""

    title = "可售数量"
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", f"不足 {LOW_STOCK}"), ("none", "售罄")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "low":
            return queryset.filter(left__lt=LOW_STOCK)
        return queryset.filter(left__lte=0) if self.value() == "none" else queryset


@admin.register(Stock)
class StockAdmin(ReadOnlyAdmin):
    """Stock by variant and warehouse."""

    list_display = ("c_sku", "c_product", "c_variant", "c_warehouse", "c_quantity", "c_promised", "c_left")
    list_display_links = ("c_sku",)
    list_filter = (LowStockFilter, ("warehouse", titled(RelatedDropdownFilter, "仓库")))
    list_filter_submit = True
    list_select_related = ("product_variant__product", "warehouse")
    search_fields = ("=product_variant__sku", "product_variant__product__name")
    search_help_text = "SKU、商品名"
    ordering = ("pk",)
    details = (
        (None, ("c_sku", "c_product", "c_variant", "c_warehouse", "c_quantity", "c_promised", "c_left")),
    )

    c_sku = column("product_variant__sku", "SKU")
    c_product = link_to("product_variant__product", "商品", "o2o_backoffice_product")
    c_variant = column("product_variant__name", "规格", order=None)
    c_warehouse = column("warehouse__name", "仓库")
    c_quantity = column("quantity", "在库")
    c_promised = column("promised", "已占用")
    c_left = column("left", "可售")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request).annotate(promised=allocated())
        return found.annotate(left=F("quantity") - F("promised"))


@admin.register(Warehouse)
class WarehouseAdmin(ReadOnlyAdmin):
    """Warehouses."""

    list_display = ("c_name", "c_city", "c_street", "c_postcode")
    list_display_links = ("c_name",)
    list_select_related = ("address",)
    search_fields = ("name",)
    ordering = ("name",)
    details = ((None, ("c_name", "c_company", "c_city", "c_street", "c_postcode", "c_mail")),)

    c_name = column("name", "仓库")
    c_company = column("company_name", "单位")
    c_city = column("address__city", "区县")
    c_street = column("address__street_address_1", "地址", order=None)
    c_postcode = column("address__postal_code", "邮编")
    c_mail = column("email", "邮箱")


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    """Vouchers."""

    list_display = ("code", "c_name", "c_type", "worth", "c_used", "c_limit", "c_start", "c_end")
    search_fields = ("=code", "name")
    search_help_text = "券码、名称"
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "code",
                "c_name",
                "c_type",
                "worth",
                "c_least",
                "c_used",
                "c_limit",
                "c_once",
                "c_start",
                "c_end",
            ),
        ),
    )

    c_name = column("name", "名称")
    c_type = column("type", "类型", lambda kind: VOUCHER_TYPE.get(kind, kind))
    c_used = column("used", "已用")
    c_limit = column("usage_limit", "限量")
    c_least = money("min_spent_amount", "满额")
    c_once = yes_no("apply_once_per_customer", "每人一次")
    c_start = moment("start_date", "开始")
    c_end = moment("end_date", "结束")

    @admin.display(description="面值")
    def worth(self, voucher: Any) -> str:
        if voucher.discount_value_type == "percentage":
            return f"减 {voucher.discount_value:g}%"
        return f"{VALUE_TYPE.get(voucher.discount_value_type, '')} {yuan(voucher.discount_value)}"
