"""What a kind of coupon is worth, for what, until when, how many, and who bears it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import Kind, Scope, Stacking, TemplateState


@machine("state", terminal={TemplateState.ENDED})
class CouponTemplate(models.Model):
    """A kind of coupon. Money in yuan. Once published only its name, note and quantity may change.

    `rate`: what is left to pay, 0.88 for 8.8 折. `pieces`: how many pieces an exchange coupon covers. `most_off`: the
    cap of a discount, or the most that a freight coupon bears (empty: all). Shares are percents and sum to 100;
    `given` counts the coupons that exist, and its row is the lock of whoever gives.
    """

    code = models.CharField(_("代码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    note = models.CharField(_("使用说明"), max_length=200, blank=True)
    owner = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发放机构")
    )
    state = FSMField(
        _("状态"), max_length=12, choices=TemplateState.choices, default=TemplateState.DRAFT, protected=True
    )
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices, default=Kind.AMOUNT)
    threshold = models.DecimalField(
        _("使用门槛（元）"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    amount = models.DecimalField(_("减免金额（元）"), max_digits=10, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(
        _("折扣（0.88 为 8.8 折）"), max_digits=4, decimal_places=3, null=True, blank=True
    )
    most_off = models.DecimalField(_("最多减（元）"), max_digits=10, decimal_places=2, null=True, blank=True)
    pieces = models.PositiveSmallIntegerField(_("兑换件数"), null=True, blank=True)
    scope = models.CharField(_("适用范围"), max_length=12, choices=Scope.choices, default=Scope.ALL)
    categories: Any = models.ManyToManyField(
        "product.Category", blank=True, related_name="+", verbose_name=_("分类")
    )
    products: Any = models.ManyToManyField(
        "product.Product", blank=True, related_name="+", verbose_name=_("商品")
    )
    sellers = models.ManyToManyField(
        "o2o_ordering.Seller", blank=True, related_name="+", verbose_name=_("销售方")
    )
    units = models.ManyToManyField(
        "o2o_org_hierarchy.OrgUnit", blank=True, related_name="+", verbose_name=_("限归属机构的会员")
    )
    channels = models.ManyToManyField(
        "o2o_channels.Channel", blank=True, related_name="+", verbose_name=_("限在这些渠道下单")
    )
    valid_from = models.DateTimeField(_("可用时间起"), null=True, blank=True)
    valid_until = models.DateTimeField(_("可用时间止"), null=True, blank=True)
    valid_days = models.PositiveSmallIntegerField(_("领取后几天有效"), null=True, blank=True)
    quantity = models.PositiveIntegerField(_("发放总量"), null=True, blank=True)
    per_member = models.PositiveSmallIntegerField(
        _("每人限领"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    given = models.PositiveIntegerField(_("已发放"), default=0, editable=False)
    with_sale = models.BooleanField(_("可用于特价商品"), default=True)
    with_member_price = models.BooleanField(_("可与会员价同用"), default=True)
    with_voucher = models.BooleanField(_("可与优惠码同用"), default=True)
    with_points = models.BooleanField(_("可与积分抵扣同用"), default=True)
    stacking = models.CharField(
        _("与其他优惠券"), max_length=8, choices=Stacking.choices, default=Stacking.ALONE
    )
    platform_share = models.PositiveSmallIntegerField(_("平台承担（%）"), default=100)
    unit_share = models.PositiveSmallIntegerField(_("发放机构承担（%）"), default=0)
    merchant_share = models.PositiveSmallIntegerField(_("商户承担（%）"), default=0)
    grace_days = models.PositiveSmallIntegerField(
        _("过期退回延长天数"),
        default=0,
        help_text=_("整单退款或取消时券已过期：0 不退回，其他天数则退回并延长到退回后这么多天"),
    )
    made_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("优惠券模板")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(given__lte=F("quantity")),
                name="o2o_coupon_not_overgiven",
            ),
            models.CheckConstraint(
                condition=Q(platform_share=100 - F("unit_share") - F("merchant_share")),
                name="o2o_coupon_shares_sum",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shares(self) -> tuple[int, int, int]:
        """Percents of platform, unit and merchant."""
        return self.platform_share, self.unit_share, self.merchant_share

    @property
    def in_words(self) -> str:
        """What it does, as it stands on the coupon: `满 100 元减 10 元`."""
        over = _("满 %(sum)s ") % {"sum": format_yuan(self.threshold)} if self.threshold else _("无门槛")
        cap = _("，最多减 %(sum)s") % {"sum": format_yuan(self.most_off)} if self.most_off else ""
        if self.kind == Kind.AMOUNT:
            return str(over) + str(_("减 %(sum)s") % {"sum": format_yuan(self.amount or 0)})
        if self.kind == Kind.PERCENT:
            tenth = ((self.rate or Decimal(1)) * 10).normalize()
            return str(over) + str(_("打 %(rate)s 折") % {"rate": f"{tenth:f}"}) + str(cap)
        if self.kind == Kind.EXCHANGE:
            return str(_("兑换商品 %(count)s 件") % {"count": self.pieces or 0})
        free = _("免运费") if not self.most_off else _("抵运费")
        return str(over) + str(free) + str(cap)

    def validity(self, given_at: datetime) -> tuple[datetime, datetime]:
        """From when until when a coupon given now is good."""
        if self.valid_days:
            return given_at, given_at + timedelta(days=self.valid_days)
        if self.valid_until is None:
            raise ValueError(f"template {self.code} has no validity")
        return self.valid_from or given_at, self.valid_until

    @transition(
        "state",
        source=(TemplateState.DRAFT, TemplateState.PAUSED),
        target=TemplateState.PUBLISHED,
        custom={"label": _("开始发放")},
    )
    def publish(self) -> None:
        """It may be given from now on."""

    @transition(
        "state", source=TemplateState.PUBLISHED, target=TemplateState.PAUSED, custom={"label": _("暂停发放")}
    )
    def pause(self) -> None:
        """Nobody gets one for now; those given stay good."""

    @transition(
        "state",
        source=(TemplateState.DRAFT, TemplateState.PUBLISHED, TemplateState.PAUSED),
        target=TemplateState.ENDED,
        custom={"label": _("停止发放")},
    )
    def end(self) -> None:
        """Nobody gets one any more; those given stay good."""


#: What may still change once it is published; everything else people have already been promised.
CHANGEABLE = ("name", "note", "quantity")
#: What a scope needs to name something.
SCOPE_FIELDS: dict[str, str] = {
    Scope.CATEGORIES: "categories",
    Scope.PRODUCTS: "products",
    Scope.SELLERS: "sellers",
}
