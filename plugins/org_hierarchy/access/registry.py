"""The permissions that exist and the rule of each model: which resource it is and how it hangs on the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Model, Q

from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.scope import ScopePolicy, policy_for, use_policy

if TYPE_CHECKING:
    from .grants import Reach


@dataclass(frozen=True, slots=True)
class Permission:
    """`resource.action`. `saleor` are the stock permissions that the dashboard needs for it."""

    code: str
    label: Text
    resource: str
    resource_label: Text
    saleor: tuple[str, ...] = ()


_permissions: dict[str, Permission] = {}


def declare(
    resource: str,
    label: Text,
    actions: Mapping[str, Text],
    *,
    saleor: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Declare a resource and its actions, once, at import: `declare("order", _("订单"), {"view": _("查看")})`.

    `saleor` maps an action to stock permissions (`order.manage_orders`). Raises ValueError for a code that is taken.
    """
    for action, text in actions.items():
        code = f"{resource}.{action}"
        if code in _permissions:
            raise ValueError(f"permission {code!r} is already declared")
        stock = tuple((saleor or {}).get(action, ()))
        _permissions[code] = Permission(code, text, resource, label, stock)


def permissions() -> Mapping[str, Permission]:
    """Return every declared permission by code, in the order of declaration."""
    return _permissions


#: Django's words for what pages do, as our actions.
VERBS = {"view": "view", "add": "create", "change": "edit", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class Rule:
    """How a model's rows hang on the tree.

    `unit`: lookup to the row's unit (`o2o_attribution__unit`; `self` for units themselves). `owner`: lookup to the
    user for 仅本人. `rows`: instead of `unit`, a function from a reach to a condition (for to-many relations).
    Without any of them the rows belong to the whole city: `city_wide` says whether every holder of the permission
    sees them all, or only people with 全部. `also`: rows of the same table that are another resource, with their
    conditions (staff among the users); all conditions then tell their own part, also for 全部.
    """

    model: type[Model]
    resource: str
    unit: str = ""
    owner: str = ""
    rows: Callable[[Reach], Q] | None = None
    city_wide: bool = False
    also: tuple[tuple[str, Callable[[Reach], Q]], ...] = ()


_rules: dict[type[Model], Rule] = {}


def scoped(
    model: type[Model],
    resource: str,
    *,
    unit: str = "",
    owner: str = "",
    rows: Callable[[Reach], Q] | None = None,
    city_wide: bool = False,
    also: Mapping[str, Callable[[Reach], Q]] | None = None,
) -> None:
    """Register the rule of a model and put the organisation's policy in charge of it.

    The policy that was in charge before answers for people outside the organisation (superusers, stock's staff).
    Raises ValueError for a second rule.
    """
    from .policy import OrgPolicy

    if model in _rules:
        raise ValueError(f"{model._meta.label} already has a rule")
    _rules[model] = rule = Rule(model, resource, unit, owner, rows, city_wide, tuple((also or {}).items()))
    before: ScopePolicy = policy_for(model)
    use_policy(OrgPolicy(rule, before), model)


def rule_of(model: type[Model]) -> Rule | None:
    """Return a model's rule; a proxy has its parent's if it has none of its own."""
    return _rules.get(model) or _rules.get(model._meta.concrete_model or model)


def rules() -> Mapping[type[Model], Rule]:
    """Return all rules by model."""
    return _rules
