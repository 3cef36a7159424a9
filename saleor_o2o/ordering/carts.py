"""Reading a checkout: everything that a step of the storefront looks at, in two statements.

What a row has many of comes along as an array of keys, and is kept where Django keeps what was prefetched: stock asks
as before and is answered without a statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.query import ModelIterable
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.giftcard.models import GiftCard
from saleor.product.models import (
    Collection,
    CollectionProduct,
    ProductTranslation,
    ProductVariant,
    ProductVariantTranslation,
)
from saleor.warehouse.models import Stock

from saleor_o2o.compat.availability import allocated_of_stock
from saleor_o2o.kernel.fixed_queries import FixedQuery

from .services.writing import WITH_KINDS


def lines_with_products(*along: str) -> QuerySet[Any]:
    """Checkout lines with all that totals, weights and shipping methods look at; one statement.

    Of the products' collections only the keys are read, which is what sales and vouchers compare; anything else of
    them is fetched when it is asked for. ``along`` names further relations of the variant, read in the same statement.
    """
    lines = CheckoutLine.objects.select_related(
        "variant__product__product_type", *(f"variant__{name}" for name in along)
    )
    lines = lines.annotate(o2o_collections=_collections_of(OuterRef("variant__product_id")))
    lines._iterable_class = _LinesIterable
    return lines


def variants_with_products(*along: str) -> QuerySet[Any]:
    """Variants with what their price and weight look at, as :func:`lines_with_products`; one statement."""
    variants = ProductVariant.objects.select_related("product__product_type", *along)
    variants = variants.annotate(o2o_collections=_collections_of(OuterRef("product_id")))
    variants._iterable_class = _VariantsIterable
    return variants


def checkout_with_lines(pk: Any) -> Checkout | None:
    """A checkout with addresses, shipping method and lines (:func:`lines_with_products`); two statements.

    The lines are kept on the checkout: not for code that changes them and reads them again. That a checkout has no
    gift cards is known, too. Raises ValidationError for what is no key of a checkout.
    """
    token = Checkout._meta.pk.to_python(pk)
    checkout = next(iter(_CHECKOUT(token)), None)
    if checkout is not None:
        _keep_lines_of(checkout, _LINES(token))
    return checkout


def read_lines_to_order(checkout: Checkout) -> None:
    """Read a checkout's lines anew with what an order line is made of, and whether any of it is translated."""
    _keep_lines_of(checkout, _LINES_TO_ORDER(checkout.pk))


def _keep_lines_of(checkout: Checkout, lines: list[CheckoutLine]) -> None:
    for line in lines:
        line.checkout = checkout
    keep_lines(checkout, lines)


def _checkouts(token: UUID) -> QuerySet[Any]:
    cards = Checkout.gift_cards.through.objects.filter(checkout_id=OuterRef("pk"))
    checkouts = Checkout.objects.select_related(
        "user", "shipping_address", "billing_address", "shipping_method__shipping_zone"
    ).annotate(o2o_has_cards=Exists(cards))
    checkouts._iterable_class = _CheckoutsIterable
    return checkouts.filter(pk=token)


def _is_translated() -> Q:
    """Whether there are translations of a line's variant or product, into whatever language."""
    variants = ProductVariantTranslation.objects.filter(product_variant_id=OuterRef("variant_id"))
    products = ProductTranslation.objects.filter(product_id=OuterRef("variant__product_id"))
    return Q(Exists(variants) | Exists(products))


def keep(row: Model, name: str, found: list[Any], model: type[Model]) -> None:
    """Let a row know what it has many of (``row.<name>.all()``), as if it had been prefetched."""
    known: QuerySet[Any] = model._default_manager.all()
    known._result_cache = found
    known._prefetch_done = True  # type: ignore[attr-defined]
    kept = row.__dict__.setdefault("_prefetched_objects_cache", {})
    kept[name] = known


def keep_no_cards(checkout: Checkout) -> None:
    """A checkout that has no gift cards: nobody needs to ask for their balance."""
    keep(checkout, "gift_cards", [], GiftCard)


def _collections_of(product: OuterRef) -> ArraySubquery:
    return ArraySubquery(
        CollectionProduct.objects.filter(product_id=product).order_by("id").values("collection_id")
    )


def _keep_collections(product: Any, keys: list[int], using: str) -> None:
    keep(product, "collections", [Collection.from_db(using, ["id"], [key]) for key in keys], Collection)


class _LinesIterable(ModelIterable):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        for line in super().__iter__():
            _keep_collections(line.variant.product, line.o2o_collections, self.queryset.db)
            yield line


class _VariantsIterable(ModelIterable):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        for variant in super().__iter__():
            _keep_collections(variant.product, variant.o2o_collections, self.queryset.db)
            yield variant


class _CheckoutsIterable(ModelIterable):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        for checkout in super().__iter__():
            if not checkout.o2o_has_cards:
                keep_no_cards(checkout)
            yield checkout


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


_NO_CHECKOUT = UUID(int=1)
_CHECKOUT = FixedQuery(_checkouts, _NO_CHECKOUT)
_LINES = FixedQuery(lambda token: lines_with_products().filter(checkout_id=token), _NO_CHECKOUT)
_LINES_TO_ORDER = FixedQuery(
    lambda token: (
        lines_with_products(*WITH_KINDS)
        .annotate(o2o_translated=_is_translated())
        .filter(checkout_id=token)
        .order_by("pk")
    ),
    _NO_CHECKOUT,
)


def keep_lines(checkout: Checkout, lines: list[CheckoutLine]) -> None:
    """Let a checkout know its lines, as if they had been prefetched."""
    keep(checkout, "lines", lines, CheckoutLine)
