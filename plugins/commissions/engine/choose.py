"""Which rule speaks: of one plan the most specific, of several plans the one nearest to the rank in question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from ..errors import CommissionError, CommissionErrorCode
from .facts import LineFacts, Rule


def matches(rule: Rule, facts: LineFacts, day: date) -> bool:
    """True when the rule is about this sale and in force that day."""
    return (
        rule.in_force_on(day)
        and rule.business == facts.business
        and (rule.category_id is None or rule.category_id in facts.category_path)
        and rule.channel_type in ("", facts.channel_type)
    )


def chosen(facts: LineFacts, rules: Iterable[Rule], day: date) -> list[Rule]:
    """The rule of each plan that speaks for this sale, the plan of the highest owner first.

    A rule is more specific than another when it says more on category or channel and not less on the other one.
    Entry refuses two rules of which neither is; should they be there all the same, this raises CommissionError
    rather than take one of them by chance.
    """
    by_plan: dict[tuple[int, str], list[Rule]] = {}
    for rule in rules:
        if matches(rule, facts, day):
            by_plan.setdefault((rule.owner_rank, rule.plan), []).append(rule)
    found = [_most_specific(candidates, facts) for _key, candidates in sorted(by_plan.items())]
    if len({rule.owner_rank for rule in found}) != len(found):
        raise CommissionError(
            CommissionErrorCode.AMBIGUOUS,
            _("同一级机构有两个方案同时适用：%(plans)s") % {"plans": "、".join(rule.plan for rule in found)},
        )
    return found


def governing(rules: Sequence[Rule], rank: int) -> Rule | None:
    """Of the rules chosen, the one that speaks for a rank: that of the nearest owner above it."""
    speaking = [rule for rule in rules if rule.covers(rank)]
    return max(speaking, key=lambda rule: rule.owner_rank) if speaking else None


def _most_specific(candidates: Sequence[Rule], facts: LineFacts) -> Rule:
    def depth(rule: Rule) -> int:
        return 0 if rule.category_id is None else 1 + facts.category_path.index(rule.category_id)

    for rule in candidates:
        if all(
            depth(rule) >= depth(other) and bool(rule.channel_type) >= bool(other.channel_type)
            for other in candidates
        ) and all(
            other is rule
            or (depth(rule), bool(rule.channel_type)) != (depth(other), bool(other.channel_type))
            for other in candidates
        ):
            return rule
    raise CommissionError(
        CommissionErrorCode.AMBIGUOUS,
        _("方案 %(plan)s 中有规则同样具体：%(rules)s")
        % {"plan": candidates[0].plan, "rules": "、".join(f"#{rule.id}" for rule in candidates)},
        hint=_("请补一条同时限定分类和渠道的规则"),
    )
