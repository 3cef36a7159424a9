"""What stock opens to anybody by numbers that can be counted up, closed for everybody who has no business there.

Three doors, none of which stock's dashboard or storefront uses:

- `_entities` gives any user, with addresses and orders, to whoever knows an e-mail address or counts up ids;
- `updateMetadata` and `deleteMetadata` write on any order, and answer with the order itself;
- `checkoutLine(id)` gives the lines of other people's carts.

Who may: the person concerned, and whoever has stock's permission for such rows. What people of the organisation may
beyond that is narrowed to their reach as everywhere (:mod:`.scoping`, :mod:`.permits`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from graphene.utils.str_converters import to_snake_case
from graphql.type import GraphQLSchema
from graphql_jwt.exceptions import PermissionDenied
from graphql_relay import from_global_id
from saleor.core.permissions import (
    AccountPermissions,
    AppPermission,
    CheckoutPermissions,
    OrderPermissions,
)
from saleor.order.models import Order

Resolver = Callable[..., Any]

#: Federated types that are about people or programs, with the permissions of which one is enough.
ENTITIES: Mapping[str, tuple[Any, ...]] = {
    "User": (AccountPermissions.MANAGE_USERS, AccountPermissions.MANAGE_STAFF),
    "Address": (AccountPermissions.MANAGE_USERS, AccountPermissions.MANAGE_STAFF),
    "Group": (AccountPermissions.MANAGE_STAFF,),
    "App": (AppPermission.MANAGE_APPS,),
    "ServiceAccount": (AppPermission.MANAGE_APPS,),
}


def close_openings(schema: GraphQLSchema) -> None:
    """Put the checks in front of the built resolvers."""
    queries = schema.get_query_type().fields
    for name, check in (("_entities", _entities), ("checkoutLine", _checkout_line)):
        queries[name].resolver = partial(check, queries[name].resolver)
    mutations = schema.get_mutation_type().fields
    for name in ("updateMetadata", "deleteMetadata"):
        mutations[name].resolver = partial(_metadata, mutations[name].resolver)


def _has_one(context: Any, permissions: tuple[Any, ...]) -> bool:
    """Whether the caller, a person or an app, has one of stock's permissions."""
    app = getattr(context, "app", None)
    return any(context.user.has_perm(one) or (app and app.has_perm(one)) for one in permissions)


def _entities(resolver: Resolver, root: Any, info: Any, **arguments: Any) -> Any:
    """Other people's rows are null, each in its place; nobody learns whether they are there."""
    asked = arguments.get("representations") or []
    allowed = [one for one in asked if _may_ask(info.context, one)]
    found = iter(resolver(root, info, **{**arguments, "representations": allowed}) or ())
    return [next(found) if one in allowed else None for one in asked]


def _may_ask(context: Any, representation: Any) -> bool:
    if not isinstance(representation, Mapping) or representation.get("__typename") not in ENTITIES:
        return True
    kind = str(representation["__typename"])
    # read as the resolver reads it, which takes `Id` for `id`
    given = {to_snake_case(str(key)): value for key, value in representation.items()}
    return _has_one(context, ENTITIES[kind]) or _is_own(context.user, kind, given)


def _is_own(user: Any, kind: str, given: Mapping[str, Any]) -> bool:
    if not user.is_authenticated:
        return False
    if kind == "User" and given.get("id") is None:
        return bool(given.get("email") == user.email)
    key = _key_of(given.get("id"), kind)
    if kind == "User":
        return key == str(user.pk)
    return kind == "Address" and key is not None and bool(user.addresses.filter(pk=key).exists())


def _key_of(identity: Any, kind: str) -> str | None:
    """The key in a global ID of this kind; None for anything else."""
    try:
        named, key = from_global_id(identity)
    except (ValueError, TypeError, AttributeError):
        return None
    return str(key) if named == kind and key.isascii() and key.isdigit() and len(key) < 10 else None


def _metadata(resolver: Resolver, root: Any, info: Any, **arguments: Any) -> Any:
    """An order is written on by whoever bought it or looks after orders; a missing one is answered alike."""
    identity = arguments.get("id")
    key = _key_of(identity, "Order")
    if _kind_of(identity) == "Order" and not _has_one(info.context, (OrderPermissions.MANAGE_ORDERS,)):
        user = info.context.user
        if key is None or not user.is_authenticated or not Order.objects.filter(pk=key, user=user).exists():
            raise PermissionDenied()
    return resolver(root, info, **arguments)


def _kind_of(identity: Any) -> str:
    try:
        return str(from_global_id(identity)[0])
    except (ValueError, TypeError, AttributeError):
        return ""


def _checkout_line(resolver: Resolver, root: Any, info: Any, **arguments: Any) -> Any:
    """The cart of somebody else is not there; a cart of nobody is open to all, as in stock."""
    line = resolver(root, info, **arguments)
    owner = line.checkout.user_id if line is not None else None
    if owner in (None, info.context.user.pk) or _has_one(
        info.context, (CheckoutPermissions.MANAGE_CHECKOUTS,)
    ):
        return line
    return None
