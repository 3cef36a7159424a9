"""The words that rows of member operations are kept in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Recency(models.TextChoices):
    """R: how long ago a member last bought, in days."""

    WITHIN_30 = "r30", _("30 天内买过")
    WITHIN_90 = "r90", _("31 至 90 天前")
    WITHIN_180 = "r180", _("91 至 180 天前")
    WITHIN_365 = "r365", _("181 至 365 天前")
    OLDER = "older", _("一年以前")
    NEVER = "never", _("没有买过")


class Frequency(models.TextChoices):
    """F: how often a member bought within twelve months."""

    ONCE = "f1", _("1 单")
    SOME = "f2", _("2 至 3 单")
    OFTEN = "f4", _("4 至 6 单")
    REGULAR = "f7", _("7 单以上")


class Worth(models.TextChoices):
    """M: what a member paid within twelve months, less what went back; yuan."""

    SMALL = "m0", _("不满 100 元")
    MEDIUM = "m100", _("100 至 500 元")
    LARGE = "m500", _("500 至 2000 元")
    TOP = "m2000", _("2000 元以上")


class Match(models.TextChoices):
    """How the conditions of a segment stand together."""

    ALL = "all", _("全部满足")
    ANY = "any", _("满足任何一项")


class Way(models.TextChoices):
    """By what a campaign reaches people."""

    SMS = "sms", _("短信")
    WECHAT = "wechat", _("公众号消息")
    COUPON = "coupon", _("发优惠券")


class CampaignState(models.TextChoices):
    """How far a campaign has come."""

    DRAFT = "draft", _("草稿")
    WAITING = "waiting", _("待审批")
    SCHEDULED = "scheduled", _("待发送")
    SENDING = "sending", _("发送中")
    DONE = "done", _("已完成")
    STOPPED = "stopped", _("已停止")


class MessageState(models.TextChoices):
    """What became of one member's message."""

    PLANNED = "planned", _("待发")
    HANDED = "handed", _("已交发")
    SENT = "sent", _("已发出")
    FAILED = "failed", _("发送失败")
    CAPPED = "capped", _("超过频次，未发")
    SKIPPED = "skipped", _("不符合条件，未发")
    STOPPED = "stopped", _("已停止，未发")


#: Those that count against how often a member may be reached.
REACHED = (MessageState.HANDED, MessageState.SENT)


class SkipWhy(models.TextChoices):
    """Why somebody of the segment is not reached."""

    NO_CONSENT = "no_consent", _("没有同意接收营销信息")
    NOT_ACTIVE = "not_active", _("会员已不是正常状态")
    NO_MOBILE = "no_mobile", _("没有手机号")
    NOT_FOLLOWING = "not_following", _("没有关注公众号，或公众号没有活动模板")
    NO_COUPON = "no_coupon", _("优惠券没有发出（已领满、已发完或不在发放）")
    FORBIDDEN = "forbidden", _("黑名单限制了营销触达")


class ExportState(models.TextChoices):
    """How far a list that somebody wants to take away has come."""

    WAITING = "waiting", _("待审批")
    READY = "ready", _("可下载")
    TAKEN = "taken", _("已下载")
    REFUSED = "refused", _("未批准")
    EXPIRED = "expired", _("过期未下载")
