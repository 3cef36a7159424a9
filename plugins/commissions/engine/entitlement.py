"""What a rule gives to a rank and everybody below it, before anything is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from saleor_o2o.kernel.money import to_fen

from ..choices import Base, Kind, TierMeasure, TierMode
from .facts import LineFacts, Rule, RuleTier
from .wording import percent, plain

Entitlement = tuple[Fraction, str]


def entitlement(rule: Rule, rank: int, facts: LineFacts) -> Entitlement | None:
    """The total through a rank in fen, exact, with its arithmetic in words; None where the rule has no rate for it.

    Raises InvalidAmount for a base that is no exact number of fen.
    """
    if all(tier.rates.get(rank) is None for tier in rule.tiers):
        return None
    if rule.kind == Kind.TIERED:
        return _tiered(rule, rank, facts)
    rate = rule.tiers[0].rates[rank]
    if rule.kind == Kind.RATIO:
        base, words = base_of(rule, facts)
        return base * Fraction(rate) / 100, f"{words} × {percent(rate)}"
    if rule.kind == Kind.FIXED:
        return Fraction(to_fen(rate)), _("每笔 %(rate)s 元") % {"rate": plain(rate)}
    return (
        Fraction(to_fen(rate)) * facts.quantity,
        _("每件 %(rate)s 元 × %(quantity)s") % {"rate": plain(rate), "quantity": facts.quantity},
    )


def base_of(rule: Rule, facts: LineFacts) -> Entitlement:
    """The base of a ratio in fen: nothing where it is unknown or negative."""
    amount = facts.base(rule.base)
    if amount is None or amount <= 0:
        return Fraction(0), "0"
    return Fraction(to_fen(amount)), plain(amount)


def base_words(rule: Rule, facts: LineFacts) -> str:
    """The line of an explanation that says what the base is."""
    label = Base(rule.base).label
    amount = facts.base(rule.base)
    if not rule.is_ratio:
        return _("计佣方式：%(kind)s，数量 %(quantity)s") % {
            "kind": Kind(rule.kind).label,
            "quantity": facts.quantity,
        }
    if amount is None:
        return _("基数：%(base)s，本笔没有这项数据，按 0 计") % {"base": label}
    if amount < 0:
        return _("基数：%(base)s %(amount)s 元，为负，按 0 计") % {"base": label, "amount": plain(amount)}
    return _("基数：%(base)s %(amount)s 元") % {"base": label, "amount": f"{amount:.2f}"}


def _tiered(rule: Rule, rank: int, facts: LineFacts) -> Entitlement:
    base, words = base_of(rule, facts)
    before, sold = _volume(rule, facts)
    if rule.tier_mode == TierMode.WHOLE or not sold:
        tier = tier_at(rule.tiers, before + sold)
        rate = _rate(tier.rates, rank)
        return base * Fraction(rate) / 100, _(
            "%(base)s × %(rate)s（本月累计 %(volume)s，第 %(tier)s 档）"
        ) % {
            "base": words,
            "rate": percent(rate),
            "volume": plain(before + sold),
            "tier": rule.tiers.index(tier) + 1,
        }
    total, told = Fraction(0), []
    for tier, inside in slices(rule.tiers, before, sold):
        rate = _rate(tier.rates, rank)
        part = base * inside / sold
        total += part * Fraction(rate) / 100
        told.append(f"{plain(part / 100)} × {percent(rate)}")
    return total, " + ".join(told)


def _volume(rule: Rule, facts: LineFacts) -> tuple[Fraction, Fraction]:
    if rule.tier_measure == TierMeasure.QUANTITY:
        return Fraction(facts.volume_quantity), Fraction(facts.quantity)
    return Fraction(facts.volume_amount), Fraction(facts.paid)


def tier_at(tiers: tuple[RuleTier, ...], volume: Fraction | Decimal) -> RuleTier:
    """The tier that a month's volume has reached: a volume equal to a threshold has reached it."""
    return max((tier for tier in tiers if tier.start <= volume), key=lambda tier: tier.start)


def slices(tiers: tuple[RuleTier, ...], before: Fraction, sold: Fraction) -> list[tuple[RuleTier, Fraction]]:
    """Cut a sale at the thresholds that the month's volume passes with it; the slices sum to `sold`."""
    ordered = sorted(tiers, key=lambda tier: tier.start)
    found = []
    for index, tier in enumerate(ordered):
        start = max(before, Fraction(tier.start))
        end = before + sold
        if index + 1 < len(ordered):
            end = min(end, Fraction(ordered[index + 1].start))
        if end > start:
            found.append((tier, end - start))
    return found


def _rate(rates: Mapping[int, Decimal], rank: int) -> Decimal:
    return rates.get(rank, Decimal(0))
