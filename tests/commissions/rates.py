"""Rules, facts and plans for the tests, in few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from plugins.commissions.choices import ChangeState, Rank
from plugins.commissions.engine import LineFacts, Place, Rule, RuleTier
from plugins.commissions.models import CommissionPlan, RateChange
from plugins.commissions.services.changes import for_plan, put_in_force, row_of
from plugins.org_hierarchy.models import OrgUnit

START = date(2026, 1, 1)
#: 市 12 / 片区 11 / 区县 10 / 支局 8 / 网点 5 / 店员 2
SIX = {1: "12", 2: "11", 3: "10", 4: "8", 5: "5", 6: "2"}


def tier(rates: dict[int, str], start: str = "0") -> RuleTier:
    """A tier from `start` on."""
    return RuleTier(Decimal(start), {rank: Decimal(rate) for rank, rate in rates.items()})


def rule(rates: dict[int, str] | None = None, **fields: Any) -> Rule:
    """A rule of the city's plan for retail by ratio of what was paid, in force since 2026-01-01."""
    values: dict[str, Any] = {
        "business": "retail", "kind": "ratio", "tiers": (tier(rates or SIX),), "valid_from": START, "plan": "CQ-STD",
        "plan_name": "全市标准",
    }  # fmt: skip
    return Rule(**{**values, **fields})


def places(*ranks: int) -> tuple[Place, ...]:
    """Somebody at each of these ranks."""
    return tuple(Place(rank, f"unit:{rank}", Rank(rank).label) for rank in ranks or tuple(Rank))


def facts(paid: str = "100.00", *ranks: int, **fields: Any) -> LineFacts:
    """A sale in retail with somebody at each of these ranks (all six)."""
    return LineFacts(**{"business": "retail", "paid": Decimal(paid), "places": places(*ranks), **fields})


def amounts(result: Any) -> dict[int, str]:
    """The parts by rank, as text."""
    return {int(part.rank): str(part.amount) for part in result.parts}


def plan_of(owner: OrgUnit, code: str = "CQ-STD", **fields: Any) -> CommissionPlan:
    """A plan; of the city the default one."""
    base = owner.level == 1
    return CommissionPlan.objects.create(
        code=code, name=code, owner=owner, is_base=base,
        is_default=fields.pop("is_default", base), **fields,
    )  # fmt: skip


def install(plan: CommissionPlan, *rules: Rule) -> list[Rule]:
    """Put rules in force as if two people had agreed long ago."""
    change = RateChange.objects.create(plan=plan, reason="期初", state=ChangeState.CONFIRMED)
    for one in rules:
        row_of(for_plan(plan, one), plan, change).save()
    return put_in_force(plan, change, earliest=START)
