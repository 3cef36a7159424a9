"""Lines and their timetable, put together from what the networks tell."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import now

from .stations import Station


class Line(models.Model):
    """From a station to where its buses end. Of several networks it is one row: its ends are the match."""

    code = models.CharField(_("线路代码"), max_length=45, unique=True)
    start = models.ForeignKey(Station, models.PROTECT, related_name="lines", verbose_name=_("始发站"))
    terminal = models.ForeignKey(
        Station, models.PROTECT, related_name="ending_lines", verbose_name=_("终到站")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("汽车线路")
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=("start", "terminal"), name="o2o_coach_line_once"),)

    def __str__(self) -> str:
        return f"{self.start} → {self.terminal}"


class LineStop(models.Model):
    """Where one gets to with a line; `kilometres` from its start."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="stops", verbose_name=_("线路"))
    station = models.ForeignKey(Station, models.PROTECT, related_name="stops", verbose_name=_("到站"))
    kilometres = models.PositiveIntegerField(_("里程（公里）"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("线路停靠")
        ordering = ("line", "kilometres")
        constraints = (models.UniqueConstraint(fields=("line", "station"), name="o2o_coach_stop_once"),)

    def __str__(self) -> str:
        return f"{self.line} {self.station}"


class SupplierLine(models.Model):
    """A line of a network, from one of its stations; `line` is ours once both of its ends are matched."""

    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="coach_lines", verbose_name=_("客票网")
    )
    code = models.CharField(_("对方线路"), max_length=60)
    name = models.CharField(_("对方名称"), max_length=130)
    line = models.ForeignKey(
        Line, models.PROTECT, null=True, blank=True, related_name="called", verbose_name=_("我方线路")
    )
    seen_at = models.DateTimeField(_("最近同步"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("客票网线路对应")
        ordering = ("supplier", "code")
        constraints = (
            models.UniqueConstraint(fields=("supplier", "code"), name="o2o_coach_supplier_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.supplier} {self.name}"


class Shift(models.Model):
    """A bus of the timetable: 固定班 with seats at a time, or 流水班: any bus of the day from `departs` on.

    `copy` tells two buses of one minute apart. `first_day`, `last_day`: of travel, as far as it was seen.
    """

    line = models.ForeignKey(Line, models.PROTECT, related_name="shifts", verbose_name=_("线路"))
    number = models.CharField(_("班次号"), max_length=30)
    departs = models.TimeField(_("发车时间"))
    flow = models.BooleanField(_("流水班"), default=False)
    copy = models.PositiveSmallIntegerField(default=0, editable=False)
    vehicle = models.CharField(_("车型"), max_length=30, blank=True)
    seats = models.PositiveSmallIntegerField(_("座位数"), default=0)
    gate = models.CharField(_("检票口"), max_length=20, blank=True)
    bay = models.CharField(_("发车位"), max_length=20, blank=True)
    first_day = models.DateField(_("首见日期"))
    last_day = models.DateField(_("末见日期"))

    class Meta:
        verbose_name = verbose_name_plural = _("汽车班次")
        ordering = ("line", "departs", "copy")
        constraints = (
            models.UniqueConstraint(fields=("line", "departs", "flow", "copy"), name="o2o_coach_shift_once"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.line} {self.departs:%H:%M}"


class ShiftFare(models.Model):
    """The price matrix: whole and half fare of a shift to a stop, as last seen at the cheapest network. Yuan."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="fares", verbose_name=_("班次"))
    station = models.ForeignKey(Station, models.PROTECT, related_name="+", verbose_name=_("到站"))
    full = models.DecimalField(_("全价（元）"), max_digits=8, decimal_places=2)
    half = models.DecimalField(_("半价（元）"), max_digits=8, decimal_places=2, null=True, blank=True)
    minutes = models.PositiveIntegerField(_("历时（分钟）"), default=0)
    seen_at = models.DateTimeField(_("最近同步"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("班次票价")
        ordering = ("shift", "full")
        constraints = (models.UniqueConstraint(fields=("shift", "station"), name="o2o_coach_fare_once"),)

    def __str__(self) -> str:
        return f"{self.shift} {self.station} {self.full}"
