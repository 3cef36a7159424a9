"""Where people are let in: venues with halls, scenic spots, and the gates of both."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Place(models.Model):
    """What venues and scenic spots have in common. Degrees are WGS84."""

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("归口机构")
    )
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    city = models.CharField(_("区县"), max_length=40, blank=True)
    address = models.CharField(_("地址"), max_length=200)
    longitude = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=6, null=True, blank=True)
    phone = models.CharField(_("咨询电话"), max_length=30, blank=True)
    traffic = models.TextField(_("交通"), max_length=1000, blank=True)
    notices = models.TextField(_("须知"), max_length=2000, blank=True)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Venue(Place):
    """A house with halls: a theatre, a stadium, an exhibition centre."""

    class Meta:
        verbose_name = verbose_name_plural = _("场馆")
        ordering = ("name",)


class ScenicSpot(Place):
    """A scenic spot. `level`: A to AAAAA as a figure, 0 where it has none."""

    level = models.PositiveSmallIntegerField(_("等级（A 数）"), default=0)
    opening_hours = models.CharField(_("开放时间"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("景区")
        ordering = ("-level", "name")
        constraints = (models.CheckConstraint(condition=Q(level__lte=5), name="o2o_admission_spot_level"),)


class Hall(models.Model):
    """A room of a venue, with a seat map of several versions or without seats."""

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="halls", verbose_name=_("场馆"))
    name = models.CharField(_("厅"), max_length=40)
    capacity = models.PositiveIntegerField(_("核定容量"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("厅")
        ordering = ("venue", "name")
        constraints = (models.UniqueConstraint(fields=("venue", "name"), name="o2o_admission_hall_once"),)

    def __str__(self) -> str:
        return f"{self.venue} {self.name}"


class Gate(models.Model):
    """An entrance, of a venue or of a scenic spot."""

    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="gates", verbose_name=_("场馆")
    )
    spot = models.ForeignKey(
        ScenicSpot, models.PROTECT, null=True, blank=True, related_name="gates", verbose_name=_("景区")
    )
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("检票口")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=Q(venue__isnull=False, spot__isnull=True) | Q(venue__isnull=True, spot__isnull=False),
                name="o2o_admission_gate_of_one",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> str:
        """With its place: half of all places have a gate of the same name."""
        where = self.spot or self.venue
        return f"{where} {self.name}" if where is not None else self.name
