"""The words of resellers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ResellerState(models.TextChoices):
    """Whether a reseller may buy. What was bought before is used, given back and told in every state."""

    ACTIVE = "active", _("合作中")
    SUSPENDED = "suspended", _("暂停下单")
    CLOSED = "closed", _("已终止")


class EntryKind(models.TextChoices):
    """Why the deposit changed."""

    TOP_UP = "top_up", _("充值")
    ORDER = "order", _("购票")
    RELEASE = "release", _("订单未成，退回")
    REFUND = "refund", _("退票")
    ADJUST = "adjust", _("调账")


class TopUpState(models.TextChoices):
    """Money counts when a second person has found it in our account."""

    WAITING = "waiting", _("待复核")
    BOOKED = "booked", _("已入账")
    REFUSED = "refused", _("已驳回")


class BuyState(models.TextChoices):
    """Where an order of a reseller stands on its way to be bought."""

    WORKING = "working", _("处理中")
    PLACED = "placed", _("已下单")
    FAILED = "failed", _("未成")


class NoticeKind(models.TextChoices):
    """What resellers are told."""

    ISSUED = "order.issued", _("出票")
    FAILED = "order.failed", _("下单未成")
    CONSUMED = "order.consumed", _("核销")
    REFUNDED = "order.refunded", _("退票")
    PRICE = "price.changed", _("渠道价变更")
    PRODUCT = "product.changed", _("产品变更")
    SESSION = "session.changed", _("场次延期")
    CANCELLED = "session.cancelled", _("场次取消")


class NoticeState(models.TextChoices):
    """What became of a notice. GIVEN_UP: nobody took it for a day, people have to look."""

    WAITING = "waiting", _("待发送")
    SENT = "sent", _("已送达")
    GIVEN_UP = "given_up", _("未送达")
    SKIPPED = "skipped", _("未设地址，供查询")
