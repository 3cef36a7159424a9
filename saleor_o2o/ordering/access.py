"""What a member of the staff may do with orders: ours where the organisation binds, stock's one elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Model, QuerySet
from saleor.order.models import Order

from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, organisation, policy_for, rows_for

EDIT, PRICE, FULFIL, CANCEL, EXPORT = (
    "order.edit", "order.price", "order.fulfil", "order.cancel", "order.export",
)  # fmt: skip
#: What stock's staff (outside the organisation) needs for whatever the organisation's people need.
MANAGE = "order.manage_orders"


def effective(user: Any, permission: str) -> str:
    """The permission that is asked of this user."""
    return permission if organisation().confines(user) else MANAGE


def may(user: Any, permission: str, obj: Model | type[Model]) -> bool:
    """True when the user may do it: over the row, or anywhere for a model."""
    return bool(user.is_active) and policy_for(type(obj) if isinstance(obj, Model) else obj).may(
        user, effective(user, permission), obj
    )


def orders_for(user: Any, keys: Collection[int], permission: str) -> list[int]:
    """The keys of orders that the user may do this to, all or none.

    Raises OutOfScope for one out of sight (or none at all), NotAllowed. Two or three statements.
    """
    wanted = set(keys)
    seen = rows_for(user, Order).filter(pk__in=wanted).count()
    if not wanted or seen != len(wanted):
        raise OutOfScope
    rows: QuerySet[Order] = rows_for(user, Order, effective(user, permission)).filter(pk__in=wanted)
    if rows.count() != len(wanted):
        raise NotAllowed
    return sorted(wanted)
