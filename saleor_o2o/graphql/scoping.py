"""Data scope in GraphQL: people bound by the organisation get the rows in their reach, whatever field they ask.

Three layers, each for such people only; for everybody else a resolver runs as it was built:

- connections and look-ups by id are narrowed where stock makes its queryset (`saleor_o2o.compat.scope`), before
  counting, sorting and slicing;
- here, every other field that gives rows of a confining model drops what is out of reach: the rows of one level of the
  answer are checked together, in one statement per model. Fields that only unfold a row that was checked are named in
  :data:`UNFOLDS`; fields open to whoever has a token, in :data:`OPEN`;
- mutations of stock need the permission of ours that :mod:`.permits` names, over the row that they are about.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import Manager, Model, QuerySet
from graphene_django.types import DjangoObjectType
from graphql.type import GraphQLSchema
from graphql.type.definition import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from graphql_jwt.exceptions import PermissionDenied
from promise import Promise, is_thenable
from saleor.account.models import User
from saleor.graphql.core.dataloaders import DataLoader

from saleor_o2o.compat.scope import found_in_reach
from saleor_o2o.kernel.scope import is_confining, organisation

from .permits import CLOSED_QUERIES, guard

#: Fields that unfold a row which is in reach itself; what they give has no reach of its own.
UNFOLDS: dict[str, frozenset[str]] = {
    "Order": frozenset({"billingAddress", "shippingAddress", "fulfillments", "lines", "events", "giftCards"}),
    "OrderEvent": frozenset({"fulfilledItems"}),
    "OrderEventOrderLineObject": frozenset({"orderLine"}),
    "Fulfillment": frozenset({"lines"}),
    "FulfillmentLine": frozenset({"orderLine"}),
    "Payment": frozenset({"transactions", "billingAddress"}),
    "Transaction": frozenset({"payment"}),
    "User": frozenset({"addresses", "defaultShippingAddress", "defaultBillingAddress"}),
}
#: Fields that stock opens to whoever has a token, or that tell where goods are sent from; each with the reason.
OPEN: dict[str, str] = {
    "Query.orderByToken": "an order's token is its key, as in stock",
    "Query.me": "the viewer",
    "Query.address": "stock looks among the viewer's own addresses only",
    "Checkout.user": "a checkout's token is its key, as in stock",
    "Checkout.billingAddress": "a checkout's token is its key, as in stock",
    "Checkout.shippingAddress": "a checkout's token is its key, as in stock",
    "Warehouse.address": "warehouses belong to the whole city",
    "Shop.companyAddress": "the company's own address",
}


def apply_scope(schema: GraphQLSchema) -> None:
    """Put the checks in front of the built resolvers."""
    payloads = payload_types(schema)
    for kind, name, field in confined_fields(schema):
        if kind not in payloads:
            field.resolver = partial(_checked, field.resolver, f"{kind}.{name}" == "Query._entities")
    queries = schema.get_query_type().fields
    for name in CLOSED_QUERIES & queries.keys():
        queries[name].resolver = partial(_closed, queries[name].resolver)
    for name, field in schema.get_mutation_type().fields.items():
        field.resolver = guard(name, field)


def payload_types(schema: GraphQLSchema) -> frozenset[str]:
    """Names of the mutations' answers: they give the row that was checked before, or what is left of it."""
    return frozenset(get_named_type(field.type).name for field in schema.get_mutation_type().fields.values())


def confined_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, Any]]:
    """Every field that has to be checked: its type's name, its own, the field."""
    for kind in schema.get_type_map().values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__") or is_connection(kind):
            continue
        for name, field in kind.fields.items():
            target = get_named_type(field.type)
            if name in UNFOLDS.get(kind.name, ()) or f"{kind.name}.{name}" in OPEN or is_connection(target):
                continue
            if any(is_confining(model) for model in models_of(schema, target)):
                yield kind.name, name, field


def is_connection(kind: Any) -> bool:
    """True for connections and their edges: what is in them was narrowed when it was listed."""
    return kind.name.endswith(("Connection", "Edge")) and model_of(kind) is None


def model_of(kind: Any) -> type[Model] | None:
    """The Django model behind an object type of the schema, if there is one."""
    made: Any = getattr(kind, "graphene_type", None)
    if not (inspect.isclass(made) and issubclass(made, DjangoObjectType)):
        return None
    options: Any = made
    model: type[Model] = options._meta.model
    return model


def models_of(schema: GraphQLSchema, kind: Any) -> list[type[Model]]:
    """The models that a field of this type may give rows of: several for unions and interfaces."""
    kinds: Sequence[Any] = [kind]
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        kinds = schema.get_possible_types(kind)
    return [model for one in kinds if isinstance(one, GraphQLObjectType) and (model := model_of(one))]


def depth_of_lists(kind: Any) -> int:
    """How many lists a type is wrapped in."""
    depth = 0
    while isinstance(kind, GraphQLList | GraphQLNonNull):
        depth += isinstance(kind, GraphQLList)
        kind = kind.of_type
    return depth


def _checked(resolver: Callable[..., Any], keep_places: bool, root: Any, info: Any, **arguments: Any) -> Any:
    found = resolver(root, info, **arguments)
    user = info.context.user
    if found is None or not organisation().confines(user):
        return found
    if isinstance(root, User) and root.pk == user.pk:
        return found  # the viewer's own
    if is_thenable(found):
        return Promise.resolve(found).then(lambda rows: _within_reach(rows, info, keep_places))
    return _within_reach(found, info, keep_places)


def _within_reach(found: Any, info: Any, keep_places: bool) -> Any:
    if isinstance(found, Manager):
        found = found.all()
    if not isinstance(found, QuerySet | list | tuple):
        return _seen(found, info).then(lambda seen: found if seen else None)
    rows = list(found)

    def keep(seen: list[bool]) -> list[Any]:
        pairs = zip(rows, seen, strict=True)
        if keep_places:
            return [row if ok else None for row, ok in pairs]
        return [row for row, ok in pairs if ok]

    return Promise.all([_seen(row, info) for row in rows]).then(keep)


def _seen(row: Any, info: Any) -> Promise:
    if not isinstance(row, Model) or not is_confining(type(row)):
        return Promise.resolve(True)
    return _loader_of(type(row))(info.context).load(row.pk)


def _closed(resolver: Callable[..., Any], root: Any, info: Any, **arguments: Any) -> Any:
    if organisation().confines(info.context.user):
        raise PermissionDenied()
    return resolver(root, info, **arguments)


class _InReach(DataLoader):
    """Whether rows of one model may be shown to the caller, by primary key: one statement for all of them."""

    model: type[Model]

    def batch_load(self, keys: Sequence[Any]) -> list[bool]:
        rows = self.model._default_manager.filter(pk__in=keys)
        seen = set(found_in_reach(rows, self.context.user).values_list("pk", flat=True))
        return [key in seen for key in keys]


_loaders: dict[type[Model], type[_InReach]] = {}


def _loader_of(model: type[Model]) -> type[_InReach]:
    concrete = model._meta.concrete_model or model
    if concrete not in _loaders:
        label = concrete._meta.label_lower
        fields = {"model": concrete, "context_key": f"o2o_in_reach_{label}"}
        _loaders[concrete] = type(f"InReach_{label}", (_InReach,), fields)
    return _loaders[concrete]
