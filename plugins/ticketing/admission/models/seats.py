"""Seat maps: versions of a hall's seats. What is sold are a session's seats (`SessionSeat`), made from one version."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import MapState
from .places import Hall


@machine("state", terminal={MapState.RETIRED})
class SeatMap(models.Model):
    """One version. Its seats change only while it is drawn.

    `categories`: what its letters are called and look like, `{"A": {"name": "A 区", "colour": "#b91c1c"}}`.
    """

    hall = models.ForeignKey(Hall, models.PROTECT, related_name="maps", verbose_name=_("厅"))
    version = models.PositiveIntegerField(_("版本"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    categories = models.JSONField(_("座位等级"), default=dict)
    state = FSMField(_("状态"), choices=MapState.choices, default=MapState.DRAFT, protected=True)
    made_at = models.DateTimeField(_("建立时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("座位图")
        ordering = ("hall", "-version")
        constraints = (models.UniqueConstraint(fields=("hall", "version"), name="o2o_admission_map_once"),)

    def __str__(self) -> str:
        return f"{self.hall} v{self.version}"

    @transition("state", source=MapState.DRAFT, target=MapState.PUBLISHED, custom={"label": _("启用")})
    def publish(self) -> None:
        """Sessions may use it; its seats stay as they are."""

    @transition(
        "state",
        source=[MapState.DRAFT, MapState.PUBLISHED],
        target=MapState.RETIRED,
        custom={"label": _("停用")},
    )
    def retire(self) -> None:
        """No new session uses it."""


class Seat(models.Model):
    """A seat. `line` counts rows from the stage within a zone, `place` columns from the left: seats of a line whose
    places follow each other are neighbours, a place that is missing is an aisle."""

    seat_map = models.ForeignKey(SeatMap, models.CASCADE, related_name="seats", verbose_name=_("座位图"))
    zone = models.CharField(_("区域"), max_length=20)
    row = models.CharField(_("排"), max_length=10)
    number = models.CharField(_("座"), max_length=10)
    line = models.PositiveSmallIntegerField(_("行序"))
    place = models.PositiveSmallIntegerField(_("列序"))
    category = models.CharField(_("等级"), max_length=10)
    blocked = models.BooleanField(_("不售"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("座位")
        ordering = ("seat_map", "zone", "line", "place")
        constraints = (
            models.UniqueConstraint(
                fields=("seat_map", "zone", "row", "number"), name="o2o_admission_seat_name"
            ),
            models.UniqueConstraint(
                fields=("seat_map", "zone", "line", "place"), name="o2o_admission_seat_place"
            ),
        )

    def __str__(self) -> str:
        return f"{self.zone}{self.row}排{self.number}座"
