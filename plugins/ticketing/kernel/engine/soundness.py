"""What a rule must be like before anybody may be charged by it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from ..choices import Base, FeeKind, Mode, Target, Unit
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from .rules import Charge, Rule, Tier
from .wording import offset_text

#: Tiers and overrides of one rule.
MOST_TIERS, MOST_WINDOWS = 12, 12
_HIGHEST = Decimal(100000)


def problems_of(rule: Rule) -> list[TicketError]:
    """Everything that is wrong with a rule, in the order of the form; nothing: it is sound."""
    found: list[TicketError] = []
    if not rule.tiers:
        found.append(TicketError(Code.INVALID_RULE, _("请至少填写一档"), "tiers"))
    if len(rule.tiers) > MOST_TIERS:
        found.append(TicketError(Code.INVALID_RULE, _("最多 %(most)d 档") % {"most": MOST_TIERS}, "tiers"))
    for at, tier in enumerate(rule.tiers, start=1):
        found += _of_charge(tier.charge, _("第 %(at)d 档") % {"at": at}, "tiers")
        if tier.after is not None and tier.until is not None and tier.after >= tier.until:
            found.append(
                TicketError(Code.INVALID_RULE, _("第 %(at)d 档的截止时间应晚于上一档") % {"at": at}, "tiers")
            )
        if tier.target != Target.ANY and rule.kind not in (FeeKind.CHANGE, FeeKind.ENDORSE):
            found.append(TicketError(Code.INVALID_RULE, _("只有改签规则可以区分改到哪一天"), "tiers"))
    if rule.tiers and not found:
        found += _covering(rule)
    if rule.base == Base.LOWER and rule.kind not in (FeeKind.CHANGE, FeeKind.ENDORSE):
        found.append(TicketError(Code.INVALID_RULE, _("“新旧票价中较低者”只用于改签"), "base"))
    if rule.base == Base.LOWER and rule.unit == Unit.COUPON:
        found.append(TicketError(Code.INVALID_RULE, _("按票联计算时不能用“新旧票价中较低者”"), "base"))
    if rule.original_fare and rule.unit == Unit.COUPON:
        found.append(TicketError(Code.INVALID_RULE, _("按票联计算时不能按改签前的票价"), "original_fare"))
    found += _of_windows(rule)
    for share in rule.types.values():
        if not 0 <= share <= 100:
            found.append(TicketError(Code.INVALID_RULE, _("旅客类型的比例应在 0 到 100 之间"), "types"))
    if rule.account_beyond is not None:
        found += _of_charge(rule.account_beyond, _("超出免费次数后"), "account_beyond")
    if (rule.floor is None) != (rule.floor_within is None):
        found.append(TicketError(Code.INVALID_RULE, _("改签过的票的最低收费，须同时填写时限和收费"), "floor"))
    if rule.floor is not None:
        found += _of_charge(rule.floor, _("改签过的票"), "floor")
    for number, field in (
        (rule.free_times, "free_times"), (rule.most_times, "most_times"), (rule.account_free, "account_free"),
        (rule.account_most, "account_most"), (rule.grace, "grace"), (rule.floor_within, "floor"),
    ):  # fmt: skip
        if number is not None and number < 0:
            found.append(TicketError(Code.INVALID_RULE, _("次数和时限不能为负"), field))
    return found


def _covering(rule: Rule) -> list[TicketError]:
    """Every moment has one tier and only one, for whichever day somebody changes to."""
    told = {tier.target for tier in rule.tiers} - {Target.ANY}
    for target in (Target.UNTIL_DAY, Target.LATER) if told else (Target.ANY,):
        tiers = [tier for tier in rule.tiers if tier.target in (Target.ANY, target)]
        problem = _line(rule, tiers, str(Target(target).label) if told else "")
        if problem is not None:
            return [problem]
    return []


def _line(rule: Rule, tiers: Sequence[Tier], whom: str) -> TicketError | None:
    where = f"（{whom}）" if whom else ""
    ordered = sorted(tiers, key=lambda tier: -(10**12) if tier.after is None else tier.after)
    if not ordered or ordered[0].after is not None:
        return TicketError(Code.TIERS_GAP, _("最早的一段时间没有规定%(where)s") % {"where": where}, "tiers")
    for before, after in pairwise(ordered):
        if before.until is None or (after.after is None or before.until > after.after):
            at = offset_text(rule, after.after) if after.after is not None else _("最早")
            return TicketError(
                Code.TIERS_OVERLAP, _("%(at)s有两档%(where)s") % {"at": at, "where": where}, "tiers"
            )
        if before.until < after.after:
            told = {
                "from": offset_text(rule, before.until), "to": offset_text(rule, after.after), "where": where,
            }  # fmt: skip
            return TicketError(Code.TIERS_GAP, _("%(from)s到%(to)s没有规定%(where)s") % told, "tiers")
    if ordered[-1].until is not None:
        told = {"from": offset_text(rule, ordered[-1].until), "where": where}
        return TicketError(
            Code.TIERS_GAP,
            _("%(from)s以后没有规定%(where)s") % told,
            "tiers",
            _("最后一档的截止留空；可以是不予办理"),
        )
    return None


def _of_windows(rule: Rule) -> list[TicketError]:
    found: list[TicketError] = []
    if len(rule.windows) > MOST_WINDOWS:
        found.append(
            TicketError(Code.INVALID_RULE, _("最多 %(most)d 个节假日") % {"most": MOST_WINDOWS}, "windows")
        )
    for at, window in enumerate(rule.windows):
        found += _of_charge(window.charge, window.name, "windows")
        if window.first > window.last:
            found.append(
                TicketError(
                    Code.INVALID_RULE,
                    _("“%(name)s”的最后一天早于第一天") % {"name": window.name},
                    "windows",
                )
            )
        for other in rule.windows[:at]:
            if window.of == other.of and window.first <= other.last and other.first <= window.last:
                told = {"one": other.name, "other": window.name}
                found.append(
                    TicketError(Code.OVERLAP, _("“%(one)s”和“%(other)s”的日期重叠") % told, "windows")
                )
    return found


def _of_charge(charge: Charge, where: str, field: str) -> list[TicketError]:
    told = {"where": where}
    wrong = None
    if charge.mode == Mode.PERCENT and not 0 < charge.value <= 100:
        wrong = _("%(where)s的比例应大于 0，不超过 100") % told
    elif charge.mode == Mode.FIXED and not 0 < charge.value <= _HIGHEST:
        wrong = _("%(where)s的金额应大于 0") % told
    elif charge.mode in (Mode.FREE, Mode.FORBIDDEN) and (charge.value or charge.least or charge.most):
        wrong = _("%(where)s是免费或不予办理，不要填写数额") % told
    elif any(limit is not None and not 0 <= limit <= _HIGHEST for limit in (charge.least, charge.most)):
        wrong = _("%(where)s的最低、最高金额不正确") % told
    elif charge.least is not None and charge.most is not None and charge.least > charge.most:
        wrong = _("%(where)s的最低金额高于最高金额") % told
    return [TicketError(Code.INVALID_RULE, wrong, field)] if wrong else []
