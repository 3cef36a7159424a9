"""The sales of the moment, read once per request whoever asks first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from saleor.discount import DiscountInfo
from saleor.discount.models import Sale
from saleor.product.models import Category

_APPLIES_TO = (("products", "product_id"), ("collections", "collection_id"), ("categories", "category_id"))


def active_discounts(moment: Any) -> list[DiscountInfo]:
    """Active sales with what they apply to, as stock's ``fetch_discounts``, in one statement instead of four.

    One more where a sale applies to categories.
    """
    sales = (
        Sale.objects.active(moment)
        .order_by("id")
        .annotate(
            **{
                f"o2o_{name}": ArraySubquery(
                    getattr(Sale, name)
                    .through.objects.filter(sale_id=OuterRef("pk"))
                    .order_by("id")
                    .values(column)
                )
                for name, column in _APPLIES_TO
            }
        )
    )
    return [
        DiscountInfo(
            sale=sale,
            category_ids=_with_descendants(sale.o2o_categories),
            collection_ids=set(sale.o2o_collections),
            product_ids=set(sale.o2o_products),
        )
        for sale in sales
    ]


def _with_descendants(ids: Sequence[int]) -> set[int]:
    if not ids:
        return set()
    roots = Category.tree.filter(pk__in=ids)
    return set(roots.get_descendants(include_self=True).values_list("id", flat=True))


def discounts(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware in the place of stock's: ``request.discounts``, read when first looked at."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.discounts = SimpleLazyObject(lambda: active_discounts(request.request_time))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
