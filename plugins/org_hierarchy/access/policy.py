"""The organisation's answer to "which rows" and "may X", for every model with a rule."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from saleor_o2o.kernel.scope import ScopePolicy, ScopeUser

from .grants import Reach, access_of, is_outsider
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

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        """The rows within the reach of a permission, `resource.view` unless another one is named."""
        if is_outsider(user):
            return self.before.rows(user, rows, action)
        return within(self.rule, access_of(user).reach(self._permission(action)), rows)

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        """True when the permission is held: anywhere for a model, over the row for a row."""
        if is_outsider(user):
            return self.before.may(user, action, obj)
        access = access_of(user)
        permission = self._permission(action)
        reach = access.reach(permission)
        if reach.nothing or isinstance(obj, type):
            return not reach.nothing
        if reach.everything:
            return True
        key = (permission, obj._meta.label, obj.pk)
        if key not in access.seen:
            rows = type(obj)._default_manager.filter(pk=obj.pk)
            access.seen[key] = within(self.rule, reach, rows).exists()
        return access.seen[key]

    def _permission(self, action: str) -> str:
        return action if "." in action else f"{self.rule.resource}.{VERBS.get(action, action)}"


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
