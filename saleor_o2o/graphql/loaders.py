"""Data loaders that answer what stock's answer, in fewer queries.

Saleor keeps one loader per kind and request in ``request.dataloaders``, under the loader's ``context_key``, and takes
whatever subclass is there. Our requests carry a dictionary that puts our subclass in when Saleor stores its own, so
every stock resolver uses ours: nothing is patched, and the stock view beside ours keeps its own. This is the seam for
the next steps: write a subclass, add it to :data:`REPLACEMENTS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from promise.dataloader import DataLoader as BaseLoader
from saleor.core.permissions import ProductPermissions
from saleor.discount import DiscountInfo
from saleor.graphql.checkout.dataloaders import CheckoutLinesByCheckoutTokenLoader
from saleor.graphql.core.dataloaders import DataLoader
from saleor.graphql.discount.dataloaders import DiscountsByDateTimeLoader
from saleor.graphql.product.dataloaders.attributes import (
    AttributeProductsByProductTypeIdLoader,
    AttributesByAttributeId,
    AttributeValueByIdLoader,
    AttributeValuesByAssignedProductAttributeIdLoader,
    AttributeValuesByAssignedVariantAttributeIdLoader,
    AttributeVariantsByProductTypeIdLoader,
)
from saleor.graphql.product.dataloaders.products import CollectionByIdLoader, CollectionsByProductIdLoader
from saleor.product.models import (
    AttributeProduct,
    AttributeValue,
    AttributeVariant,
    CollectionProduct,
    VariantImage,
)
from saleor.warehouse.models import Stock

from saleor_o2o.compat.availability import allocated_of_stock
from saleor_o2o.discounts import active_discounts
from saleor_o2o.ordering.carts import lines_with_products


class Discounts(DiscountsByDateTimeLoader):
    """Active sales: one query instead of four, and none where a mutation has looked at the request's before."""

    def batch_load(self, keys: Sequence[Any]) -> list[list[DiscountInfo]]:
        request = self.context
        return [
            list(request.discounts) if moment == request.request_time else active_discounts(moment)
            for moment in keys
        ]


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


class AvailableByVariant(DataLoader):
    """Free units of variants, as ``get_available_quantity_for_customer`` finds them one by one.

    Keys are (country code or None, variant id); values are None where the variant lies nowhere, else the units: in all
    warehouses that serve the country, or in the best shipping zone if no country is given.
    """

    context_key = "o2o_available_by_variant"

    def batch_load(self, keys: Sequence[tuple[str | None, int]]) -> list[int | None]:
        found: dict[tuple[str | None, int], int] = {}
        for country in {country for country, _id in keys}:
            ids = [variant for of, variant in keys if of == country]
            found |= {(country, variant): units for variant, units in self._units(country, ids).items()}
        return [found.get(key) for key in keys]

    @staticmethod
    def _units(country: str | None, ids: Sequence[int]) -> dict[int, int]:
        stocks = Stock.objects.for_country(country) if country else Stock.objects.all()
        zone = F("product_variant_id") if country else F("warehouse__shipping_zones")
        rows = (
            stocks.filter(product_variant_id__in=ids)
            .select_related(None)
            .order_by()
            .values_list("product_variant_id", zone, F("quantity") - allocated_of_stock())
        )
        heaps: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
        for variant, key, free in rows:
            heaps[variant][key] += free
        return {variant: max(0, *by_zone.values()) for variant, by_zone in heaps.items()}


class TypeAttributes(AttributeProductsByProductTypeIdLoader):
    """Attributes of products by product type, each with its attribute: one query instead of two."""

    def batch_load(self, keys: Sequence[int]) -> list[list[Any]]:
        return _links_of_types(self, AttributeProduct, keys)


class TypeVariantAttributes(AttributeVariantsByProductTypeIdLoader):
    """Attributes of variants by product type, each with its attribute: one query instead of two."""

    def batch_load(self, keys: Sequence[int]) -> list[list[Any]]:
        return _links_of_types(self, AttributeVariant, keys)


def _links_of_types(loader: DataLoader, model: Any, keys: Sequence[int]) -> list[list[Any]]:
    links = model.objects.filter(product_type_id__in=keys).select_related("attribute")
    user = loader.user
    if not (user.is_active and user.has_perm(ProductPermissions.MANAGE_PRODUCTS)):
        links = links.filter(attribute__visible_in_storefront=True)
    found: dict[int, list[Any]] = defaultdict(list)
    by_id = AttributesByAttributeId(loader.context)
    for link in links:
        found[link.product_type_id].append(link)
        by_id.prime(link.attribute_id, link.attribute)
    return [found[key] for key in keys]


class ValuesOfProducts(AttributeValuesByAssignedProductAttributeIdLoader):
    """Values assigned to products: one query instead of two."""

    def batch_load(self, keys: Sequence[int]) -> list[list[Any]]:
        return _assigned_values(self, "assignedproductattribute", keys)


class ValuesOfVariants(AttributeValuesByAssignedVariantAttributeIdLoader):
    """Values assigned to variants: one query instead of two."""

    def batch_load(self, keys: Sequence[int]) -> list[list[Any]]:
        return _assigned_values(self, "assignedvariantattribute", keys)


def _assigned_values(loader: DataLoader, owner: str, keys: Sequence[int]) -> list[list[Any]]:
    through = getattr(AttributeValue, f"{owner}_set").through
    found: dict[int, list[Any]] = defaultdict(list)
    by_id = AttributeValueByIdLoader(loader.context)
    for link in through.objects.filter(**{f"{owner}_id__in": keys}).select_related("attributevalue"):
        found[getattr(link, f"{owner}_id")].append(link.attributevalue)
        by_id.prime(link.attributevalue_id, link.attributevalue)
    return [sorted(found[key], key=lambda value: (value.sort_order, value.id)) for key in keys]


REPLACEMENTS: dict[str, type[DataLoader]] = {
    loader.context_key: loader
    for loader in (
        Discounts,
        CollectionsByProduct,
        LinesByCheckout,
        TypeAttributes,
        TypeVariantAttributes,
        ValuesOfProducts,
        ValuesOfVariants,
    )
}


class Loaders(dict[str, Any]):
    """A request's loaders by context key. A loader is replaced when it is first needed: it keeps the user of then."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        self._request = request

    def __setitem__(self, key: str, loader: Any) -> None:
        ours = REPLACEMENTS.get(key)
        super().__setitem__(key, loader if ours is None else BaseLoader.__new__(ours, self._request))


def provide_loaders(request: HttpRequest) -> None:
    """Let the request use our loaders."""
    request.dataloaders = Loaders(request)  # type: ignore[attr-defined]
