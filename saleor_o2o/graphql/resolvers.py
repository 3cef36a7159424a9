"""Resolvers put in place of stock's on our own schema, where stock's ask the database row by row.

They answer what stock's answer. The built fields belong to our schema alone: stock's schema and the graphene types
that both are built from stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from graphql.language import ast
from graphql.type import GraphQLSchema

from .loaders import ImagesByVariant, LinesByCheckout, lines_with_products

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
    schema.get_type("ProductVariant").fields["images"].resolver = _variant_images
    for kind, name, ours in (("Query", "checkout", _checkout), ("Checkout", "lines", _checkout_lines)):
        field = schema.get_type(kind).fields[name]
        field.resolver = partial(ours, field.resolver)


def _variant_images(variant: Any, info: Any) -> Any:
    return ImagesByVariant(info.context).load(variant.pk)


def _checkout(stock: Callable[..., Any], root: Any, info: Any, **arguments: Any) -> Any:
    """A checkout with its lines, if the query looks at them: totals, shipping methods and weight share them."""
    checkout = stock(root, info, **arguments)
    if checkout is not None and any(_walks_lines(node) for node in info.field_asts):
        prefetch_related_objects([checkout], Prefetch("lines", queryset=lines_with_products()))
        LinesByCheckout(info.context).prime(checkout.token, list(checkout.lines.all()))
    return checkout


def _walks_lines(node: Any) -> bool:
    return any(
        not isinstance(selection, ast.Field) or selection.name.value in LINE_FIELDS
        for selection in node.selection_set.selections
    )


def _checkout_lines(stock: Callable[..., Any], checkout: Any, info: Any) -> Any:
    if "lines" in getattr(checkout, "_prefetched_objects_cache", ()):
        return checkout.lines.all()
    return stock(checkout, info)
