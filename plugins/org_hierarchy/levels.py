"""The five levels of the tree (§2.1) and what an outlet may do there."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """市中心 → 片区中心 → 区县中心 → 支局业务处理中心 → 网点."""

    CITY = 1, _("市中心")
    AREA = 2, _("片区中心")
    COUNTY = 3, _("区县中心")
    BRANCH = 4, _("支局业务处理中心")
    OUTLET = 5, _("网点")


class UnitStatus(models.TextChoices):
    """A unit's life; a closed one stays in the tree for its past."""

    PLANNED = "planned", _("筹建")
    ACTIVE = "active", _("启用")
    SUSPENDED = "suspended", _("停用")
    CLOSED = "closed", _("撤并")


class BusinessScope(models.TextChoices):
    """What a unit does over its counter."""

    RETAIL = "retail", _("零售")
    TICKETING = "ticketing", _("票务")
    BILLS = "bills", _("代收代缴")
    TOURISM = "tourism", _("旅游")
    PRODUCE = "produce", _("农产品")
    CONVENIENCE = "convenience", _("便民")
    DELIVERY = "delivery", _("揽投")


class Datum(models.TextChoices):
    """The coordinate system that a position was given in; we store GCJ-02."""

    GCJ02 = "gcj02", _("国测局（高德、腾讯）")
    WGS84 = "wgs84", _("GPS（WGS-84）")
    BD09 = "bd09", _("百度（BD-09）")
