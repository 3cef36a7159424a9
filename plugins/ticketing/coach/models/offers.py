"""A bus of one day, what the networks say of it now, and whom we sold it to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import SupplierAccount, TicketOrder
from saleor_o2o.kernel.clock import now

from ..choices import Channel, OfferState, ShiftState
from .lines import Shift
from .stations import Station


class ShiftDay(models.Model):
    """A shift on a day. `departs`: when it leaves, for a flow its first bus; `last`: when a ticket is past.

    The row is locked to count children without a seat: at most a tenth of `seats`. `extra`: put on beside the timetable
    (加班车), for which fee rules of the product `EXTRA` speak. `stopped_by`: of a bus that does not go, the networks
    (by adapter) whose list said so: what one of them sells again goes after all, since `resumed_at`.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="days", verbose_name=_("班次"))
    day = models.DateField(_("乘车日期"))
    departs = models.DateTimeField(_("发车"))
    last = models.DateTimeField(_("末班"))
    seats = models.PositiveSmallIntegerField(_("座位数"), default=0)
    gate = models.CharField(_("检票口"), max_length=20, blank=True)
    bay = models.CharField(_("发车位"), max_length=20, blank=True)
    extra = models.BooleanField(_("加班车"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=ShiftState.choices, default=ShiftState.RUNNING)
    stopped_by = ArrayField(models.CharField(max_length=40), blank=True, default=list, editable=False)
    resumed_at = models.DateTimeField(_("恢复开行"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("当日班次")
        ordering = ("day", "departs", "pk")
        constraints = (models.UniqueConstraint(fields=("shift", "day"), name="o2o_coach_day_once"),)
        indexes = (models.Index(fields=("day", "departs"), name="o2o_coach_day"),)

    def __str__(self) -> str:
        return f"{self.shift} {self.day}"

    @property
    def carried_most(self) -> int:
        """How many children without a seat may ride."""
        return self.seats // 10


class ShiftOffer(models.Model):
    """What one network says of a bus to one stop: for showing; whoever buys asks it again by the hold. Yuan.

    `product`: what the network needs to hold it. `prices`, `services`, `costs`: text amounts by kind of ticket, as
    `ports.TheirShift`; `parts` by kind and part. `seat_counts`: seats by `SeatState`, empty where the network does not
    tell them. `left`: seats on this stretch that this network can sell; None: not told.
    """

    shift_day = models.ForeignKey(ShiftDay, models.CASCADE, related_name="offers", verbose_name=_("当日班次"))
    station = models.ForeignKey(Station, models.PROTECT, related_name="+", verbose_name=_("到站"))
    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="coach_offers", verbose_name=_("客票网")
    )
    their_shift = models.CharField(_("对方班次"), max_length=40)
    product = models.JSONField(default=dict)
    prices = models.JSONField(default=dict)
    services = models.JSONField(default=dict)
    costs = models.JSONField(default=dict)
    parts = models.JSONField(_("票面组成"), default=dict)
    arrives = models.DateTimeField(_("到达"))
    kilometres = models.PositiveIntegerField(_("里程（公里）"), default=0)
    left = models.PositiveSmallIntegerField(_("余票"), null=True, blank=True)
    children_left = models.PositiveSmallIntegerField(_("携童余量"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=OfferState.choices, default=OfferState.ON_SALE)
    stop_minutes = models.PositiveSmallIntegerField(_("停售（分钟）"), default=0)
    seat_counts = models.JSONField(_("各状态座位数"), default=dict)
    seen_at = models.DateTimeField(_("查询时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("客票网余票")
        ordering = ("shift_day", "station", "supplier")
        constraints = (
            models.UniqueConstraint(fields=("shift_day", "station", "supplier"), name="o2o_coach_offer_once"),
        )

    def __str__(self) -> str:
        return f"{self.shift_day} {self.station} {self.supplier}"


class Refresh(models.Model):
    """When a network was last asked for the buses of a station on a day, and what came of it."""

    supplier = models.ForeignKey(SupplierAccount, models.CASCADE, related_name="+", verbose_name=_("客票网"))
    station = models.ForeignKey(Station, models.CASCADE, related_name="+", verbose_name=_("始发站"))
    day = models.DateField(_("乘车日期"))
    asked_at = models.DateTimeField(_("查询时间"), default=now)
    ok = models.BooleanField(_("成功"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("班次查询")
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(fields=("supplier", "station", "day"), name="o2o_coach_refresh_once"),
        )

    def __str__(self) -> str:
        return f"{self.supplier} {self.station} {self.day}"


class CoachTrip(models.Model):
    """The bus of a ticket order. Written with it, in its transaction, under the lock of the bus's day."""

    ticket_order = models.OneToOneField(
        TicketOrder, models.CASCADE, related_name="coach_trip", verbose_name=_("票务订单")
    )
    shift_day = models.ForeignKey(ShiftDay, models.PROTECT, related_name="trips", verbose_name=_("当日班次"))
    start = models.ForeignKey(Station, models.PROTECT, related_name="+", verbose_name=_("上车站"))
    goal = models.ForeignKey(Station, models.PROTECT, related_name="+", verbose_name=_("到站"))
    channel = models.CharField(_("渠道"), max_length=8, choices=Channel.choices)
    #: by what the order is found at any counter; written when its tickets are issued
    pick_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    #: the same of its further tickets, where each has a number of its own
    pick_more = ArrayField(models.CharField(max_length=64), blank=True, default=list, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("乘车行程")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("pick_index",), condition=~Q(pick_index=""), name="o2o_coach_trip_pick"),
            GinIndex(fields=("pick_more",), name="o2o_coach_trip_more"),
        )

    def __str__(self) -> str:
        return f"{self.shift_day}"
