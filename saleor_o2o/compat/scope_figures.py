"""Figures and lists that stock adds up over the whole company: over what is in reach of who asks."""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.scope import confined_viewer, rows_for

from .rebinding import rebind
from .registry import Stage, adaptation


@adaptation(Stage.APPS, "ordersTotal adds up the orders of the whole company")
def orders_total_in_reach() -> None:
    from saleor.graphql.order import resolvers
    from saleor.graphql.utils.filters import filter_by_period
    from saleor.order import OrderStatus
    from saleor.order.models import Order
    from saleor.order.utils import sum_order_totals

    original = resolvers.resolve_orders_total

    def resolve_orders_total(info: Any, period: Any) -> Any:
        user = confined_viewer()
        if user is None:
            return original(info, period)
        rows = rows_for(user, Order.objects.confirmed().exclude(status=OrderStatus.CANCELED))
        return sum_order_totals(filter_by_period(rows, period, "created"))

    rebind(original, resolve_orders_total)


@adaptation(Stage.APPS, "reportProductSales counts what the whole company sold")
def product_sales_in_reach() -> None:
    from django.db.models import Q, Sum
    from saleor.graphql.product import resolvers
    from saleor.graphql.utils.filters import filter_by_period
    from saleor.order import OrderStatus
    from saleor.order.models import OrderLine
    from saleor.product.models import ProductVariant

    original = resolvers.resolve_report_product_sales

    def resolve_report_product_sales(period: Any) -> Any:
        user = confined_viewer()
        if user is None:
            return original(period)
        lines = OrderLine.objects.exclude(order__status__in=[OrderStatus.DRAFT, OrderStatus.CANCELED])
        seen = rows_for(user, filter_by_period(lines, period, "order__created")).order_by().values("pk")
        sold = ProductVariant.objects.filter(order_lines__in=seen)
        ordered = Sum("order_lines__quantity", filter=Q(order_lines__in=seen))
        return sold.annotate(quantity_ordered=ordered).order_by("-quantity_ordered")

    rebind(original, resolve_report_product_sales)


@adaptation(Stage.APPS, "A variant's revenue adds up the order lines of the whole company")
def variant_revenue_in_reach() -> None:
    from saleor.core.taxes import zero_taxed_money
    from saleor.product import utils

    original = utils.calculate_revenue_for_variant

    def calculate_revenue_for_variant(variant: Any, start_date: Any) -> Any:
        user = confined_viewer()
        if user is None:
            return original(variant, start_date)
        lines = rows_for(user, variant.order_lines.filter(order__created__gte=start_date))
        return sum((line.unit_price * line.quantity for line in lines), zero_taxed_money())

    rebind(original, calculate_revenue_for_variant)


@adaptation(
    Stage.APPS, "Customers are filtered and sorted by all orders of a customer whom several counties serve"
)
def customers_by_orders_in_reach() -> None:
    from django.db.models import Count, Exists, OuterRef, Subquery, Sum
    from django.db.models.functions import Coalesce
    from saleor.graphql.account.filters import CustomerFilter
    from saleor.graphql.account.sorters import UserSortField
    from saleor.graphql.utils.filters import filter_range_field
    from saleor.order.models import Order

    def orders_of(user: Any) -> Any:
        return rows_for(user, Order).filter(user_id=OuterRef("pk")).order_by()

    def counted(user: Any) -> Any:
        found = orders_of(user).values("user_id").annotate(found=Count("pk")).values("found")
        return Coalesce(Subquery(found), 0)

    def spent(user: Any) -> Any:
        # null without an order, as in stock: such a customer is in no range
        found = orders_of(user).values("user_id").annotate(found=Sum("total_gross_amount")).values("found")
        return Subquery(found)

    def money_spent(rows: Any, user: Any, value: Any) -> Any:
        return filter_range_field(rows.annotate(money_spent=spent(user)), "money_spent", value)

    def number_of_orders(rows: Any, user: Any, value: Any) -> Any:
        return filter_range_field(rows.annotate(total_orders=counted(user)), "total_orders", value)

    def placed_orders(rows: Any, user: Any, value: Any) -> Any:
        if not (value.get("gte") or value.get("lte")):
            return rows
        return rows.filter(Exists(filter_range_field(orders_of(user), "created__date", value)))

    def within(original: Any, ours: Any) -> Any:
        def narrowed(rows: Any, name: Any, value: Any) -> Any:
            user = confined_viewer()
            return original(rows, name, value) if user is None else ours(rows, user, value)

        return narrowed

    for ours in (money_spent, number_of_orders, placed_orders):
        found = CustomerFilter.base_filters[ours.__name__]
        found.method = within(found.method, ours)

    sorted_by_stock = UserSortField.qs_with_order_count

    def qs_with_order_count(rows: Any) -> Any:
        user = confined_viewer()
        return sorted_by_stock(rows) if user is None else rows.annotate(order_count=counted(user))

    UserSortField.qs_with_order_count = staticmethod(qs_with_order_count)
