"""Rows of the database as what the engine reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from saleor.product.models import Category

from plugins.org_hierarchy.interfaces import OrgUnit

from .engine.facts import Rule, tiers_from_json
from .errors import CommissionError, CommissionErrorCode
from .models import BusinessCategory, CommissionPlan, CommissionRule

#: The business line of what nobody has put anywhere.
DEFAULT_BUSINESS = "retail"


@dataclass
class Categories:
    """The tree of categories, read once: two statements, a few hundred rows."""

    @cached_property
    def rows(self) -> dict[int, tuple[int | None, str]]:
        """Parent and name by key."""
        found = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent_id", "name")
        return {pk: (parent, name) for pk, parent, name in found}

    @cached_property
    def businesses(self) -> dict[int, str]:
        """The business lines that were told."""
        return dict(BusinessCategory.objects.values_list("category_id", "business"))

    def path(self, pk: int) -> tuple[int, ...]:
        """The keys from the top down to a category; itself alone when it is gone."""
        found, at = [pk], self.rows.get(pk, (None, ""))[0]
        while at is not None:
            found.append(at)
            at = self.rows[at][0]
        return tuple(reversed(found))

    def name(self, pk: int) -> str:
        """`时令鲜果 / 柑橘柚类`."""
        return " / ".join(self.rows[key][1] for key in self.path(pk) if key in self.rows)

    def business(self, pk: int | None) -> str:
        """The business line of a category: that of the nearest one upwards that has one."""
        for key in reversed(self.path(pk) if pk is not None else ()):
            if key in self.businesses:
                return self.businesses[key]
        return DEFAULT_BUSINESS

    def choices(self) -> list[tuple[int, str]]:
        """For forms: every category with its whole name, in the order of the tree."""
        return [(pk, self.name(pk)) for pk in self.rows]


def rule_of(row: CommissionRule) -> Rule:
    """One version as the engine reads it; its plan and the plan's owner must be at hand."""
    return Rule(
        business=row.business, kind=row.kind, tiers=tiers_from_json(row.tiers), valid_from=row.valid_from,
        valid_to=row.valid_to, category_id=row.category_id, category_name=row.category_name,
        channel_type=row.channel_type, base=row.base, tier_mode=row.tier_mode, tier_measure=row.tier_measure,
        cap=row.cap, floor=row.floor, id=row.pk, version=row.version, plan=row.plan.code,
        plan_name=row.plan.name, owner_rank=row.plan.owner.level,
    )  # fmt: skip


def keys_of(path: str) -> list[int]:
    """The keys of the units along a path, the root's first."""
    return [int(key) for key in path.split("/") if key]


def rules_of(
    plans: Iterable[CommissionPlan], *, since: date | None = None, day: date | None = None
) -> list[Rule]:
    """The confirmed rules of plans: of one day, or whatever is in force at some time from `since` on."""
    rows = CommissionRule.objects.filter(plan__in=list(plans), in_force=True).select_related("plan__owner")
    if day is not None:
        rows = rows.on(day)
    if since is not None:
        rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=since))
    return [rule_of(row) for row in rows]


def plans_for(unit: OrgUnit, wanted: Sequence[str] = ()) -> list[CommissionPlan]:
    """The plans that speak for a sale at a unit: the city's, and those of the units along its path.

    Of the city's plans it is the first of `wanted` that there is (the channel's), else the one named by the unit or
    the nearest one above it, else the default.
    """
    keys = keys_of(unit.path)
    names = dict(OrgUnit.objects.filter(pk__in=keys).values_list("pk", "commission_template"))
    order = [*wanted, *[names.get(key, "") for key in reversed(keys)]]
    plans = list(
        CommissionPlan.objects.filter(is_active=True).filter(Q(owner_id__in=keys)).select_related("owner")
    )
    base = base_plan([plan.code for plan in plans if plan.is_base], default_of(plans), order)
    return [plan for plan in plans if not plan.is_base or plan.code == base]


def default_of(plans: Iterable[CommissionPlan]) -> str:
    """The code of the default plan; empty when there is none."""
    return next((plan.code for plan in plans if plan.is_default), "")


def base_plan(there: Sequence[str], default: str, wanted: Iterable[str]) -> str:
    """Which of the city's plans counts: the first wanted one that there is, else the default."""
    return next((code for code in wanted if code in there), default)


def category_of(pk: str | int | None) -> int | None:
    """The key of a category that somebody names. Raises CommissionError for one that is not there."""
    if pk is None:
        return None
    found = (
        Category.objects.filter(pk=int(pk)).values_list("pk", flat=True).first()
        if str(pk).isdecimal()
        else None
    )
    if found is None:
        raise CommissionError(CommissionErrorCode.INVALID_INPUT, _("商品分类不存在"), "category")
    return int(found)
