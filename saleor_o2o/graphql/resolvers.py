"""Resolvers put in place of stock's on our own schema, where stock's ask the database row by row.

They answer what stock's answer. The built fields belong to our schema alone: stock's schema and the graphene types
that both are built from stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from graphql.language import ast
from graphql.type import GraphQLSchema
from prices import Money

from saleor_o2o.ordering.carts import lines_with_products
from saleor_o2o.ordering.deductions.reckoning import asking, deductions_of

from .loaders import AvailableByVariant, ImagesByVariant, LinesByCheckout

#: Fields of a checkout that walk over its lines, each of them anew.
LINE_FIELDS = frozenset(
    {
        "lines",
        "totalPrice",
        "subtotalPrice",
        "shippingPrice",
        "availableShippingMethods",
        "isShippingRequired",
    }
)


def replace_resolvers(schema: GraphQLSchema) -> None:
    """Put ours in place; a plugin's own resolver of the same field is wrapped as stock's would be."""
    variant = schema.get_type("ProductVariant").fields
    variant["images"].resolver = _variant_images
    variant["quantityAvailable"].resolver = _quantity_available
    variant["stockQuantity"].resolver = _stock_quantity
    variant["isAvailable"].resolver = _is_available
    for kind, name, ours in (
        ("Query", "checkout", _checkout),
        ("Checkout", "lines", _checkout_lines),
        ("Checkout", "discount", _checkout_discount),
    ):
        field = schema.get_type(kind).fields[name]
        field.resolver = partial(ours, field.resolver)


def _variant_images(variant: Any, info: Any) -> Any:
    return ImagesByVariant(info.context).load(variant.pk)


def _quantity_available(variant: Any, info: Any, country_code: str | None = None) -> Any:
    """Units for one cart line; same answer as ``get_available_quantity_for_customer``, for all variants at once."""

    def limited(units: int | None) -> int:
        if units is None:
            return 0
        most = int(settings.MAX_CHECKOUT_LINE_QUANTITY)
        return min(units, most) if variant.track_inventory else most

    return AvailableByVariant(info.context).load((country_code or None, variant.pk)).then(limited)


def _stock_quantity(variant: Any, info: Any) -> Any:
    return _quantity_available(variant, info, info.context.country.code)


def _is_available(variant: Any, info: Any) -> Any:
    return _stock_quantity(variant, info).then(lambda units: units > 0)


def _checkout(stock: Callable[..., Any], root: Any, info: Any, **arguments: Any) -> Any:
    """A checkout with its lines, if the query looks at them: totals, shipping methods and weight share them."""
    checkout = stock(root, info, **arguments)
    if checkout is not None and any(_walks_lines(node) for node in info.field_asts):
        prefetch_related_objects([checkout], Prefetch("lines", queryset=lines_with_products()))
        LinesByCheckout(info.context).prime(checkout.token, list(checkout.lines.all()))
    return checkout


def _checkout_discount(stock: Callable[..., Any], root: Any, info: Any, **arguments: Any) -> Any:
    """The voucher's discount and what sources of deductions take off: what lies between the prices and the total."""
    discount = stock(root, info, **arguments)
    if not asking(root):
        return discount
    off = deductions_of(root, list(root), info.context.discounts).total
    return discount + Money(off, root.currency) if off else discount


def _walks_lines(node: Any) -> bool:
    return any(
        not isinstance(selection, ast.Field) or selection.name.value in LINE_FIELDS
        for selection in node.selection_set.selections
    )


def _checkout_lines(stock: Callable[..., Any], checkout: Any, info: Any) -> Any:
    if "lines" in getattr(checkout, "_prefetched_objects_cache", ()):
        return checkout.lines.all()
    return stock(checkout, info)
