"""The words that memberships are kept in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanKind(models.TextChoices):
    """For whom a plan is. A member has one membership of each kind, of 自邮一族 one for each car."""

    PAID = "paid", _("付费会员")
    CAR = "car", _("自邮一族车主")
    COMPANY = "company", _("企业会员")
    STAFF = "staff", _("员工、店主")


#: Kinds that are sold; the others are given by the staff.
SOLD = (PlanKind.PAID, PlanKind.CAR)


class Origin(models.TextChoices):
    """Where a stretch of a membership comes from."""

    BOUGHT = "bought", _("购买")
    GIFT = "gift", _("受赠")
    UPGRADE = "upgrade", _("升级")
    CARD = "card", _("实体卡")
    GIVEN = "given", _("机构开通")


class MembershipState(models.TextChoices):
    """Whether a membership runs."""

    ACTIVE = "active", _("有效")
    EXPIRED = "expired", _("已到期")
    ENDED = "ended", _("已退出")


class BatchState(models.TextChoices):
    """How far making cards has come."""

    ASKED = "asked", _("待复核")
    APPROVED = "approved", _("待制卡")
    REFUSED = "refused", _("已驳回")
    PRINTED = "printed", _("已制卡")


class HandoutState(models.TextChoices):
    """Where cards that were sent to a unit are."""

    SENT = "sent", _("在途")
    RECEIVED = "received", _("已接收")
    REFUSED = "refused", _("已退回")


class CardState(models.TextChoices):
    """What a card is good for."""

    INACTIVE = "inactive", _("未激活")
    ACTIVE = "active", _("正常")
    LOST = "lost", _("挂失")
    FROZEN = "frozen", _("冻结")
    EXPIRED = "expired", _("过期")
    VOID = "void", _("注销")


#: States in which a card is its membership's.
HELD = (CardState.ACTIVE, CardState.LOST, CardState.FROZEN)


class BenefitKind(models.TextChoices):
    """What a plan may be good for."""

    DISCOUNT = "discount", _("会员折扣")
    FREIGHT = "freight", _("免运费")
    COUPON = "coupon", _("优惠券")
    POINTS = "points", _("积分倍率")
    RIGHT = "right", _("服务权益")
    SUPPORT = "support", _("优先客服")


class Period(models.TextChoices):
    """How long a quota counts."""

    MONTH = "month", _("每月")
    YEAR = "year", _("每年")
    TERM = "all", _("有效期内")


class UseState(models.TextChoices):
    """Whether a use counts."""

    USED = "used", _("已使用")
    RETURNED = "returned", _("已撤销")


class EntryKind(models.TextChoices):
    """Why something is booked."""

    USED = "used", _("使用")
    RETURNED = "returned", _("撤销")


class SheetState(models.TextChoices):
    """How far a settlement sheet has come."""

    MADE = "made", _("待确认")
    OBJECTED = "objected", _("有异议")
    CONFIRMED = "confirmed", _("待付款")
    PAID = "paid", _("已付款")


class LineKind(models.TextChoices):
    """What a line of a settlement sheet is for."""

    USED = "used", _("使用")
    RETURNED = "returned", _("撤销")
    CORRECTION = "correction", _("更正")
