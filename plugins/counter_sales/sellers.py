"""Who sells without being of the staff: the owner of a shop, at his shop alone.

What an owner sees and may do is said here once, for every model, service, page and operation of the counter.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.channels.interfaces import owned_channels
from plugins.org_hierarchy.interfaces import OrgUnit, require_limit
from saleor_o2o.kernel.scope import ScopePolicy, ScopeUser

from .error_codes import CounterErrorCode
from .errors import CounterError

M = TypeVar("M", bound=Model)

#: What an owner may do to the sales and the float of his shop. Money back, topping up and the like are the staff's.
OWNERS_RIGHTS = frozenset({"view", "counter_order.view", "counter_order.create", "float.view"})


def is_owner(user: Any) -> bool:
    """True for a login that runs a shop and is not of the staff. One statement, none for the staff."""
    return owned_channels(user).exists()


def owns(user: Any, channel_code: str) -> bool:
    """True when the user runs the channel with this code."""
    return bool(channel_code) and owned_channels(user).filter(code=channel_code).exists()


class OwnerPolicy:
    """Rows of the owner's own shop; everybody else is answered by `before`.

    `channel` is the lookup to the channel's code. It stands behind the organisation's policy, which asks it about
    people outside the organisation only.
    """

    def __init__(self, before: ScopePolicy, channel: str) -> None:
        self.before = before
        self.channel = channel

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        """The rows of the owner's shops, for what owners may do."""
        if user.is_staff or user.is_superuser or not getattr(user, "is_authenticated", False):
            return self.before.rows(user, rows, action)
        if action not in OWNERS_RIGHTS:
            return rows.none()
        return rows.filter(**{f"{self.channel}__in": owned_channels(user).order_by().values("code")})

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        """True for what owners may do: to a row of theirs, or at all."""
        if user.is_staff or user.is_superuser or not getattr(user, "is_authenticated", False):
            return self.before.may(user, action, obj)
        if isinstance(obj, type):
            return action in OWNERS_RIGHTS and is_owner(user)
        return self.rows(user, type(obj)._default_manager.filter(pk=obj.pk), action).exists()


def check_limit(user: Any, kind: str, amount: Decimal, unit: OrgUnit, channel_code: str) -> None:
    """Raise unless the person may decide `amount` yuan here: OrgError LIMIT_EXCEEDED for the staff.

    An owner takes as much cash as his float covers, and gives no discount: he has his prices (CounterError
    DISCOUNT_INVALID).
    """
    if not owns(user, channel_code):
        require_limit(user, kind, amount, unit)
    elif kind == "discount":
        raise CounterError(
            CounterErrorCode.DISCOUNT_INVALID,
            _("店主按店铺售价出售，不能另给优惠"),
            "discount",
            _("可先在店铺商品里改本店售价"),
        )
