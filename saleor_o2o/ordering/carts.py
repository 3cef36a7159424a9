"""Reading a checkout: everything that a step of the storefront looks at, in as many statements as there are tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.warehouse.models import Stock

from saleor_o2o.compat.availability import allocated_of_stock


def lines_with_products() -> QuerySet[Any]:
    """Checkout lines with all that totals, weights and shipping methods look at; two statements."""
    return CheckoutLine.objects.select_related("variant__product__product_type").prefetch_related(
        "variant__product__collections"
    )


def checkouts_with_lines() -> QuerySet[Any]:
    """Checkouts with addresses, shipping method and lines (:func:`lines_with_products`); three statements.

    The lines are kept on the checkout: not for code that changes them and reads them again.
    """
    return Checkout.objects.select_related(
        "user", "shipping_address", "billing_address", "shipping_method__shipping_zone"
    ).prefetch_related(Prefetch("lines", queryset=lines_with_products()))


def free_units(country_code: str, variant_ids: Iterable[int]) -> dict[int, int]:
    """Units that may be sold of variants in the warehouses of a country, for showing; one statement.

    A variant that lies in none of them is missing; one that is over-allocated has 0.
    """
    stocks = Stock.objects.for_country(country_code).filter(product_variant_id__in=sorted(set(variant_ids)))
    rows = (
        stocks.select_related(None)
        .order_by()
        .values_list("product_variant_id", F("quantity") - allocated_of_stock())
    )
    heaps: dict[int, int] = defaultdict(int)
    for variant, free in rows:
        heaps[variant] += free
    return {variant: max(0, free) for variant, free in heaps.items()}


def keep_lines(checkout: Checkout, lines: list[CheckoutLine]) -> None:
    """Let a checkout know its lines, as if they had been prefetched."""
    known = checkout.lines.all()
    known._result_cache = lines
    known._prefetch_done = True
    checkout._prefetched_objects_cache = {"lines": known}
