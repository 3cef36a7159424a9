"""What is sold: products, and the ticket classes of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition
from saleor.product.models import Product, ProductVariant

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import (
    SHOWS,
    Audience,
    ExchangeMode,
    ProductKind,
    ProductState,
    RealName,
    SaleChannel,
    ValidMode,
    VerifyMode,
)
from .places import ScenicSpot, Venue


def _yuan(label: Any, **more: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        label, max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))], **more
    )


def every_channel() -> list[str]:
    """Sold everywhere."""
    return [str(one) for one in SaleChannel.values]


@machine("state", terminal={ProductState.ENDED})
class AdmissionProduct(models.Model):
    """Something to be let into, sold by a unit. Its goods in the shop are `goods`, one variant per ticket class.

    `supplier`: whose it is; without one it is our own. `supplier_code`: what the supplier calls it. `spots`: of a
    combined ticket, all that it opens. `returns_daily_at`: what buyers give back is sold again
    from the next such time on; without it, at once. `name_change_hours`: until so long before it begins may a holder be
    changed, once; 0: never. `waiting_hours`: how long somebody who waited has to order. `proof_needed`: a browser
    proves some work before it takes a number or holds (0142).
    """

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("销售机构")
    )
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    kind = models.CharField(_("种类"), max_length=12, choices=ProductKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    summary = models.CharField(_("一句话介绍"), max_length=120, blank=True)
    description = models.TextField(_("介绍"), max_length=4000, blank=True)
    notices = models.TextField(_("购票须知"), max_length=2000, blank=True)
    spot = models.ForeignKey(
        ScenicSpot, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("景区")
    )
    spots = models.ManyToManyField(
        ScenicSpot, blank=True, related_name="combos", verbose_name=_("联票包含的景区")
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("场馆")
    )
    supplier = models.ForeignKey(
        "o2o_ticketing.SupplierAccount", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("供应商"), help_text=_("空：自营库存"),
    )  # fmt: skip
    supplier_code = models.CharField(_("供应商产品号"), max_length=60, blank=True)
    goods = models.OneToOneField(
        Product, models.PROTECT, related_name="o2o_admission", verbose_name=_("商品")
    )
    returns_daily_at = models.TimeField(
        _("退票回池时刻"), null=True, blank=True, help_text=_("空：退票后立即可售")
    )
    name_change_hours = models.PositiveSmallIntegerField(
        _("开场前几小时停止更改实名"),
        default=0,
        help_text=_("0：不能更改；凭动态码、排队、抽签的产品一律不能"),
    )
    waiting_hours = models.PositiveSmallIntegerField(
        _("候补保留（小时）"), null=True, blank=True, help_text=_("空：不开放缺货登记")
    )
    proof_needed = models.BooleanField(
        _("购买前安全验证"),
        default=False,
        db_default=False,
        help_text=_("热门销售时打开：网上取号或占票前由浏览器自动完成验证，防机器抢票"),
    )
    state = FSMField(_("状态"), choices=ProductState.choices, default=ProductState.DRAFT, protected=True)
    made_at = models.DateTimeField(_("建立时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("票务产品")
        ordering = ("kind", "name")

    def __str__(self) -> str:
        return self.name

    @property
    def trade(self) -> str:
        """Whose fee rules it follows: a `Trade` of the kernel."""
        return "show" if self.kind in SHOWS else "scenic"

    @transition(
        "state", source=[ProductState.DRAFT, ProductState.PAUSED], target=ProductState.ON_SALE,
        custom={"label": _("上架")},
    )  # fmt: skip
    def put_on_sale(self) -> None:
        """It may be bought."""

    @transition("state", source=ProductState.ON_SALE, target=ProductState.PAUSED, custom={"label": _("暂停")})
    def pause(self) -> None:
        """It may be seen but not bought."""

    @transition(
        "state", source=[ProductState.DRAFT, ProductState.ON_SALE, ProductState.PAUSED],
        target=ProductState.ENDED, custom={"label": _("下架")},
    )  # fmt: skip
    def end(self) -> None:
        """It is gone; sold tickets stay good."""


class TicketClass(models.Model):
    """One kind of ticket of a product, and a variant in the shop. Yuan.

    `price`: where the calendar says nothing else. `people`: let in by one ticket. `category`: of the seats it buys.
    `advance_days` and `cut_off`: the last moment to buy for a day: so many days before, at that time (none: when that
    day ends). `postage`: what posting the paper tickets of an order costs its buyer, `mail_days` before the day it is
    sold no more (纸票邮寄 only). `valid_days`: how long it is good, from the day chosen, or from the sale.
    `fee_key`: its name in fee rules. `supplier_code`: what the supplier calls it.
    """

    product = models.ForeignKey(
        AdmissionProduct, models.PROTECT, related_name="classes", verbose_name=_("产品")
    )
    variant = models.OneToOneField(
        ProductVariant, models.PROTECT, related_name="o2o_ticket_class", verbose_name=_("商品规格")
    )
    code = models.SlugField(_("代码"), max_length=40)
    name = models.CharField(_("票名"), max_length=60)
    audience = models.CharField(
        _("适用人群"), max_length=12, choices=Audience.choices, default=Audience.ADULT
    )
    include = models.CharField(_("包含"), max_length=200, blank=True)
    people = models.PositiveSmallIntegerField(_("一张票的人数"), default=1, validators=[MinValueValidator(1)])
    age_from = models.PositiveSmallIntegerField(_("年龄不小于"), null=True, blank=True)
    age_below = models.PositiveSmallIntegerField(_("年龄小于"), null=True, blank=True)
    id_types = ArrayField(
        models.CharField(max_length=20), verbose_name=_("可用证件"), default=list, blank=True
    )
    category = models.CharField(_("座位等级"), max_length=10, blank=True)
    price = _yuan(_("售价（元）"))
    market_price = _yuan(_("门市价（元）"), null=True, blank=True)
    cost = _yuan(_("成本价（元）"), default=0)
    settlement_price = _yuan(_("结算价（元）"), default=0)
    min_per_order = models.PositiveSmallIntegerField(_("每单最少"), default=1)
    max_per_order = models.PositiveSmallIntegerField(_("每单最多"), default=10)
    max_per_person = models.PositiveSmallIntegerField(_("每个证件最多"), null=True, blank=True)
    advance_days = models.PositiveSmallIntegerField(_("提前天数"), default=0)
    cut_off = models.TimeField(_("截止时刻"), null=True, blank=True)
    valid_mode = models.CharField(
        _("有效方式"), max_length=8, choices=ValidMode.choices, default=ValidMode.DAY
    )
    valid_days = models.PositiveSmallIntegerField(_("有效天数"), default=1)
    uses = models.PositiveSmallIntegerField(
        _("可用次数"), default=1, help_text=_("有效期内多次的票；0 为不限")
    )
    real_name = models.CharField(_("实名"), max_length=4, choices=RealName.choices, default=RealName.NONE)
    exchange_mode = models.CharField(
        _("入园凭证"), max_length=10, choices=ExchangeMode.choices, default=ExchangeMode.QR
    )
    verify_mode = models.CharField(
        _("核销方式"), max_length=8, choices=VerifyMode.choices, default=VerifyMode.PARTIAL
    )
    postage = _yuan(_("邮费（元，每单）"), default=0)
    mail_days = models.PositiveSmallIntegerField(
        _("邮寄须提前天数"), default=3, help_text=_("游玩、开场前几天停止购买；只用于纸票邮寄")
    )
    channels = ArrayField(
        models.CharField(max_length=12, choices=SaleChannel.choices), verbose_name=_("销售渠道"),
        default=every_channel,
    )  # fmt: skip
    fee_key = models.CharField(_("退改规则中的票类"), max_length=60, blank=True)
    supplier_code = models.CharField(_("供应商票类号"), max_length=60, blank=True)
    rank = models.PositiveSmallIntegerField(_("次序"), default=1)
    active = models.BooleanField(_("在售"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("票类")
        ordering = ("product", "rank", "pk")
        constraints = (
            models.UniqueConstraint(fields=("product", "code"), name="o2o_admission_class_once"),
            models.CheckConstraint(
                condition=Q(min_per_order__gte=1, max_per_order__gte=F("min_per_order")),
                name="o2o_admission_class_counts",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="o2o_admission_class_price"),
            models.CheckConstraint(condition=Q(valid_days__gte=1), name="o2o_admission_class_days"),
        )

    def __str__(self) -> str:
        return f"{self.product} {self.name}"


class PriceDay(models.Model):
    """What a ticket class costs on a day, in yuan. Days without a row cost as usual; closed ones are not sold."""

    ticket_class = models.ForeignKey(TicketClass, models.CASCADE, related_name="days", verbose_name=_("票类"))
    day = models.DateField(_("日期"))
    price = _yuan(_("售价（元）"))
    settlement_price = _yuan(_("结算价（元）"), null=True, blank=True)
    closed = models.BooleanField(_("停售"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("价格日历")
        ordering = ("ticket_class", "day")
        constraints = (
            models.UniqueConstraint(fields=("ticket_class", "day"), name="o2o_admission_price_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="o2o_admission_price_sound"),
        )

    def __str__(self) -> str:
        return f"{self.ticket_class} {self.day}"
