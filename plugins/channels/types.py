"""Kinds, states and ranks of channels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelType(models.TextChoices):
    """Through what the company sells (§2.2.3)."""

    OUTLET = "outlet", _("网点自有")
    STATION = "station", _("便民服务站/村邮站")
    MICRO_SHOP = "micro_shop", _("社区微店")
    AGENT = "agent", _("代理商")
    WEB = "web", _("网站")
    WECHAT = "wechat", _("微信")
    APP = "app", _("APP")
    TELEPHONE = "telephone", _("语音平台")
    KIOSK = "kiosk", _("自助终端")
    THIRD_PARTY = "third_party", _("第三方分销")


class ChannelStatus(models.TextChoices):
    """A channel's life."""

    APPLIED = "applied", _("申请")
    REVIEW = "review", _("审核")
    TRAINING = "training", _("培训")
    TRIAL = "trial", _("试营")
    ACTIVE = "active", _("正常")
    PAUSED = "paused", _("暂停")
    LEFT = "left", _("退出")


#: A channel that sells.
OPEN = (ChannelStatus.TRIAL, ChannelStatus.ACTIVE)
#: Run by the company itself: nobody applies, nothing is signed.
OWN_TYPES = (
    ChannelType.OUTLET,
    ChannelType.WEB,
    ChannelType.WECHAT,
    ChannelType.APP,
    ChannelType.TELEPHONE,
    ChannelType.KIOSK,
)


class Rank(models.TextChoices):
    """How well a channel does, decided by people each season."""

    NONE = "", _("未定级")
    BRONZE = "bronze", _("铜牌")
    SILVER = "silver", _("银牌")
    GOLD = "gold", _("金牌")
