"""The words that postal business is kept in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Service(models.TextChoices):
    """What the post does for its customers beside the platform."""

    SAVINGS = "savings", _("储蓄")
    INSURANCE = "insurance", _("保险")
    PARCEL = "parcel", _("寄递")


class Source(models.TextChoices):
    """Who told of it."""

    DOOR = "door", _("业务系统")
    FILE = "file", _("文件导入")


class BusinessState(models.TextChoices):
    """Where a business stands with its points."""

    NEW = "new", _("待处理")
    HELD = "held", _("待复核")
    WAITING = "waiting", _("待注册")
    COUNTED = "counted", _("已计分")
    NOTHING = "nothing", _("不计分")
    LAPSED = "lapsed", _("超期未注册")
    REVERSED = "reversed", _("已冲正")


class BatchState(models.TextChoices):
    """Where a file stands."""

    WAITING = "waiting", _("待复核")
    BOOKED = "booked", _("已入账")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")
