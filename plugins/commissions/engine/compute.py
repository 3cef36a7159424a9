"""The cascade by difference (极差): a rank gets what its rate gives less what the rank below it gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import BusinessScope
from saleor_o2o.kernel.money import to_fen, to_yuan

from ..channel_types import channel_label
from ..choices import Rank
from .choose import chosen, governing
from .entitlement import base_words, entitlement
from .facts import LineFacts, Part, Place, Result, Rule
from .wording import fen, percent

_HALF = Fraction(1, 2)


@dataclass(slots=True)
class _Claim:
    """A place with its total through its rank, exact, in fen."""

    place: Place
    through: Fraction
    words: str
    rule: Rule


def compute(facts: LineFacts, rules: Iterable[Rule], on_date: date) -> Result:
    """The commission of one sale by the rules in force on a day. Pure: no database, no clock.

    The total of the highest rank present is rounded half up to the fen; every rank but the lowest is rounded down,
    and the lowest that has a share takes what is left, so the parts always sum to the total. A rank without a place or
    without a rate passes its difference up. Cap and floor are those of the rule that speaks for the highest rank.

    Raises CommissionError (two rules equally specific), InvalidAmount (parts of a fen in the facts).
    """
    to_fen(facts.paid)
    speaking = chosen(facts, rules, on_date)
    if not speaking:
        return Result(on_date, steps=(_("没有适用的规则，不计佣金"),))
    if speaking[0].owner_rank != Rank.CITY:
        return Result(on_date, steps=(_("上级方案没有适用的规则，下级方案不能单独计佣"),))
    steps = [rule_words(rule) for rule in speaking]
    if facts.paid <= 0:
        return Result(on_date, steps=(*steps, _("实付为 0，不计佣金")), rules=tuple(speaking))
    claims, skipped = _claims(facts, speaking)
    if not claims:
        return Result(on_date, steps=(*steps, *skipped, _("没有可分佣的层级")), rules=tuple(speaking))
    top = claims[0]
    steps.append(base_words(top.rule, facts))
    if top.rule.is_ratio and facts.base(top.rule.base) is None:
        return Result(on_date, steps=tuple(steps), rules=tuple(speaking))
    steps.append(_("佣金总额：%(words)s = %(amount)s 元") % {"words": top.words, "amount": fen(top.through)})
    steps += _limit(claims, top.rule)
    steps += skipped
    return _share(claims, on_date, steps, tuple(speaking))


def rule_words(rule: Rule) -> str:
    """One line that says which rule this is and when it counts."""
    limits = [
        str(dict(BusinessScope.choices).get(rule.business, rule.business)),
        rule.category_name or _("全部分类"),
        channel_label(rule.channel_type) if rule.channel_type else _("全部渠道"),
    ]
    return _("规则：方案 %(plan)s %(name)s，%(limits)s，第 %(version)s 版，%(start)s 起%(end)s") % {
        "plan": rule.plan,
        "name": rule.plan_name,
        "limits": " · ".join(limits),
        "version": rule.version or _("未定"),
        "start": rule.valid_from.isoformat(),
        "end": _("至 %(day)s") % {"day": rule.valid_to.isoformat()} if rule.valid_to else "",
    }


def _claims(facts: LineFacts, speaking: Sequence[Rule]) -> tuple[list[_Claim], list[str]]:
    """Everybody with a total of his own, the highest rank first, none above the one over him."""
    places = {place.rank: place for place in facts.places}
    claims: list[_Claim] = []
    skipped = []
    for rank in Rank:
        rule = governing(speaking, rank)
        found = entitlement(rule, rank, facts) if rule is not None else None
        place = places.get(rank)
        if place is None or rule is None or found is None:
            if place is not None and claims:
                skipped.append(
                    _("%(rank)s %(name)s：未设费率，差额归上级") % {"rank": rank.label, "name": place.name}
                )
            elif found is not None and claims and rank != Rank.OPERATOR:
                skipped.append(_("%(rank)s：本笔没有这一层级，差额归上级") % {"rank": rank.label})
            continue
        through, words = found
        if claims and through > claims[-1].through:
            words = _("%(words)s，高于上级，以上级 %(upper)s 元为限") % {
                "words": words,
                "upper": fen(claims[-1].through),
            }
            through = claims[-1].through
        claims.append(_Claim(place, through, words, rule))
    return claims, skipped


def _limit(claims: list[_Claim], rule: Rule) -> list[str]:
    """Apply cap and floor to the total; everybody's total moves in proportion."""
    whole = claims[0].through
    limit: Decimal | None = None
    if rule.cap is not None and whole > to_fen(rule.cap):
        limit, words = rule.cap, _("超过封顶 %(limit)s 元，各级按比例缩减")
    elif rule.floor is not None and 0 < whole < to_fen(rule.floor):
        limit, words = rule.floor, _("不足保底 %(limit)s 元，各级按比例增加")
    if limit is None:
        return []
    factor = Fraction(to_fen(limit)) / whole
    for claim in claims:
        claim.through *= factor
    return [words % {"limit": f"{limit:.2f}"}]


def _share(claims: list[_Claim], day: date, steps: list[str], rules: tuple[Rule, ...]) -> Result:
    total = _half_up(claims[0].through)
    if Fraction(total) != claims[0].through:
        steps.append(
            _("四舍五入到分：%(exact)s → %(total)s 元")
            % {"exact": fen(claims[0].through), "total": f"{to_yuan(total):.2f}"}
        )
    differences = [
        claim.through - (claims[index + 1].through if index + 1 < len(claims) else 0)
        for index, claim in enumerate(claims)
    ]
    lowest = max((index for index, part in enumerate(differences) if part > 0), default=0)
    amounts = [int(part) for part in differences]  # rounded down: none is negative
    remainder = total - sum(amounts)
    amounts[lowest] += remainder
    parts = tuple(
        Part(
            claim.place.rank,
            claim.place.key,
            claim.place.name,
            to_yuan(amounts[index]),
            _part_steps(claims, index, differences[index], amounts[index], index == lowest),
        )
        for index, claim in enumerate(claims)
    )
    return Result(day, to_yuan(total), parts, to_yuan(remainder), tuple(steps), rules)


def _part_steps(
    claims: list[_Claim], index: int, difference: Fraction, amount: int, lowest: bool
) -> tuple[str, ...]:
    claim = claims[index]
    steps = [
        _("到本级的合计：%(words)s = %(amount)s 元") % {"words": claim.words, "amount": fen(claim.through)}
    ]
    if index + 1 < len(claims):
        below = claims[index + 1]
        steps.append(
            _("减去下级 %(below)s 的合计 %(less)s 元%(rates)s，差额 %(left)s 元")
            % {
                "below": below.place.name,
                "less": fen(below.through),
                "rates": _rates(claim, below),
                "left": fen(difference),
            }
        )
    exact = Fraction(amount) == difference
    if lowest and not exact:
        steps.append(
            _("尾差归最低一级：其余各级舍去不足一分后，余 %(amount)s 元")
            % {"amount": f"{to_yuan(amount):.2f}"}
        )
    elif not exact:
        steps.append(
            _("舍去不足一分：%(exact)s → %(amount)s 元")
            % {"exact": fen(difference), "amount": f"{to_yuan(amount):.2f}"}
        )
    return tuple(steps)


def _rates(claim: _Claim, below: _Claim) -> str:
    """`（10% − 8% = 2%）` where two plain ratios stand behind the difference."""
    if claim.rule.kind != "ratio" or below.rule.kind != "ratio" or claim.rule.base != below.rule.base:
        return ""
    upper = claim.rule.tiers[0].rates[claim.place.rank]
    lower = below.rule.tiers[0].rates[below.place.rank]
    if lower > upper:
        return ""
    return f"（{percent(upper)} − {percent(lower)} = {percent(upper - lower)}）"


def _half_up(amount: Fraction) -> int:
    return int(amount + _HALF)
