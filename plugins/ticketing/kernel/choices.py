"""The words of fee rules."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trade(models.TextChoices):
    """What kind of ticket; rules never reach over."""

    COACH = "coach", _("汽车票")
    SCENIC = "scenic", _("景区门票")
    SHOW = "show", _("演出赛事")
    RAIL = "rail", _("火车票")
    AIR = "air", _("机票")


class FeeKind(models.TextChoices):
    """For what a fee is taken."""

    REFUND = "refund", _("退票")
    CHANGE = "change", _("改签")
    NOSHOW = "noshow", _("误乘误场")
    ENDORSE = "endorse", _("签转")


class Base(models.TextChoices):
    """Of what a percentage is taken."""

    FACE = "face", _("票面价")
    PAID = "paid", _("实付票款")
    FULL = "full", _("全价")
    LOWER = "lower", _("新旧票价中较低者")


class Anchor(models.TextChoices):
    """To what the tiers' times are relative."""

    DEPARTURE = "departure", _("出发")
    START = "start", _("开场（游玩日零点）")
    SALE_OPEN = "sale_open", _("开售")
    VALID_END = "valid_end", _("有效期结束")
    BOOKED = "booked", _("下单")


class Mode(models.TextChoices):
    """How a tier counts."""

    PERCENT = "percent", _("按比例")
    FIXED = "fixed", _("固定金额")
    FREE = "free", _("免费")
    FORBIDDEN = "forbidden", _("不予办理")


class Rounding(models.TextChoices):
    """To what an amount is rounded."""

    FEN = "fen", _("到分")
    JIAO = "jiao", _("到角")
    HALF = "half", _("到 0.5 元（不足 0.25 舍去，0.25 至不足 0.75 计 0.5）")
    YUAN_DOWN = "yuan_down", _("到元，舍去角分")
    YUAN_UP = "yuan_up", _("到元，角分进一")
    YUAN_HALF = "yuan_half", _("到元，四舍五入")


class Target(models.TextChoices):
    """To which day somebody changes, beside the day on the ticket."""

    ANY = "any", _("任意日期")
    UNTIL_DAY = "until_day", _("票面日期当日及以前")
    LATER = "later", _("票面日期次日及以后")


class WindowOf(models.TextChoices):
    """What has to lie between the days of an override."""

    TRAVEL = "travel", _("乘车（游玩）日期")
    MOMENT = "moment", _("办理日期")


class AfterChange(models.TextChoices):
    """What counts for a ticket that has been changed."""

    OWN = "own", _("按改签后的车次（场次）计算")
    HARSHER = "harsher", _("改签时原票已到的档次更高的，按更高的收")
    FORBIDDEN = "forbidden", _("改签后不予办理")


class Unit(models.TextChoices):
    """Whether a ticket of several coupons has one fee or each coupon its own."""

    TICKET = "ticket", _("整张票")
    COUPON = "coupon", _("每个航段（票联）")


class ServiceFee(models.TextChoices):
    """When the service fee goes back with a refund."""

    NEVER = "never", _("不退")
    INVOLUNTARY = "involuntary", _("承运方（主办方）原因时退")
    ALWAYS = "always", _("退")


class Cause(models.TextChoices):
    """Why a fee is what it is."""

    TIER = "tier", _("按档次")
    WINDOW = "window", _("节假日规定")
    CHANGED = "changed", _("改签过的票")
    INVOLUNTARY = "involuntary", _("承运方（主办方）原因")
    GRACE = "grace", _("下单后的免费时限内")
    FIRST_FREE = "first_free", _("前几次免费")
    PASSENGER = "passenger", _("旅客类型")
    ACCOUNT = "account", _("每个账号的次数")
    TIMES = "times", _("办理次数")
    WHOLE_ORDER = "whole_order", _("须整单办理")


class RuleState(models.TextChoices):
    """A version counts only when a second person has published it."""

    PENDING = "pending", _("待复核")
    PUBLISHED = "published", _("已发布")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")
