"""The words of vouchers and gates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Answer(models.TextChoices):
    """The one answer to somebody who wants in, in the order in which it is looked for."""

    PASSED = "passed", _("通过")
    UNKNOWN = "unknown", _("未知码")
    VOID = "void", _("已作废")
    UNPAID = "unpaid", _("未支付")
    REFUNDED = "refunded", _("已退")
    OTHER_SESSION = "other_session", _("非本场")
    OTHER_GATE = "other_gate", _("非本门")
    EARLY = "early", _("未到有效期")
    EXPIRED = "expired", _("已过期")
    PAPER = "paper", _("凭纸票入场")
    DOCUMENT = "document", _("证件不符")
    PICTURE = "picture", _("请出示动态码")
    USED = "used", _("已使用")
    TOO_MANY = "too_many", _("人数不足")
    WHOLE = "whole", _("须整单核销")
    GATE_CLOSED = "gate_closed", _("检票口已关闭")
    NOT_OUT = "not_out", _("没有入场记录")


class Way(models.TextChoices):
    """By what somebody was recognised."""

    QR = "qr", _("二维码")
    CODE = "code", _("短码")
    DOCUMENT = "document", _("证件")
    PHONE = "phone", _("手机尾号")


class PaperWay(models.TextChoices):
    """How a voucher gets onto paper, which alone lets in."""

    ON_SITE = "on_site", _("现场换票")
    MAIL = "mail", _("纸票邮寄")


class MailState(models.TextChoices):
    """Where paper tickets by post are. Those of orders that were not issued wait as well, and nobody sees them."""

    WAITING = "waiting", _("待寄出")
    SENT = "sent", _("已寄出")
    CANCELLED = "cancelled", _("不用寄")


class Direction(models.TextChoices):
    """Which way people go."""

    IN = "in", _("入场")
    OUT = "out", _("离场")
    AGAIN = "again", _("再次入场")


class GateDirection(models.TextChoices):
    """What a device is for."""

    IN = "in", _("入口")
    OUT = "out", _("出口")
    BOTH = "both", _("出入口")


class DeviceKind(models.TextChoices):
    """What scans."""

    GATE = "gate", _("闸机")
    HANDHELD = "handheld", _("手持机")


class UseKind(models.TextChoices):
    """Why a row of redemption is there. Amounts of what is taken back are negative."""

    USED = "used", _("核销")
    REVERSED = "reversed", _("撤销核销")
    SUPERSEDED = "superseded", _("更早的核销生效")
    EXPIRED = "expired", _("过期未用")


class ConflictKind(models.TextChoices):
    """What people have to look at after a device was without a network."""

    TWICE = "twice", _("两处检票，仅较早一次有效")
    GONE = "gone", _("脱机放行时已退票或作废")
    WRONG = "wrong", _("脱机放行的票不符合规则")
    CLOCK = "clock", _("设备时钟不可信")


class ConflictState(models.TextChoices):
    """Where it stands."""

    OPEN = "open", _("待处理")
    DONE = "done", _("已处理")


class ExpiryPolicy(models.TextChoices):
    """What becomes of what nobody used."""

    SETTLE = "settle", _("照常与供应商结算")
    KEEP = "keep", _("不结算，票款计收入")
    REFUND = "refund", _("过期可退，暂不计收入")


class SettleCycle(models.TextChoices):
    """Over which days a sheet goes."""

    DAY = "day", _("按日")
    WEEK = "week", _("按周")
    MONTH = "month", _("按月")


class SheetState(models.TextChoices):
    """Where a settlement sheet stands."""

    OPEN = "open", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    PAID = "paid", _("已付款")


class ChangeKind(models.TextChoices):
    """What happened to a session."""

    CANCELLED = "cancelled", _("取消")
    POSTPONED = "postponed", _("延期")


class ChoiceKind(models.TextChoices):
    """What a buyer wants after a session was put off."""

    KEEP = "keep", _("保留门票")
    REFUND = "refund", _("全额退票")
