"""When people are let in: sessions with seats or without, and time slots of a day."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import SeatState, SessionState
from .places import Gate, Hall
from .products import AdmissionProduct, TicketClass
from .seats import Seat, SeatMap


@machine("state", terminal={SessionState.CANCELLED, SessionState.ENDED})
class Session(models.Model):
    """One performance. With a seat map every ticket is a seat; without one, quotas say how many there are.

    `postponed_from`: when it was to begin before it was put off.
    """

    product = models.ForeignKey(
        AdmissionProduct, models.PROTECT, related_name="sessions", verbose_name=_("产品")
    )
    name = models.CharField(_("场次"), max_length=60, blank=True)
    hall = models.ForeignKey(
        Hall, models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name=_("厅")
    )
    seat_map = models.ForeignKey(
        SeatMap, models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name=_("座位图")
    )
    gates = models.ManyToManyField(Gate, blank=True, related_name="sessions", verbose_name=_("检票口"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    opens_at = models.DateTimeField(_("开售"))
    closes_at = models.DateTimeField(_("停售"))
    postponed_from = models.DateTimeField(_("原定时间"), null=True, blank=True)
    state = FSMField(_("状态"), choices=SessionState.choices, default=SessionState.DRAFT, protected=True)
    reason = models.CharField(_("取消、延期原因"), max_length=200, blank=True)
    alarm_below = models.PositiveIntegerField(
        _("空座低于此数提醒"), default=0, help_text=_("0：不提醒；不对号入座的在配额里设")
    )
    alarmed_at = models.DateTimeField(_("提醒时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("场次")
        ordering = ("starts_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "hall", "starts_at"), name="o2o_admission_session_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), closes_at__gt=F("opens_at")),
                name="o2o_admission_session_times",
            ),
        )
        indexes = (models.Index(fields=("product", "starts_at"), name="o2o_admission_session_of"),)

    def __str__(self) -> str:
        return f"{self.product} {self.name}".strip()

    def on_sale_at(self, moment: datetime) -> bool:
        """Whether it may be bought at a moment."""
        return self.state == SessionState.ON_SALE and self.opens_at <= moment < min(
            self.closes_at, self.ends_at
        )

    @property
    def on_sale(self) -> bool:
        return self.on_sale_at(now())

    @transition(
        "state", source=[SessionState.DRAFT, SessionState.PAUSED], target=SessionState.ON_SALE,
        custom={"label": _("开放销售")},
    )  # fmt: skip
    def open(self) -> None:
        """It is sold between its two moments."""

    @transition("state", source=SessionState.ON_SALE, target=SessionState.PAUSED, custom={"label": _("暂停")})
    def pause(self) -> None:
        """Nobody buys for now."""

    @transition(
        "state", source=[SessionState.DRAFT, SessionState.ON_SALE, SessionState.PAUSED],
        target=SessionState.CANCELLED, custom={"label": _("取消")},
    )  # fmt: skip
    def cancel(self) -> None:
        """It does not take place."""

    @transition(
        "state", source=[SessionState.DRAFT, SessionState.ON_SALE, SessionState.PAUSED],
        target=SessionState.ENDED, custom={"label": _("结束")},
    )  # fmt: skip
    def end(self) -> None:
        """It is over."""


class Slot(models.Model):
    """A time of a day at which people come in (分时预约). Times of Shanghai."""

    product = models.ForeignKey(
        AdmissionProduct, models.PROTECT, related_name="slots", verbose_name=_("产品")
    )
    day = models.DateField(_("日期"))
    starts = models.TimeField(_("自"))
    ends = models.TimeField(_("至"))
    open = models.BooleanField(_("开放"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时段")
        ordering = ("product", "day", "starts")
        constraints = (
            models.UniqueConstraint(fields=("product", "day", "starts"), name="o2o_admission_slot_once"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="o2o_admission_slot_times"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.starts:%H:%M}–{self.ends:%H:%M}"


class SessionSeat(models.Model):
    """A seat of a session: one row, so that nobody else has it. Its place is copied so that choosing needs no join.

    `hold`: under which number it is held or sold; `until`: how long it is held, or when it comes back.
    """

    session = models.ForeignKey(
        Session, models.CASCADE, db_index=False, related_name="seats", verbose_name=_("场次")
    )
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name=_("座位"))
    zone = models.CharField(_("区域"), max_length=20)
    row = models.CharField(_("排"), max_length=10)
    number = models.CharField(_("座"), max_length=10)
    line = models.PositiveSmallIntegerField(_("行序"))
    place = models.PositiveSmallIntegerField(_("列序"))
    category = models.CharField(_("等级"), max_length=10)
    state = models.CharField(_("状态"), max_length=9, choices=SeatState.choices, default=SeatState.FREE)
    hold = models.CharField(_("占座号"), max_length=40, blank=True, default="")
    until = models.DateTimeField(_("至"), null=True, blank=True)
    # no constraint: each one would lock the one row of its class, which all buyers of a session share
    ticket_class = models.ForeignKey(
        TicketClass, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("票类"),
    )  # fmt: skip
    note = models.CharField(_("留座用途"), max_length=60, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("场次座位")
        ordering = ("session", "zone", "line", "place")
        constraints = (
            models.UniqueConstraint(fields=("session", "seat"), name="o2o_admission_session_seat_once"),
            # a number and a class as long as it is somebody's, and never otherwise
            models.CheckConstraint(
                condition=Q(state__in=("held", "sold"), ticket_class__isnull=False) & ~Q(hold="")
                | Q(state__in=("free", "blocked", "returning"), hold="", ticket_class__isnull=True),
                name="o2o_admission_seat_whose",
            ),
        )
        indexes = (
            models.Index(
                fields=("session", "category", "line", "place"),
                condition=Q(state="free"),
                name="o2o_admission_seat_free",
            ),
            models.Index(fields=("hold",), condition=~Q(hold=""), name="o2o_admission_seat_hold"),
            models.Index(
                fields=("until",), condition=Q(state__in=("held", "returning")), name="o2o_admission_seat_due"
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """`池座3排12座`."""
        return f"{self.zone}{self.row}排{self.number}座"
