"""Whether rules may be taken: each by itself, next to the others of its plan, and within what the plan above allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from ..channel_types import channel_label
from ..choices import Kind, Rank
from ..errors import CommissionError, CommissionErrorCode
from .facts import Rule
from .wording import percent, plain

Code = CommissionErrorCode
#: The keys of a category and of everything above it.
Ancestors = Callable[[int], Sequence[int]]
HUNDRED = Decimal(100)
#: More than any commission of one sale, in yuan.
MOST = Decimal(1_000_000)


def problems_of(rule: Rule) -> list[CommissionError]:
    """What is wrong with one rule by itself; empty when it is sound."""
    found: list[CommissionError] = []

    def wrong(message: str, field: str, code: CommissionErrorCode = Code.INVALID_RULE) -> None:
        found.append(CommissionError(code, message, field))

    if rule.valid_to is not None and rule.valid_to < rule.valid_from:
        wrong(_("失效日期早于生效日期"), "valid_to")
    if not any(tier.rates for tier in rule.tiers):
        wrong(_("至少填写一级的费率"), "rates")
    if rule.kind == Kind.TIERED:
        starts = [tier.start for tier in rule.tiers]
        if starts[:1] != [Decimal(0)] or any(low >= high for low, high in pairwise(starts)):
            wrong(_("阶梯起点必须从 0 开始，逐档增大"), "tiers")
        if len({frozenset(tier.rates) for tier in rule.tiers}) > 1:
            wrong(_("每一档都要填写相同的层级"), "tiers")
    elif len(rule.tiers) != 1:
        wrong(_("只有阶梯比例可以分档"), "tiers")
    for tier in rule.tiers:
        found += _problems_of_rates(rule, tier.rates)
    if rule.cap is not None and rule.floor is not None and rule.cap < rule.floor:
        wrong(_("封顶低于保底"), "cap")
    for name, amount in (("cap", rule.cap), ("floor", rule.floor)):
        if amount is not None and not _is_amount(amount):
            wrong(_("金额应为 0 至 100 万元，精确到分"), name)
        if amount is not None and rule.owner_rank != Rank.CITY:
            wrong(_("封顶和保底只能在市中心的方案中设置"), name)
    return found


def _problems_of_rates(rule: Rule, rates: Mapping[int, Decimal]) -> list[CommissionError]:
    found: list[CommissionError] = []
    ranked = sorted(rates.items())
    for rank, rate in ranked:
        field = f"rate_{rank}"
        if not rule.covers(rank):
            found.append(
                CommissionError(
                    Code.ABOVE_PARENT,
                    _("%(rank)s的费率由上级方案决定") % {"rank": Rank(rank).label},
                    field,
                    _("本方案只能设置所属机构以下各级"),
                )
            )
        if rule.is_ratio and not _is_percent(rate):
            found.append(CommissionError(Code.INVALID_RULE, _("比例应在 0 至 100 之间，最多四位小数"), field))
        if not rule.is_ratio and not _is_amount(rate):
            found.append(CommissionError(Code.INVALID_RULE, _("金额应为 0 至 100 万元，精确到分"), field))
    if not all(rate.is_finite() for _rank, rate in ranked):
        return found
    for (upper, high), (lower, low) in pairwise(ranked):
        if low > high:
            show = percent if rule.is_ratio else plain
            found.append(
                CommissionError(
                    Code.LOWER_ABOVE_UPPER,
                    _("%(lower)s %(low)s 高于上级%(upper)s %(high)s")
                    % {
                        "lower": Rank(lower).label, "low": show(low),
                        "upper": Rank(upper).label, "high": show(high),
                    },
                    f"rate_{lower}",
                    _("费率按各级合计填写：上级包含下级，不能低于下级"),
                )
            )  # fmt: skip
    return found


def _is_percent(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate <= HUNDRED and -int(rate.as_tuple().exponent) <= 4


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= MOST and -int(amount.as_tuple().exponent) <= 2


def projected(current: Iterable[Rule], fresh: Sequence[Rule]) -> list[Rule]:
    """The rules as they would be with new versions: each ends the version of its dimension that it follows.

    Raises CommissionError where a new version would meet one that begins on its first day or later.
    """
    kept = list(current)
    for rule in fresh:
        for index, other in enumerate(kept):
            if other.dimension != rule.dimension or not _overlap(rule, other):
                continue
            if other.valid_from >= rule.valid_from:
                raise CommissionError(
                    Code.OVERLAP,
                    _("同一维度在 %(day)s 已有第 %(version)s 版规则")
                    % {"day": other.valid_from.isoformat(), "version": other.version or _("未定")},
                    "valid_from",
                    _("请把失效日期定在它之前，或先停用它"),
                )
            kept[index] = other.closed(rule.valid_from - timedelta(days=1))
        kept.append(rule)
    return kept


def ambiguities(rules: Sequence[Rule], ancestors: Ancestors) -> list[CommissionError]:
    """Pairs of rules of one plan of which neither is more specific, and no third one settles it."""
    found = []
    for index, one in enumerate(rules):
        for other in rules[index + 1 :]:
            if one.plan != other.plan or not _cross(one, other, ancestors) or not _overlap(one, other):
                continue
            deeper, narrower = (one, other) if other.channel_type else (other, one)
            settled = [
                rule
                for rule in rules
                if rule.plan == one.plan
                and rule.business == one.business
                and rule.category_id == deeper.category_id
                and rule.channel_type == narrower.channel_type
            ]
            start, end = _common_days(one, other)
            if not _covered(start, end, settled):
                found.append(
                    CommissionError(
                        Code.AMBIGUOUS,
                        _(
                            "“%(deeper)s · 全部渠道”与“%(wider)s · 指定渠道 %(channel)s”同样具体，分不清用哪一条"
                        )
                        % {
                            "deeper": deeper.category_name,
                            "wider": narrower.category_name or _("全部分类"),
                            "channel": channel_label(narrower.channel_type),
                        },
                        "channel_type",
                        _("请先补一条“%(category)s · %(channel)s”的规则")
                        % {"category": deeper.category_name, "channel": channel_label(narrower.channel_type)},
                    )
                )
    return found


def _cross(one: Rule, other: Rule, ancestors: Ancestors) -> bool:
    """True when one names the deeper category for all channels and the other the channel for a wider category."""
    if one.business != other.business or bool(one.channel_type) == bool(other.channel_type):
        return False
    anywhere, somewhere = (other, one) if one.channel_type else (one, other)
    if anywhere.category_id is None or anywhere.category_id == somewhere.category_id:
        return False
    return somewhere.category_id is None or somewhere.category_id in ancestors(anywhere.category_id)


def above_parent(rule: Rule, parents: Iterable[Rule], ancestors: Ancestors) -> list[CommissionError]:
    """What a rule of a lower plan takes beyond what the plans above leave to its owner.

    Compared with every rule above it that may speak for the owner's rank in the same sale: the same way of counting,
    and at no volume more than the owner's own rate.
    """
    found = []
    met = [
        parent
        for parent in parents
        if parent.owner_rank < rule.owner_rank
        and parent.business == rule.business
        and _overlap(rule, parent)
        and _meet(rule, parent, ancestors)
        and any(rank <= rule.owner_rank for tier in parent.tiers for rank in tier.rates)
    ]
    if not met:
        return [
            CommissionError(
                Code.ABOVE_PARENT,
                _("上级方案没有这一业务、分类和渠道的规则"),
                "business",
                _("请先由上级设置"),
            )
        ]
    for parent in met:
        if not _alike(rule, parent):
            found.append(
                CommissionError(
                    Code.ABOVE_PARENT,
                    _("上级方案 %(plan)s 的计佣方式或基数不同，无法按差额分配") % {"plan": parent.plan},
                    "kind",
                )
            )
            continue
        for start in sorted({tier.start for tier in (*rule.tiers, *parent.tiers)}):
            allowed = _of_owner(parent, rule.owner_rank, start)
            wanted = max(_reached(rule, start).values(), default=Decimal(0))
            if wanted > allowed:
                show = percent if rule.is_ratio else plain
                found.append(
                    CommissionError(
                        Code.ABOVE_PARENT,
                        _("%(wanted)s 超出上级方案 %(plan)s 给%(rank)s的 %(allowed)s")
                        % {
                            "wanted": show(wanted), "plan": parent.plan,
                            "rank": Rank(rule.owner_rank).label, "allowed": show(allowed),
                        },
                        f"rate_{min(_reached(rule, start))}",
                    )
                )  # fmt: skip
                break
    return found


def _alike(rule: Rule, parent: Rule) -> bool:
    if rule.is_ratio != parent.is_ratio or (not rule.is_ratio and rule.kind != parent.kind):
        return False
    if rule.is_ratio and rule.base != parent.base:
        return False
    both_tiered = rule.kind == parent.kind == Kind.TIERED
    return not both_tiered or (rule.tier_mode, rule.tier_measure) == (parent.tier_mode, parent.tier_measure)


def _reached(rule: Rule, volume: Decimal) -> dict[int, Decimal]:
    return dict([tier for tier in rule.tiers if tier.start <= volume][-1].rates)


def _of_owner(parent: Rule, rank: int, volume: Decimal) -> Decimal:
    """The rate of the owner's rank, or of the nearest rank above it that has one."""
    rates = {at: rate for at, rate in _reached(parent, volume).items() if at <= rank}
    return rates[max(rates)] if rates else Decimal(0)


def _meet(one: Rule, other: Rule, ancestors: Ancestors) -> bool:
    """True when one sale may match both."""
    if one.channel_type and other.channel_type and one.channel_type != other.channel_type:
        return False
    if one.category_id is None or other.category_id is None:
        return True
    return one.category_id in ancestors(other.category_id) or other.category_id in ancestors(one.category_id)


def _overlap(one: Rule, other: Rule) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


def _common_days(one: Rule, other: Rule) -> tuple[date, date | None]:
    ends = [rule.valid_to for rule in (one, other) if rule.valid_to is not None]
    return max(one.valid_from, other.valid_from), min(ends) if ends else None


def _covered(start: date, end: date | None, rules: Iterable[Rule]) -> bool:
    """True when the rules are in force on every day from `start` to `end`."""
    day = start
    for rule in sorted(rules, key=lambda rule: rule.valid_from):
        if rule.valid_from > day:
            break
        if rule.valid_to is None or (end is not None and rule.valid_to >= end):
            return True
        day = max(day, rule.valid_to + timedelta(days=1))
    return False
