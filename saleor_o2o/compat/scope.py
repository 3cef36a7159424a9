"""Rows that stock's functions look up by themselves: only those in reach of people bound by the organisation.

Everybody else (shoppers, apps, superusers, staff outside the organisation) gets stock's function, untouched.
"""

from __future__ import annotations

from typing import Any

from saleor_o2o.kernel.scope import confined_viewer, is_confining, reachable, rows_for

from .rebinding import rebind
from .registry import Stage, adaptation

#: How a row is told to be the user's own, as a shopper: those are seen whatever the organisation says.
OWN = {
    "account.User": "pk",
    "account.Address": "user_addresses",
    "account.CustomerEvent": "user",
    "auth.Group": "user",
    "order.Order": "user",
    "order.OrderLine": "order__user",
    "order.OrderEvent": "order__user",
    "order.Fulfillment": "order__user",
    "order.FulfillmentLine": "fulfillment__order__user",
    "payment.Payment": "order__user",
    "payment.Transaction": "payment__order__user",
}


def found_in_reach(rows: Any, user: Any) -> Any:
    """The rows of a queryset or manager that a confined user may be shown, when asked for by key."""
    model = rows.model
    return reachable(rows.all(), user, OWN.get(model._meta.concrete_model._meta.label, ""))


def _confines(model: Any) -> Any:
    user = confined_viewer()
    return user if user is not None and is_confining(model) else None


@adaptation(Stage.APPS, "Connections list every row and nodes are found by any id: stock knows no data scope")
def connections_and_nodes_in_reach() -> None:
    from django.db.models import Manager, QuerySet
    from graphene_django.types import DjangoObjectType

    def get_queryset(cls: Any, queryset: Any, info: Any) -> Any:
        user = _confines(cls._meta.model) if isinstance(queryset, Manager | QuerySet) else None
        return queryset if user is None else rows_for(user, queryset.all())

    def get_node(cls: Any, info: Any, id: Any) -> Any:
        model = cls._meta.model
        user = _confines(model)
        rows = cls.get_queryset(model.objects, info) if user is None else found_in_reach(model.objects, user)
        try:
            return rows.get(pk=id)
        except model.DoesNotExist:
            return None

    DjangoObjectType.get_queryset = classmethod(get_queryset)
    DjangoObjectType.get_node = classmethod(get_node)


@adaptation(Stage.APPS, "get_nodes finds rows of bulk mutations by any id, and is not told who asks")
def bulk_nodes_in_reach() -> None:
    from saleor.graphql import utils

    original = utils.get_nodes

    def get_nodes(ids: Any, graphene_type: Any = None, model: Any = None, qs: Any = None) -> Any:
        if confined_viewer() is None:
            return original(ids, graphene_type, model, qs)
        kind, _keys = utils.resolve_global_ids_to_primary_keys(ids, graphene_type)
        wanted = graphene_type or (utils._resolve_graphene_type(kind) if kind else None)
        if qs is None and wanted and not isinstance(wanted, str):
            qs = wanted._meta.model.objects
        elif model is not None:
            qs = model.objects
        user = _confines(qs.model) if qs is not None else None
        if user is None:
            return original(ids, graphene_type, model, qs)
        return original(ids, graphene_type, None, found_in_reach(qs, user))

    rebind(original, get_nodes)


@adaptation(Stage.APPS, "_entities finds a user by any e-mail address")
def federated_users_in_reach() -> None:
    from saleor.account.models import User
    from saleor.graphql.account.types import User as UserType

    original = UserType._User__resolve_reference

    def resolve_reference(root: Any, info: Any, **arguments: Any) -> Any:
        user = confined_viewer()
        if user is None or root.id is not None:
            return original(root, info, **arguments)
        return found_in_reach(User.objects, user).get(email=root.email)

    UserType._User__resolve_reference = staticmethod(resolve_reference)
