"""Words of the map: kinds of places, and what became of an address that was looked up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlaceKind(models.TextChoices):
    """What stands at a place. OUTLET and BRANCH mirror units of the organisation, the others are kept here."""

    OUTLET = "outlet", _("网点")
    BRANCH = "branch", _("支局")
    MERCHANT = "merchant", _("商户")
    STATION = "station", _("车站、机场")
    SCENIC = "scenic", _("景区")
    PICKUP = "pickup", _("自提点")
    LOCKER = "locker", _("智能柜")
    OTHER = "other", _("其他")


#: Kinds that follow a unit: their rows are written by the sync alone.
MIRRORED = (PlaceKind.OUTLET, PlaceKind.BRANCH)


class PlaceStatus(models.TextChoices):
    """Whether shoppers find a place."""

    LISTED = "listed", _("显示")
    HIDDEN = "hidden", _("不显示")


class DayKind(models.TextChoices):
    """What a day of the calendar is; the values are keys of the hours, see `org_hierarchy`."""

    HOLIDAY = "holiday", _("放假")
    WORKDAY = "workday", _("调休上班")


class ImportKind(models.TextChoices):
    """What an uploaded file is about."""

    PLACES = "places", _("地点")
    AREAS = "areas", _("服务范围")


class BatchState(models.TextChoices):
    """How far a batch of addresses is."""

    WAITING = "waiting", _("待处理")
    RUNNING = "running", _("处理中")
    PAUSED = "paused", _("已暂停")
    DONE = "done", _("已完成")


class RowState(models.TextChoices):
    """What became of one address."""

    WAITING = "waiting", _("待查询")
    FOUND = "found", _("已定位")
    DOUBTFUL = "doubtful", _("待核对")
    NOT_FOUND = "not_found", _("查不到")
    UNKNOWN = "unknown", _("未得到答复")
    CORRECTED = "corrected", _("已人工定位")
