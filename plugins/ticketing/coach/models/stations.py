"""Places where coaches stop: ours with their rules, and what each network calls them."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.clock import now

from ..choices import MatchBy, PickMode


class Station(models.Model):
    """A place that people name as start or destination. `boards`: one may get on there.

    `aliases`: other names, one blank between. `pinyin`, `initials` are written with the name. `rule_key` is the scope
    「供应商」 of fee rules (`CHONGQING`). Days count today as 1; minutes are before the departure. `unit`: the branch
    that is nearest, whose counter prints for it.
    """

    code = models.CharField(_("代码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    aliases = models.CharField(_("别名"), max_length=200, blank=True, help_text=_("空格隔开"))
    pinyin = models.CharField(_("全拼"), max_length=200, blank=True, editable=False)
    initials = models.CharField(_("简拼"), max_length=40, blank=True, editable=False, db_index=True)
    city = models.CharField(_("城市"), max_length=20)
    county = models.CharField(_("区县"), max_length=20, blank=True)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    lng = models.FloatField(
        _("经度"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    lat = models.FloatField(
        _("纬度"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("就近机构"),
    )  # fmt: skip
    boards = models.BooleanField(_("可上车"), default=True)
    active = models.BooleanField(_("启用"), default=True)
    rule_key = models.CharField(_("退改规则"), max_length=60, blank=True, help_text=_("退改规则里的“供应商”"))
    presale_days = models.PositiveSmallIntegerField(_("预售天数"), default=3, help_text=_("含当天"))
    season_days = models.PositiveSmallIntegerField(_("节假日预售天数"), default=7, help_text=_("含当天"))
    stop_minutes = models.PositiveSmallIntegerField(_("发车前停售（分钟）"), default=40)
    opens = models.TimeField(_("每日开售"), default=time(5))
    closes = models.TimeField(_("每日停售"), default=time(22))
    needs_id = models.BooleanField(
        _("进站查验证件"), default=True, help_text=_("提示乘客带证件进站；不论查不查，客票网售票一律实名")
    )
    e_ticket = models.BooleanField(
        _("电子客票"), default=True, help_text=_("不是电子客票的，不能刷身份证、扫码进站，须取纸票")
    )
    pick_modes = ArrayField(
        models.CharField(max_length=10, choices=PickMode.choices), verbose_name=_("取票方式"), default=list
    )
    sells_half = models.BooleanField(_("售半票"), default=True)
    half_online = models.BooleanField(_("网上售半票"), default=True)
    sells_free = models.BooleanField(_("售携童票"), default=True)
    free_online = models.BooleanField(_("网上售携童票"), default=True)
    by_height = models.BooleanField(
        _("儿童按身高"), default=False, help_text=_("窗口量身高：1.2 米以下免票，1.2 至 1.5 米半票")
    )
    gate_minutes = models.PositiveSmallIntegerField(_("发车前多久可检票（分钟）"), default=60)
    missed_same_day = models.BooleanField(_("误班当日改乘"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("汽车站点")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="o2o_coach_station_hours"),
            models.CheckConstraint(
                condition=Q(season_days__gte=F("presale_days")), name="o2o_coach_station_days"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def picks(self) -> list[str]:
        """How its passengers come to their seats: without electronic tickets not by a code or an identity card."""
        paper = {PickMode.WINDOW, PickMode.MACHINE, PickMode.OUTLET}
        return [one for one in self.pick_modes if self.e_ticket or one in paper]


class Season(models.Model):
    """Days of travel that are sold earlier than others (春运、国庆); both ends included."""

    name = models.CharField(_("名称"), max_length=30)
    first = models.DateField(_("首日"))
    last = models.DateField(_("末日"))

    class Meta:
        verbose_name = verbose_name_plural = _("节假日预售期")
        ordering = ("first",)
        constraints = (
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="o2o_coach_season_days"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.first}—{self.last}"


class SupplierStation(models.Model):
    """A place as a network calls it. Its name as a station and as a destination may differ.

    It is sold only where `station` is known: nobody guesses where a bus goes.
    """

    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="coach_stations", verbose_name=_("客票网")
    )
    code = models.CharField(_("对方代码"), max_length=30)
    name = models.CharField(_("对方名称"), max_length=60)
    goal_name = models.CharField(_("作为到站的名称"), max_length=60, blank=True)
    city = models.CharField(_("城市"), max_length=20, blank=True)
    area = models.CharField(_("区县"), max_length=20, blank=True)
    initials = models.CharField(_("简拼"), max_length=40, blank=True)
    boards = models.BooleanField(_("可上车"), default=False)
    presale_days = models.PositiveSmallIntegerField(_("对方预售天数"), default=0)
    stop_minutes = models.PositiveSmallIntegerField(_("对方停售（分钟）"), default=0)
    most = models.PositiveSmallIntegerField(_("每单人数"), default=0)
    opens = models.TimeField(_("对方开售"), null=True, blank=True)
    closes = models.TimeField(_("对方停售时间"), null=True, blank=True)
    sells_half = models.BooleanField(_("对方售半票"), default=True)
    sells_free = models.BooleanField(_("对方售携童票"), default=True)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="called", verbose_name=_("我方站点")
    )
    matched_by = models.CharField(
        _("匹配"), max_length=8, choices=MatchBy.choices, default=MatchBy.NOBODY, blank=True
    )
    seen_at = models.DateTimeField(_("最近同步"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("客票网站点对应")
        ordering = ("supplier", "code")
        constraints = (
            models.UniqueConstraint(fields=("supplier", "code"), name="o2o_coach_supplier_station_once"),
        )

    def __str__(self) -> str:
        return f"{self.supplier} {self.name}"
