"""Stock of several warehouses adds up, whatever joins to it.

Saleor sums ``quantity`` over a join with allocations and shipping zones: once with ``distinct``, so that two
warehouses with equal quantities count once, and once without, so that a stock with two allocations counts twice.
Here a stock's allocations are a subquery of its own, so that each stock is one row.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .rebinding import rebind
from .registry import Stage, adaptation


def allocated_of_stock() -> Any:
    """The units allocated of the outer stock, as an expression; 0 where none are."""
    from django.db.models import IntegerField, OuterRef, Subquery, Sum
    from django.db.models.functions import Coalesce
    from saleor.warehouse.models import Allocation

    per_stock = (
        Allocation.objects.filter(stock=OuterRef("pk"))
        .order_by()
        .values("stock")
        .annotate(units=Sum("quantity_allocated"))
        .values("units")
    )
    return Coalesce(Subquery(per_stock, output_field=IntegerField()), 0)


@adaptation(Stage.APPS, "Sum('quantity', distinct=True) counts two warehouses with equal quantities once")
def available_quantity_adds_up() -> None:
    from django.db.models import F, Sum
    from saleor.warehouse import availability

    def _get_available_quantity(stocks: Any) -> int:
        free = stocks.annotate(free=F("quantity") - allocated_of_stock()).aggregate(total=Sum("free"))[
            "total"
        ]
        return max(free or 0, 0)

    rebind(availability._get_available_quantity, _get_available_quantity)


@adaptation(
    Stage.APPS,
    "quantityAvailable takes the best single shipping zone even where a country is given; all warehouses that "
    "serve the country count, each once",
)
def available_quantity_for_customer_adds_up() -> None:
    from django.conf import settings
    from django.db.models import F
    from saleor.warehouse import availability
    from saleor.warehouse.models import Stock

    def get_available_quantity_for_customer(variant: Any, country_code: str | None = None) -> int:
        if country_code:
            stocks = Stock.objects.for_country(country_code).filter(product_variant=variant)
            zone = F("product_variant_id")  # one heap: every stock of the country
        else:
            stocks = Stock.objects.filter(product_variant=variant)
            zone = F("warehouse__shipping_zones")
        rows = list(
            stocks.select_related(None).order_by().values_list(zone, F("quantity") - allocated_of_stock())
        )
        if not rows:
            return 0
        if not variant.track_inventory:
            return int(settings.MAX_CHECKOUT_LINE_QUANTITY)
        heaps: dict[int | None, int] = defaultdict(int)
        for key, free in rows:
            heaps[key] += free
        return int(min(max(0, *heaps.values()), settings.MAX_CHECKOUT_LINE_QUANTITY))

    rebind(availability.get_available_quantity_for_customer, get_available_quantity_for_customer)


@adaptation(Stage.APPS, "any() takes an over-allocated stock (a negative number) for one that has something")
def product_in_stock_needs_units() -> None:
    from saleor.warehouse import availability

    def is_product_in_stock(product: Any, country_code: str) -> bool:
        stocks = availability.stocks_for_product(product, country_code)
        return any(free > 0 for free in stocks.values_list("available_quantity", flat=True))

    rebind(availability.is_product_in_stock, is_product_in_stock)


@adaptation(Stage.APPS, "Sum('quantity') over a join with allocations counts a stock once per allocation")
def stock_availability_filter_adds_up() -> None:
    import saleor.graphql.product.types  # noqa: F401  before its filters: they import each other
    from django.db.models import F, Subquery, Sum
    from saleor.graphql.product import filters
    from saleor.graphql.product.enums import StockAvailability
    from saleor.warehouse.models import Stock

    def filter_products_by_stock_availability(qs: Any, stock_availability: Any) -> Any:
        sold_out = (
            Stock.objects.order_by()
            .annotate(free=F("quantity") - allocated_of_stock())
            .values("product_variant__product_id")
            .annotate(total=Sum("free"))
            .filter(total__lte=0)
            .values_list("product_variant__product_id", flat=True)
        )
        if stock_availability == StockAvailability.IN_STOCK:
            return qs.exclude(id__in=Subquery(sold_out))
        if stock_availability == StockAvailability.OUT_OF_STOCK:
            return qs.filter(id__in=Subquery(sold_out))
        return qs

    rebind(filters.filter_products_by_stock_availability, filter_products_by_stock_availability)


@adaptation(Stage.APPS, "Filtering products by warehouse or quantity lists a product once per matching row")
def stock_filters_list_once() -> None:
    from saleor.graphql.product import filters
    from saleor.product.models import Product

    by_warehouse, by_quantity = filters.filter_warehouses, filters.filter_quantity

    def filter_warehouses(qs: Any, name: Any, value: Any) -> Any:
        matching = by_warehouse(Product.objects.order_by(), name, value)
        return qs.filter(pk__in=matching.values("pk")) if value else qs

    def filter_quantity(qs: Any, quantity_value: Any, warehouses: Any = None) -> Any:
        matching = by_quantity(Product.objects.order_by(), quantity_value, warehouses)
        return qs.filter(pk__in=matching.values("pk"))

    rebind(by_warehouse, filter_warehouses)
    rebind(by_quantity, filter_quantity)
