"""子订单: one seller's part of an order, as a list of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import choice, titled, told
from saleor_o2o.backoffice.columns import badge, column, link, moment, money

from ..choices import BusinessLine, DeliveryMode
from ..models import SubOrder
from ..numbers import read_number
from .filters import OWN
from .tables import STATE, lines_table

PARTS = Export(
    _("子订单"),
    "order.export",
    (
        Cell(_("子订单号"), "number"),
        Cell(_("销售方"), lambda row: row.seller.name if row.seller else "自营"),
        Cell(_("仓库"), lambda row: row.warehouse.name if row.warehouse else ""),
        Cell(_("业务线"), "get_line_display"),
        Cell(_("交付方式"), "get_mode_display"),
        Cell(_("状态"), "get_state_display"),
        Cell(_("商品金额"), "goods"),
        Cell(_("优惠"), "discount"),
        Cell(_("运费"), "shipping"),
        Cell(_("礼品卡等抵扣"), "prepaid"),
        Cell(_("应付金额"), "total"),
        Cell(_("下单时间"), "created_at"),
        Cell(_("付款时间"), "paid_at"),
        Cell(_("发货完成时间"), "shipped_at"),
        Cell(_("收货时间"), "received_at"),
        Cell(_("完成时间"), "completed_at"),
    ),
    related=("seller", "warehouse"),
)


class SellerOf(DropdownFilter):
    """Parts of a seller's."""

    title = _("销售方")
    parameter_name = "seller"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        from ..models import Seller

        sellers = Seller.objects.order_by("code").values_list("code", "name")[:200]
        return [(OWN, str(_("自营"))), *((code, name) for code, name in sellers)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(
            Q(seller__isnull=True) if self.value() == OWN else Q(seller__code=told(self.value()))
        )


@admin.register(SubOrder)
class SubOrderPage(ReadOnlyAdmin):
    """Parts of orders; they follow Saleor's order by themselves."""

    list_display = (
        "number", "c_seller", "c_warehouse", "c_mode", "c_line", "c_state", "c_total", "c_created", "c_receive_by",
    )  # fmt: skip
    list_display_links = ("number",)
    list_filter = (
        choice("state", "状态", STATE),
        choice("line", "业务线", {value: str(label) for value, label in BusinessLine.choices}),
        choice("mode", "交付方式", {value: str(label) for value, label in DeliveryMode.choices}),
        SellerOf,
        ("created_at", titled(RangeDateFilter, "下单时间")),
    )
    list_filter_submit = True
    list_select_related = ("seller", "warehouse")
    search_fields = ("number",)
    search_help_text = _("订单号、子订单号")
    ordering = ("-pk",)
    export = PARTS
    details = (
        (
            None,
            (
                "number", "c_order", "c_seller", "c_warehouse", "c_mode", "c_line", "c_state", "c_goods", "c_discount",
                "c_shipping", "c_prepaid", "c_total",
            ),
        ),
        (
            "进度",
            (
                "c_created", "c_paid", "c_shipped", "c_receive_by", "c_received", "c_by", "c_after_sale", "c_review",
                "c_complaint", "c_completed", "c_closed",
            ),
        ),
    )  # fmt: skip

    c_warehouse = column("warehouse__name", "仓库", order=None)
    c_goods = money("goods", "商品金额")
    c_discount = money("discount", "优惠")
    c_shipping = money("shipping", "运费")
    c_prepaid = money("prepaid", "礼品卡等抵扣")
    c_total = money("total", "应付金额")
    c_created = moment("created_at", "下单时间")
    c_paid = moment("paid_at", "付款时间")
    c_shipped = moment("shipped_at", "发货完成时间")
    c_receive_by = moment("receive_by", "自动收货时间")
    c_received = moment("received_at", "收货时间")
    c_after_sale = moment("after_sale_until", "售后截止")
    c_review = moment("review_until", "评价截止")
    c_complaint = moment("complaint_until", "投诉截止")
    c_completed = moment("completed_at", "完成时间")
    c_closed = moment("closed_at", "关闭时间")

    @admin.display(description=_("订单"))
    def c_order(self, row: SubOrder) -> Any:
        return link("o2o_ordering_orderprofile", row.order_id, f"#{row.order_id}")

    @admin.display(description=_("销售方"))
    def c_seller(self, row: SubOrder) -> str:
        return row.seller.name if row.seller else "自营"

    @admin.display(description=_("交付方式"), ordering="mode")
    def c_mode(self, row: SubOrder) -> str:
        return str(row.get_mode_display())

    @admin.display(description=_("业务线"), ordering="line")
    def c_line(self, row: SubOrder) -> str:
        return str(row.get_line_display())

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: SubOrder) -> Any:
        return badge(row.state, STATE)

    @admin.display(description=_("收货方式"))
    def c_by(self, row: SubOrder) -> str:
        return str(row.get_received_by_display()) if row.received_by else "—"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        number = read_number(word)
        return queryset.filter(number__startswith=number) if number else queryset.none(), False

    def tables(self, request: HttpRequest, obj: SubOrder) -> list[Table]:
        lines = obj.lines.select_related("order_line", "sub_order").order_by("pk")
        return [lines_table(list(lines))]
