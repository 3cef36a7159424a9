"""Which rule counts, and what it comes to: arithmetic without a database below `of_lines`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from saleor_o2o.kernel.clock import midnight, now
from saleor_o2o.kernel.money import split_fen

from .kinds import Occasion
from .models import DeductRule, EarnRule, SettlementRate


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of an order: what was paid for it (yuan), its business line, its category with those above it."""

    order_line_id: int
    paid: Decimal
    line: str
    categories: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """What lines are good for, in their order; `expires_at` of the points."""

    points: tuple[int, ...]
    growth: tuple[int, ...]
    expires_at: datetime | None


def rules_in_force(occasion: Occasion, moment: datetime | None = None) -> list[EarnRule]:
    """The rules of an occasion that count at a moment, the newest first. One statement."""
    at = moment or now()
    rows = EarnRule.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), occasion=occasion, valid_from__lte=at
    )
    return list(rows.order_by("-valid_from", "-pk"))


def rule_for(rules: Sequence[EarnRule], line: str, categories: Sequence[int]) -> EarnRule | None:
    """The one that counts for goods: for the nearest category, then for the business line, then for all."""
    fits = [rule for rule in rules if rule.line in ("", line)]
    for category in categories:
        for rule in fits:
            if rule.category_id == category:
                return rule
    general = [rule for rule in fits if rule.category_id is None]
    return next((rule for rule in general if rule.line == line), next(iter(general), None))


def of_lines(occasion: Occasion, lines: Sequence[Bought], percent: int) -> Worth:
    """What an order's lines are good for: fractions are dropped once, of the whole order, and the parts sum to it.

    `percent` is the member's level's, for points. The points' date is the latest of those of the rules used.
    """
    rules = rules_in_force(occasion)
    chosen = [rule_for(rules, line.line, line.categories) for line in lines]
    points = _parts([
        (line.paid, rule.rate * percent / 100 if rule else Decimal(0))
        for line, rule in zip(lines, chosen, strict=True)
    ])  # fmt: skip
    growth = _parts([
        (line.paid, rule.growth_rate if rule else Decimal(0)) for line, rule in zip(lines, chosen, strict=True)
    ])  # fmt: skip
    dates = [expiry(rule.months) for rule in chosen if rule is not None]
    forever = not dates or any(date is None for date in dates)
    return Worth(points, growth, None if forever else max(date for date in dates if date is not None))


def _parts(lines: Sequence[tuple[Decimal, Decimal]]) -> tuple[int, ...]:
    exact = [Fraction(max(paid, Decimal(0))) * Fraction(rate) for paid, rate in lines]
    whole = int(sum(exact, Fraction(0)))
    return tuple(split_fen(whole, exact)) if whole else tuple(0 for _line in lines)


def kept(whole: int, paid: Decimal, gone: Decimal) -> int:
    """What is left of `whole` when `gone` of `paid` yuan went back: halves up for what goes, all when all is gone."""
    if gone <= 0 or not paid:
        return whole
    share = Fraction(whole) * Fraction(min(gone, paid)) / Fraction(paid)
    return whole - int(share + Fraction(1, 2))


def expiry(months: int | None, moment: datetime | None = None) -> datetime | None:
    """The first moment at which points given now are no longer good: after the end of the month `months` later."""
    if months is None:
        return None
    day = (moment or now()).date()
    year, month = divmod(day.year * 12 + day.month - 1 + months + 1, 12)
    return midnight(day.replace(year=year, month=month + 1, day=1))


def last_day(expires_at: datetime) -> Any:
    """The last day on which points are good, for people."""
    return (expires_at - timedelta(seconds=1)).date()


def rate_in_force(moment: datetime | None = None) -> Decimal:
    """Yuan per hundred points between units; nothing where no rate was set. One statement."""
    rows = SettlementRate.objects.filter(valid_from__lte=moment or now()).order_by("-valid_from")
    return rows.values_list("per_hundred", flat=True).first() or Decimal(0)


def settled(points: Decimal, per_hundred: Decimal) -> Decimal:
    """What points come to between units, in yuan; fractions of a fen are dropped."""
    return (points * per_hundred / 100).quantize(Decimal("0.01"), ROUND_FLOOR)


def deduct_rules_in_force() -> list[DeductRule]:
    """How points lower checkouts now, the newest rule first. One statement."""
    at = now()
    rows = DeductRule.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)
    return list(rows.order_by("-valid_from", "-pk"))
