"""Data loaders that answer what stock's answer, in fewer queries.

Saleor keeps one loader per kind and request in ``request.dataloaders``, under the loader's ``context_key``, and takes
whatever subclass is there. So a request is given ours before it runs, and every stock resolver uses them: nothing is
patched, and the stock view beside ours keeps its own. This is the seam for the next steps (availability of many
variants at once, attributes in one query): write a subclass, add it to :data:`LOADERS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from saleor.checkout.models import CheckoutLine
from saleor.discount import DiscountInfo
from saleor.discount.models import Sale
from saleor.graphql.checkout.dataloaders import CheckoutLinesByCheckoutTokenLoader
from saleor.graphql.core.dataloaders import DataLoader
from saleor.graphql.discount.dataloaders import DiscountsByDateTimeLoader
from saleor.graphql.product.dataloaders.products import CollectionByIdLoader, CollectionsByProductIdLoader
from saleor.product.models import Category, CollectionProduct, VariantImage


class Discounts(DiscountsByDateTimeLoader):
    """Active sales with what they apply to: one query instead of four (and one per sale of categories)."""

    def batch_load(self, keys: Sequence[Any]) -> list[list[DiscountInfo]]:
        return [self._active(moment) for moment in keys]

    def _active(self, moment: Any) -> list[DiscountInfo]:
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
                    for name, column in (
                        ("products", "product_id"),
                        ("collections", "collection_id"),
                        ("categories", "category_id"),
                    )
                }
            )
        )
        return [
            DiscountInfo(
                sale=sale,
                category_ids=self._with_descendants(sale.o2o_categories),
                collection_ids=set(sale.o2o_collections),
                product_ids=set(sale.o2o_products),
            )
            for sale in sales
        ]

    @staticmethod
    def _with_descendants(ids: Sequence[int]) -> set[int]:
        if not ids:
            return set()
        roots = Category.tree.filter(pk__in=ids)
        return set(roots.get_descendants(include_self=True).values_list("id", flat=True))


class CollectionsByProduct(CollectionsByProductIdLoader):
    """Collections of products: one query instead of two."""

    def batch_load(self, keys: Sequence[int]) -> list[list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        by_id = CollectionByIdLoader(self.context)
        pairs = (
            CollectionProduct.objects.filter(product_id__in=keys).order_by("id").select_related("collection")
        )
        for pair in pairs:
            found[pair.product_id].append(pair.collection)
            by_id.prime(pair.collection_id, pair.collection)
        return [found[key] for key in keys]


def lines_with_products() -> QuerySet[Any]:
    """Checkout lines with all that totals, weights and shipping methods look at."""
    return CheckoutLine.objects.select_related("variant__product__product_type").prefetch_related(
        "variant__product__collections"
    )


class LinesByCheckout(CheckoutLinesByCheckoutTokenLoader):
    """Lines of a checkout with their products; stock asks for these line by line, again for each total."""

    def batch_load(self, keys: Sequence[Any]) -> list[list[Any]]:
        found: dict[Any, list[Any]] = defaultdict(list)
        for line in lines_with_products().filter(checkout_id__in=keys):
            found[line.checkout_id].append(line)
        return [found[key] for key in keys]


class ImagesByVariant(DataLoader):
    """Pictures of variants: one query for all of them (stock's resolver asks per variant)."""

    context_key = "o2o_images_by_variant"

    def batch_load(self, keys: Sequence[int]) -> list[list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        links = (
            VariantImage.objects.filter(variant_id__in=keys)
            .select_related("image")
            .order_by("image__sort_order")
        )
        for link in links:
            found[link.variant_id].append(link.image)
        return [found[key] for key in keys]


#: Put into every request before it runs.
LOADERS: tuple[type[DataLoader], ...] = (Discounts, CollectionsByProduct, LinesByCheckout)


def provide_loaders(request: HttpRequest) -> None:
    """Give the request our loaders. Its user must be known: loaders keep it."""
    for loader in LOADERS:
        loader(request)
