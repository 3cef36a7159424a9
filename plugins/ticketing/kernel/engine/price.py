"""What it costs to give a ticket back or change it, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from math import floor
from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.money import FEN, round_yuan, split

from ..choices import (
    AfterChange,
    Anchor,
    Base,
    Cause,
    FeeKind,
    Mode,
    Rounding,
    ServiceFee,
    Target,
    Unit,
    WindowOf,
)
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from .rules import ZERO, Changed, Charge, Facts, Part, Rule, Tier, Window
from .wording import anchor_word, charge_text, moment_text, plain, span_text

_HALF, _ONE, _JIAO = Decimal("0.5"), Decimal(1), Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Fee:
    """The answer. Where it is not `allowed` nothing is charged and nothing given back.

    `fee` yuan, `parts` the same by coupon; `back` what the customer gets (ticket less fee, taxes, the service fee
    where it goes back); `to_pay` what he pays for a change (fee and a dearer ticket); `tier` the tier's place from 1,
    0 where none spoke; `words` why, a sentence each.
    """

    allowed: bool
    fee: Decimal
    parts: tuple[tuple[str, Decimal], ...]
    back: Decimal
    to_pay: Decimal
    tier: int
    cause: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words as one text."""
        return "；".join(self.words)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON for the row that keeps it."""
        return {
            "allowed": self.allowed, "fee": str(self.fee), "parts": [[key, str(fee)] for key, fee in self.parts],
            "back": str(self.back), "to_pay": str(self.to_pay), "tier": self.tier, "cause": str(self.cause),
            "words": list(self.words),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Fee:
        """Read what `to_json` wrote."""
        return cls(
            kept["allowed"], Decimal(kept["fee"]), tuple((key, Decimal(fee)) for key, fee in kept["parts"]),
            Decimal(kept["back"]), Decimal(kept["to_pay"]), kept["tier"], kept["cause"], tuple(kept["words"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """Which charge speaks, and why."""

    charge: Charge
    cause: str
    words: tuple[str, ...]
    tier: int = 0


def price_of(rule: Rule, facts: Facts) -> Fee:
    """The fee for one ticket by one rule. Exact to the fen, never more than was paid, never negative.

    Raises TicketError FACT_MISSING where the rule needs a moment or a price that is not told.
    """
    found = _charge(rule, facts)
    if found.charge.mode == Mode.FORBIDDEN:
        return Fee(False, ZERO, (), ZERO, ZERO, found.tier, found.cause, found.words)
    share = Decimal(rule.types.get(facts.passenger, 100))
    words = list(found.words)
    cause = found.cause
    if share != 100 and found.charge.mode != Mode.FREE:
        cause = Cause.PASSENGER
        words.append(
            _("这类旅客免收") if share == 0 else _("这类旅客按 %(share)s%% 收取") % {"share": plain(share)}
        )
    fees = _fees(rule, facts, found.charge, share, words)
    fee = sum((amount for _key, amount in fees), ZERO)
    return Fee(True, fee, tuple(fees), *_sides(rule, facts, fee, words), found.tier, cause, tuple(words))


def total_of(fees: Sequence[Fee]) -> tuple[Decimal, Decimal, Decimal]:
    """Fee, given back and to pay of several tickets. Raises TicketError NOT_POSSIBLE where one of them is refused."""
    for one in fees:
        if not one.allowed:
            raise TicketError(Code.NOT_POSSIBLE, one.text or _("不能办理"))
    return (
        sum((one.fee for one in fees), ZERO),
        sum((one.back for one in fees), ZERO),
        sum((one.to_pay for one in fees), ZERO),
    )


def offset_of(moment: datetime, anchor: datetime) -> int:
    """Whole seconds from the anchor; a part of a second counts for the customer."""
    return floor((moment - anchor).total_seconds())


#: Seconds before the anchor of a rule by which nothing was ever given back: longer than any ticket is sold ahead.
_NEVER = -(10**9)


def open_until(rule: Rule) -> int | None:
    """Until so many seconds from its anchor a rule gives something back; None: for ever."""
    ends = [tier.until for tier in rule.tiers if tier.charge.mode != Mode.FORBIDDEN]
    return None if None in ends else max((end for end in ends if end is not None), default=_NEVER)


def _known(facts: Facts, anchor: str) -> datetime:
    at = facts.anchors.get(anchor)
    if at is None:
        raise TicketError(
            Code.FACT_MISSING,
            _("这张票没有“%(anchor)s”时间，无法计算") % {"anchor": Anchor(anchor).label},
            "anchor",
        )
    return at


def _charge(rule: Rule, facts: Facts) -> _Found:
    if facts.involuntary:
        return _Found(Charge(), Cause.INVOLUNTARY, (_("因承运方（主办方）原因，不收手续费"),))
    refused = _refused(rule, facts)
    if refused is not None:
        return refused
    found = _by_day(rule, facts, _known(facts, rule.anchor))
    if _was_changed(facts):
        found = _after_change(rule, facts, found)
    if found.charge.mode == Mode.FORBIDDEN or found.cause == Cause.CHANGED:
        return found
    # a ticket that was changed just now was not booked just now
    harsh = _was_changed(facts) and rule.after_change == AfterChange.HARSHER
    if rule.grace and not harsh and offset_of(facts.moment, _known(facts, Anchor.BOOKED)) <= rule.grace:
        words = (_("下单后%(span)s内免费") % {"span": span_text(rule.grace)},)
        found = _Found(Charge(), Cause.GRACE, words, found.tier)
    elif facts.times_before < rule.free_times:
        words = (_("每张票前 %(times)d 次免费") % {"times": rule.free_times},)
        found = _Found(Charge(), Cause.FIRST_FREE, words, found.tier)
    if (
        found.charge.mode == Mode.FREE
        and rule.account_free is not None
        and facts.account_before >= rule.account_free
    ):
        beyond = rule.account_beyond or Charge(Mode.FORBIDDEN)
        told = {"times": rule.account_free, "charge": charge_text(beyond, rule)}
        words = (_("每个账号每场免费 %(times)d 次，您已用完：%(charge)s") % told,)
        found = _Found(beyond, Cause.ACCOUNT, words, found.tier)
    return found


def _refused(rule: Rule, facts: Facts) -> _Found | None:
    never = Charge(Mode.FORBIDDEN)
    if rule.whole_order and not facts.whole_order:
        return _Found(never, Cause.WHOLE_ORDER, (_("这张订单只能整单办理"),))
    if rule.most_times is not None and facts.times_before >= rule.most_times:
        words = _("每张票最多办理 %(most)d 次，已办理过 %(times)d 次")
        return _Found(never, Cause.TIMES, (words % {"most": rule.most_times, "times": facts.times_before},))
    if rule.account_most is not None and facts.account_before >= rule.account_most:
        words = _("每个账号每场最多办理 %(most)d 次")
        return _Found(never, Cause.ACCOUNT, (words % {"most": rule.account_most},))
    if _was_changed(facts) and rule.after_change == AfterChange.FORBIDDEN:
        return _Found(never, Cause.CHANGED, (_("改签过的票不再办理"),))
    return None


def _was_changed(facts: Facts) -> bool:
    """Whether somebody changed the ticket of his own will."""
    return facts.changed is not None and not facts.changed.carriers


def _by_day(rule: Rule, facts: Facts, anchor: datetime) -> _Found:
    """What the tier says, or the holiday: harder or easier, but it opens nothing that is closed."""
    found = _by_tier(rule, facts, anchor, facts.moment)
    window = next((one for one in rule.windows if _inside(one, facts)), None)
    if window is None or found.charge.mode == Mode.FORBIDDEN:
        return found
    told = {"name": window.name, "charge": charge_text(window.charge, rule)}
    return _Found(window.charge, Cause.WINDOW, (_("%(name)s期间：%(charge)s") % told,), found.tier)


def _by_tier(rule: Rule, facts: Facts, anchor: datetime, moment: datetime) -> _Found:
    offset, target = offset_of(moment, anchor), _target(rule, facts, anchor)
    for at, tier in enumerate(rule.tiers, start=1):
        if tier.holds(offset, target):
            return _Found(tier.charge, Cause.TIER, (_tier_words(rule, tier, anchor, moment, offset),), at)
    # what is published has no gap (`soundness`); an old snapshot that had one gives nothing away
    return _Found(Charge(Mode.FORBIDDEN), Cause.TIER, (_("规则没有规定这个时间，不能办理"),))


def _tier_words(rule: Rule, tier: Tier, anchor: datetime, moment: datetime, offset: int) -> str:
    return _("%(when)s办理，%(anchor)s时间 %(at)s，%(where)s：%(charge)s") % {
        "when": moment_text(moment),
        "anchor": anchor_word(rule),
        "at": moment_text(anchor),
        "where": _("提前%(span)s") % {"span": span_text(-offset)}
        if offset < 0
        else _("已过%(span)s") % {"span": span_text(offset)} if offset else _("正好到时间"),
        "charge": charge_text(tier.charge, rule),
    }  # fmt: skip


def _target(rule: Rule, facts: Facts, anchor: datetime) -> str:
    if all(tier.target == Target.ANY for tier in rule.tiers):
        return Target.ANY
    if facts.target is None:
        raise TicketError(Code.FACT_MISSING, _("请选择要改签到的车次或场次"), "target")
    later = facts.target.astimezone(SHANGHAI).date() > anchor.astimezone(SHANGHAI).date()
    return Target.LATER if later else Target.UNTIL_DAY


def _inside(window: Window, facts: Facts) -> bool:
    if window.changed_only and not _was_changed(facts):
        return False
    day = facts.travel_on() if window.of == WindowOf.TRAVEL else facts.moment.astimezone(SHANGHAI).date()
    return day is not None and window.first <= day <= window.last


def _after_change(rule: Rule, facts: Facts, found: _Found) -> _Found:
    """The trap of changing first and giving back then: what the ticket had come to before is not undone."""
    changed = facts.changed
    assert changed is not None  # noqa: S101 - the caller looked
    if rule.after_change == AfterChange.HARSHER:
        before = _by_day(rule, _as_it_was(rule, facts, changed), changed.anchor)
        if _dearer(rule, facts, before.charge, found.charge):
            told = {"charge": charge_text(before.charge, rule)}
            if before.charge.mode == Mode.FORBIDDEN:
                why = _("这张票改签过，原票在改签时已是“%(charge)s”，改签后同样不能办理") % told
            else:
                why = _("这张票改签过，原票在改签时已到“%(charge)s”，按较高的收") % told
            return _Found(before.charge, Cause.CHANGED, (*before.words, why), before.tier)
    if rule.floor is not None and rule.floor_within is not None:
        late = offset_of(changed.at, changed.anchor) > -rule.floor_within
        if late and _dearer(rule, facts, rule.floor, found.charge):
            told = {
                "anchor": anchor_word(rule), "span": span_text(rule.floor_within),
                "charge": charge_text(rule.floor, rule),
            }  # fmt: skip
            words = (_("这张票在原%(anchor)s前不足%(span)s时改签过：%(charge)s") % told,)
            found = _Found(rule.floor, Cause.CHANGED, (*found.words, *words), found.tier)
    return found


def _as_it_was(rule: Rule, facts: Facts, changed: Changed) -> Facts:
    """The old ticket at the moment of its change: its own day, and nothing that only changed ones pay."""
    return replace(facts, moment=changed.at, anchors={str(rule.anchor): changed.anchor}, changed=None)


def _dearer(rule: Rule, facts: Facts, one: Charge, other: Charge) -> bool:
    if Mode.FORBIDDEN in (one.mode, other.mode):
        return one.mode == Mode.FORBIDDEN and other.mode != Mode.FORBIDDEN
    whole = _whole(facts.parts)
    hundred = Decimal(100)
    return _amount(rule, facts, one, whole, hundred) > _amount(rule, facts, other, whole, hundred)


def _fees(
    rule: Rule, facts: Facts, charge: Charge, share: Decimal, words: list[str]
) -> list[tuple[str, Decimal]]:
    if rule.unit == Unit.COUPON:
        return [(part.key, _amount(rule, facts, charge, part, share)) for part in facts.parts]
    whole = _whole(facts.parts)
    fee = _amount(rule, facts, charge, whole, share)
    keys = [part.key for part in facts.parts]
    if charge.mode == Mode.PERCENT and share:
        told = {
            "base": Base(rule.base).label, "amount": f"{_base(rule, facts, whole):.2f}",
            "percent": plain(charge.value), "fee": f"{fee:.2f}",
        }  # fmt: skip
        words.append(_("%(base)s %(amount)s 元 × %(percent)s%%，实收 %(fee)s 元") % told)
    return list(zip(keys, split(fee, [part.paid for part in facts.parts]), strict=True)) if keys else []


def _amount(rule: Rule, facts: Facts, charge: Charge, part: Part, share: Decimal) -> Decimal:
    """Of one unit: rounded first, then not less than the least, not more than the most and what was paid."""
    if charge.mode in (Mode.FREE, Mode.FORBIDDEN) or share == 0:
        return ZERO
    raw = charge.value if charge.mode == Mode.FIXED else _base(rule, facts, part) * charge.value / 100
    amount = rounded(raw * share / 100, rule.rounding)
    if charge.least is not None:
        amount = max(amount, charge.least)
    if charge.most is not None:
        amount = min(amount, charge.most)
    return max(ZERO, min(amount, part.paid)).quantize(FEN)


def _base(rule: Rule, facts: Facts, part: Part) -> Decimal:
    if rule.base == Base.LOWER:
        if facts.new_price is None:
            raise TicketError(Code.FACT_MISSING, _("请选择要改签到的车次或场次"), "new_price")
        return min(part.paid, facts.new_price)
    if rule.original_fare and facts.changed is not None and rule.unit == Unit.TICKET:
        part = facts.changed.was
    return {Base.FACE: part.face, Base.PAID: part.paid, Base.FULL: part.full}[Base(rule.base)]


def _whole(parts: Sequence[Part]) -> Part:
    return Part(
        "",
        sum((part.face for part in parts), ZERO),
        sum((part.paid for part in parts), ZERO),
        sum((part.full for part in parts), ZERO),
    )


def _sides(rule: Rule, facts: Facts, fee: Decimal, words: list[str]) -> tuple[Decimal, Decimal]:
    """What goes back to the customer and what he pays."""
    missed = (
        rule.kind == FeeKind.NOSHOW and facts.target is not None
    )  # another trip instead of the missed one
    if missed or rule.kind in (FeeKind.CHANGE, FeeKind.ENDORSE):
        difference = (facts.new_price if facts.new_price is not None else facts.paid) - facts.paid
        if difference > 0:
            words.append(_("补票价差额 %(amount)s 元") % {"amount": f"{difference:.2f}"})
            return ZERO, fee + difference
        if difference < 0 and rule.back_down:
            words.append(_("退票价差额 %(amount)s 元") % {"amount": f"{-difference:.2f}"})
            return -difference, fee
        if difference < 0:
            words.append(_("票价差额不退"))
        return ZERO, fee
    service = facts.service_back
    if service is None:
        service = rule.service == ServiceFee.ALWAYS or (
            facts.involuntary and rule.service == ServiceFee.INVOLUNTARY
        )
    if facts.taxes:
        words.append(_("税费 %(amount)s 元全退") % {"amount": f"{facts.taxes:.2f}"})
    if facts.service:
        told = {"amount": f"{facts.service:.2f}"}
        words.append(
            _("服务费 %(amount)s 元一并退还") % told if service else _("服务费 %(amount)s 元不退") % told
        )
    return facts.paid - fee + facts.taxes + (facts.service if service else ZERO), ZERO


def rounded(amount: Decimal, how: str) -> Decimal:
    """An amount of yuan, not negative, rounded as a rule says."""
    match Rounding(how):
        case Rounding.FEN:
            return round_yuan(amount)
        case Rounding.JIAO:
            return amount.quantize(_JIAO, rounding=ROUND_HALF_UP)
        case Rounding.HALF:
            whole = amount.to_integral_value(rounding=ROUND_FLOOR)
            rest = amount - whole
            return whole + (ZERO if rest < Decimal("0.25") else _HALF if rest < Decimal("0.75") else _ONE)
        case Rounding.YUAN_DOWN:
            return amount.to_integral_value(rounding=ROUND_FLOOR)
        case Rounding.YUAN_UP:
            return amount.to_integral_value(rounding=ROUND_CEILING)
        case _:
            return amount.to_integral_value(rounding=ROUND_HALF_UP)
