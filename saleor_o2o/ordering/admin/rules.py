"""Rules as data: sellers and their goods, business lines of product types, clocks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.columns import column, moment, yes_no
from saleor_o2o.kernel import audit

from ..models import ProductTypeLine, Seller, ShippingMethodMode, TimerRule

RULE_CHANGED = audit.action("ordering.rule_changed", _("修改订单规则"))


class RulePage(ScopedAdmin):
    """A table of rules: changes are audited; nothing that orders were made by is deleted."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = audit.snapshot(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        audit.record(RULE_CHANGED, obj, before=before, after=audit.snapshot(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Seller)
class SellerPage(RulePage):
    """Who sells."""

    list_display = ("code", "name", "c_kind", "c_products", "c_active")
    list_display_links = ("code",)
    search_fields = ("code", "name")
    fields = ("code", "name", "kind", "is_active")

    c_active = yes_no("is_active", "启用")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(o2o_products=Count("products"))

    @admin.display(description=_("类型"), ordering="kind")
    def c_kind(self, row: Seller) -> str:
        return str(row.get_kind_display())

    @admin.display(description=_("商品数"), ordering="o2o_products")
    def c_products(self, row: Any) -> int:
        return int(row.o2o_products)


@admin.register(ProductTypeLine)
class ProductTypeLinePage(RulePage):
    """Which business line a product type is."""

    list_display = ("c_type", "c_line", "c_mode")
    list_display_links = ("c_type",)
    list_select_related = ("product_type",)
    fields = ("product_type", "line", "mode")

    c_type = column("product_type__name", "商品类型")

    @admin.display(description=_("业务线"), ordering="line")
    def c_line(self, row: ProductTypeLine) -> str:
        return str(row.get_line_display())

    @admin.display(description=_("交付方式"), ordering="mode")
    def c_mode(self, row: ProductTypeLine) -> str:
        return str(row.get_mode_display()) if row.mode else "按是否需要配送"


@admin.register(ShippingMethodMode)
class ShippingMethodModePage(RulePage):
    """Which shipping methods are fetched at the branch."""

    list_display = ("c_method", "c_mode")
    list_display_links = ("c_method",)
    list_select_related = ("shipping_method",)
    fields = ("shipping_method", "mode")

    c_method = column("shipping_method__name", "配送方式")

    @admin.display(description=_("交付方式"), ordering="mode")
    def c_mode(self, row: ShippingMethodMode) -> str:
        return str(row.get_mode_display())


@admin.register(TimerRule)
class TimerRulePage(RulePage):
    """How long the clocks run, from when to when; orders keep what was in force when they were made."""

    list_display = ("c_kind", "c_line", "c_length", "c_from", "c_to", "note")
    list_display_links = ("c_kind",)
    fields = ("kind", "line", "minutes", "valid_from", "valid_to", "note")

    c_from = moment("valid_from", "生效")
    c_to = moment("valid_to", "失效")

    @admin.display(description=_("计时"), ordering="kind")
    def c_kind(self, row: TimerRule) -> str:
        return str(row.get_kind_display())

    @admin.display(description=_("业务线"), ordering="line")
    def c_line(self, row: TimerRule) -> str:
        return str(row.get_line_display()) if row.line else "全部业务线"

    @admin.display(description=_("时长"), ordering="minutes")
    def c_length(self, row: TimerRule) -> str:
        days, minutes = divmod(row.minutes, 24 * 60)
        told = [f"{days} 天" if days else "", f"{minutes // 60} 小时" if minutes // 60 else ""]
        return " ".join(filter(None, [*told, f"{minutes % 60} 分钟" if minutes % 60 else ""]))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # A rule that orders were made by is ended, not rewritten.
        return ("kind", "line", "minutes", "valid_from") if obj is not None else ()
