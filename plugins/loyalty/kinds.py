"""The words that the ledger and its rules are kept in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Book(models.TextChoices):
    """What is counted. Points and growth in pieces, the balance and settlements in yuan."""

    POINTS = "points", _("积分")
    GROWTH = "growth", _("成长值")
    BALANCE = "balance", _("储值余额")
    SETTLEMENT = "settlement", _("机构清算")


#: Books in which a member has a purse.
OF_MEMBERS = (Book.POINTS, Book.GROWTH, Book.BALANCE)
#: Books that people may adjust by hand, with approval.
BY_HAND = (Book.POINTS, Book.GROWTH)
#: Books whose purses are made of lots that are used first in, first out.
IN_LOTS = (Book.POINTS, Book.BALANCE)


class Side(models.TextChoices):
    """The account of a line: the member's two, or one of a unit's."""

    MEMBER = "member", _("会员账户")
    DEBT = "debt", _("会员欠账")
    ISSUED = "issued", _("发放")
    USED = "used", _("使用")
    EXPIRED = "expired", _("过期")
    UNIT = "unit", _("机构往来")


class EntryKind(models.TextChoices):
    """Why something moved."""

    EARN = "earn", _("消费获得")
    EARN_BACK = "earn_back", _("退款收回")
    SIGN_IN = "sign_in", _("签到")
    ACTIVITY = "activity", _("活动赠送")
    BURN = "burn", _("柜台兑扣")
    BURN_BACK = "burn_back", _("兑扣撤销")
    DEDUCT = "deduct", _("下单抵扣")
    DEDUCT_BACK = "deduct_back", _("抵扣退回")
    EXCHANGE = "exchange", _("积分兑换")
    EXCHANGE_BACK = "exchange_back", _("兑换退回")
    EXPIRE = "expire", _("过期")
    ADJUST = "adjust", _("人工调整")
    POSTAL = "postal", _("邮政业务")
    POSTAL_BACK = "postal_back", _("邮政业务冲正")
    RECHARGE = "recharge", _("充值")
    RECHARGE_BACK = "recharge_back", _("充值退款")
    BONUS = "bonus", _("充值赠送")
    BONUS_BACK = "bonus_back", _("赠送收回")
    PAY = "pay", _("余额支付")
    PAY_BACK = "pay_back", _("支付退回")
    MERGE = "merge", _("会员合并")
    SETTLE = "settle", _("清算")
    SETTLE_BACK = "settle_back", _("清算冲回")


class Occasion(models.TextChoices):
    """For what a rule gives."""

    ORDER = "order", _("网上订单（完成后）")
    COUNTER = "counter", _("柜台消费（交付后）")
    SIGN_IN = "sign_in", _("每日签到")
    REFERRAL = "referral", _("推荐好友（好友首单完成后）")


#: Occasions that give by what was paid; the others give a fixed number.
BY_AMOUNT = (Occasion.ORDER, Occasion.COUNTER)


class AdjustmentState(models.TextChoices):
    """Where an adjustment stands."""

    WAITING = "waiting", _("待审批")
    BOOKED = "booked", _("已入账")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


class BurnState(models.TextChoices):
    """Where points to be used at a counter stand."""

    ASKED = "asked", _("待会员确认")
    DONE = "done", _("已兑扣")
    GONE = "gone", _("已作废")
    TAKEN_BACK = "taken_back", _("已撤销")


class ConsentKind(models.TextChoices):
    """What a member agrees to at a counter."""

    BALANCE = "balance", _("储值余额付款")
    POINTS = "points", _("积分抵扣")


class ConsentState(models.TextChoices):
    """Where a member's consent at a counter stands."""

    ASKED = "asked", _("待会员确认")
    GIVEN = "given", _("已确认")
    USED = "used", _("已使用")
    GONE = "gone", _("已作废")


class LevelWhy(models.TextChoices):
    """Why a level changed."""

    REACHED = "reached", _("成长值达标")
    KEPT = "kept", _("保级成功")
    LOWERED = "lowered", _("到期降级")
    MERGED = "merged", _("会员合并")
    GIFT = "gift", _("人工赠送")


class PriceEntryKind(models.TextChoices):
    """Why what a member price cost changed."""

    USED = "used", _("已付款")
    BACK = "back", _("退款冲回")
    AGAIN = "again", _("退款未成恢复")
