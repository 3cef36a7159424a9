"""The organisation's answer to "which rows" and "may X", for every model with a rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from saleor_o2o.kernel.scope import ScopePolicy, ScopeUser

from .grants import Access, Reach, access_of, is_outsider
from .registry import VERBS, Rule

M = TypeVar("M", bound=Model)


class OrgPolicy:
    """Rows and rights of one model for people of the organisation; everybody else is answered by `before`.

    A staff login without a file of ours is nobody, unless setting `O2O_UNASSIGNED_STAFF_GLOBAL` leaves such logins to
    stock's permissions (development, tests).
    """

    def __init__(self, rule: Rule, before: ScopePolicy) -> None:
        self.rule = rule
        self.before = before

    @property
    def confining(self) -> bool:
        """True when the model's rows belong to parts of the organisation."""
        return not self.rule.city_wide

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        """The rows within the reach of a permission, `resource.view` unless another one is named."""
        if is_outsider(user):
            return self.before.rows(user, rows, action)
        return self._within(access_of(user), action, rows)

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        """True when the permission is held: anywhere for a model, over the row for a row."""
        if is_outsider(user):
            return self.before.may(user, action, obj)
        access = access_of(user)
        if isinstance(obj, type):
            return any(not access.reach(permission).nothing for permission, _rows in self._parts(action))
        key = (action, obj._meta.label, obj.pk)
        if key not in access.seen:
            rows = self._within(access, action, type(obj)._default_manager.filter(pk=obj.pk))
            access.seen[key] = not rows.query.is_empty() and rows.exists()
        return access.seen[key]

    def _within(self, access: Access, action: str, rows: QuerySet[M]) -> QuerySet[M]:
        parts = self._parts(action)
        if len(parts) == 1 and parts[0][1] is None:
            return within(self.rule, access.reach(parts[0][0]), rows)
        conditions = [
            condition(reach)
            for permission, condition in parts
            if condition is not None and not (reach := access.reach(permission)).nothing
        ]
        return rows.filter(reduce(or_, conditions)) if conditions else rows.none()

    def _parts(self, action: str) -> list[tuple[str, Callable[[Reach], Q] | None]]:
        """The permissions that open rows for an action, each with its condition; None: the rule's own."""
        rule = self.rule
        if not rule.also:
            return [(self._permission(action), None)]
        resource, dot, _verb = action.partition(".")
        shares = [(rule.resource, rule.rows), *rule.also]
        if dot:
            shares = [share for share in shares if share[0] == resource] or shares[:1]
            return [(action, rows) for _resource, rows in shares]
        verb = VERBS.get(action, action)
        return [(f"{name}.{verb}", rows) for name, rows in shares]

    def _permission(self, action: str) -> str:
        return action if "." in action else f"{self.rule.resource}.{VERBS.get(action, action)}"


class Organised:
    """People with a file of ours are bound by our rules (`saleor_o2o.kernel.scope.Organisation`)."""

    def confines(self, user: Any) -> bool:
        return not is_outsider(user)

    def check_limit(self, user: Any, kind: str, amount: Decimal, row: Model) -> None:
        from ..limits import require_limit
        from ..models import OrderAttribution

        found = OrderAttribution.objects.select_related("unit").filter(order_id=row.pk).first()
        if found is not None:
            require_limit(user, kind, amount, found.unit)

    def took_in(self, user: Any, customer: Any) -> None:
        from ..models import CustomerHome

        staff = access_of(user).staff
        if staff is not None:
            CustomerHome.objects.get_or_create(
                customer=customer, defaults={"unit": staff.unit, "made_by": staff.user}
            )


def within(rule: Rule, reach: Reach, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows of a model that a reach takes in."""
    if reach.everything:
        return rows.all()
    if reach.nothing:
        return rows.none()
    condition = _condition(rule, reach)
    return rows.filter(condition) if condition else rows.all() if rule.city_wide else rows.none()


def _condition(rule: Rule, reach: Reach) -> Q:
    if rule.rows is not None:
        return rule.rows(reach)
    condition: Any = Q()
    if rule.unit and (reach.paths or reach.units):
        condition |= reach.on_units("" if rule.unit == "self" else rule.unit)
    if rule.owner and reach.own is not None:
        condition |= Q(**{rule.owner: reach.own})
    return condition
