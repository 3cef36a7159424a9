"""Rules and times in the customer's words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import SHANGHAI

from ..choices import AfterChange, Anchor, Base, FeeKind, Mode, ServiceFee, Target, Trade, Unit
from .rules import Charge, Rule, Tier, Window

DAY, HOUR, MINUTE = 86400, 3600, 60


def plain(number: Decimal) -> str:
    """`10`, `7.5`: without zeros behind the point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def span_text(seconds: int) -> str:
    """`2小时`, `8天`, `1天12小时`, `90分钟` as `1小时30分钟`; days from three on, below that hours."""
    seconds = abs(seconds)
    days, rest = divmod(seconds, DAY)
    if days < 3 and not (days and rest):
        days, rest = 0, seconds
    if days and days < 3:
        days, rest = 0, seconds
    hours, rest = divmod(rest, HOUR)
    minutes, left = divmod(rest, MINUTE)
    told = ((days, _("天")), (hours, _("小时")), (minutes, _("分钟")), (left, _("秒")))
    return "".join(f"{number}{unit}" for number, unit in told if number) or f"0{_('秒')}"


def moment_text(moment: datetime) -> str:
    """`2026-12-01 08:30`, with seconds where there are some."""
    here = moment.astimezone(SHANGHAI)
    return f"{here:%Y-%m-%d %H:%M:%S}" if here.second else f"{here:%Y-%m-%d %H:%M}"


def anchor_word(rule: Rule) -> str:
    """What the trade calls the anchor: 发车, 开车, 起飞, 开场, 游玩日零点."""
    if rule.anchor == Anchor.DEPARTURE:
        return {Trade.COACH: _("发车"), Trade.RAIL: _("开车"), Trade.AIR: _("起飞")}.get(
            Trade(rule.trade), _("出发")
        )
    if rule.anchor == Anchor.START:
        return _("游玩日零点") if rule.trade == Trade.SCENIC else _("开场")
    return str(Anchor(rule.anchor).label)


def offset_text(rule: Rule, offset: int) -> str:
    """`发车前2小时`, `发车时`, `发车后30分钟`."""
    told = {"anchor": anchor_word(rule), "span": span_text(offset)}
    if offset == 0:
        return _("%(anchor)s时") % told
    return _("%(anchor)s前%(span)s") % told if offset < 0 else _("%(anchor)s后%(span)s") % told


def charge_text(charge: Charge, rule: Rule) -> str:
    """`收取票面价的 10%，最低 0.30 元`, `免收手续费`, `不予退票`."""
    kind = _("改乘") if rule.kind == FeeKind.NOSHOW else str(FeeKind(rule.kind).label)
    if charge.mode == Mode.FREE:
        return _("免收手续费")
    if charge.mode == Mode.FORBIDDEN:
        return _("不予%(kind)s") % {"kind": kind}
    if charge.mode == Mode.FIXED:
        text = _("收取 %(amount)s 元") % {"amount": f"{charge.value:.2f}"}
    else:
        told = {"base": Base(rule.base).label, "percent": plain(charge.value)}
        text = _("收取%(base)s的 %(percent)s%%") % told
    if charge.least is not None:
        text += _("，最低 %(amount)s 元") % {"amount": f"{charge.least:.2f}"}
    if charge.most is not None:
        text += _("，最高 %(amount)s 元") % {"amount": f"{charge.most:.2f}"}
    return text


def tier_text(tier: Tier, rule: Rule) -> str:
    """A line of the table: from when to when, for which new day, how much."""
    if tier.after is None and tier.until is None:
        when = _("任何时间")
    elif tier.after is None and tier.until is not None:
        when = _("%(until)s（含）以前") % {"until": offset_text(rule, tier.until)}
    elif tier.until is None and tier.after is not None:
        when = _("%(after)s以后") % {"after": offset_text(rule, tier.after).removesuffix(_("时"))} if (
            tier.after == 0
        ) else _("超过%(after)s") % {"after": offset_text(rule, tier.after)}  # fmt: skip
    else:
        told = {"after": offset_text(rule, tier.after or 0), "until": offset_text(rule, tier.until or 0)}
        when = _("不足%(after)s至%(until)s") % told
    if tier.target != Target.ANY:
        when += _("，改到%(target)s") % {"target": Target(tier.target).label}
    return f"{when}：{charge_text(tier.charge, rule)}"


def window_text(window: Window, rule: Rule) -> str:
    """`春运（乘车日期 2027-01-25 至 2027-03-05，改签过的票）：…`."""
    from ..choices import WindowOf

    whom = _("，改签过的票") if window.changed_only else ""
    days = f"{WindowOf(window.of).label} {window.first} {_('至')} {window.last}"
    return f"{window.name}（{days}{whom}）：{charge_text(window.charge, rule)}"


def rule_text(rule: Rule) -> list[str]:
    """The rule as customers read it, a sentence a line."""
    from ..passengers import PassengerType

    kind = str(FeeKind(rule.kind).label)
    lines = [tier_text(tier, rule) for tier in rule.tiers]
    lines += [window_text(window, rule) for window in rule.windows]
    if rule.grace:
        lines.append(_("下单后%(span)s内免收手续费") % {"span": span_text(rule.grace)})
    if rule.free_times:
        lines.append(_("每张票前 %(times)d 次免费") % {"times": rule.free_times})
    if rule.most_times is not None:
        lines.append(_("每张票最多%(kind)s %(times)d 次") % {"kind": kind, "times": rule.most_times})
    if rule.account_free is not None:
        beyond = charge_text(rule.account_beyond or Charge(Mode.FORBIDDEN), rule)
        told = {"kind": kind, "times": rule.account_free, "beyond": beyond}
        lines.append(_("每个账号每场免费%(kind)s %(times)d 次，此后%(beyond)s") % told)
    if rule.account_most is not None:
        lines.append(_("每个账号每场最多%(kind)s %(times)d 次") % {"kind": kind, "times": rule.account_most})
    for type_, share in rule.types.items():
        label = str(PassengerType(type_).label)
        lines.append(
            _("%(type)s免收手续费") % {"type": label}
            if share == 0
            else _("%(type)s按 %(share)s%% 收取手续费") % {"type": label, "share": plain(share)}
        )
    if rule.after_change != AfterChange.OWN:
        lines.append(f"{_('改签过的票')}：{AfterChange(rule.after_change).label}")
    if rule.floor is not None and rule.floor_within is not None:
        told = {
            "anchor": anchor_word(rule), "span": span_text(rule.floor_within), "charge": charge_text(rule.floor, rule),
        }  # fmt: skip
        lines.append(_("在原%(anchor)s前不足%(span)s时改签过的票，至少：%(charge)s") % told)
    if rule.original_fare:
        lines.append(_("改签过的票按改签前的票价计算；改签手续费不退"))
    if rule.unit == Unit.COUPON:
        lines.append(_("每个航段（票联）分别计算"))
    if rule.whole_order:
        lines.append(_("只能整单%(kind)s") % {"kind": kind})
    if rule.kind in (FeeKind.CHANGE, FeeKind.ENDORSE):
        lines.append(
            _("改到更贵的补差额，改到更便宜的退差额")
            if rule.back_down
            else _("改到更贵的补差额，改到更便宜的不退差额")
        )
    else:
        lines.append(f"{_('服务费')}：{ServiceFee(rule.service).label}")
    lines.append(_("因承运方（主办方）原因不收手续费"))
    if rule.note:
        lines.append(rule.note)
    return lines
