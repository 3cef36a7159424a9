"""What a plan is good for, and what was used of it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import BenefitKind, EntryKind, Period, UseState
from .plans import Plan
from .terms import Membership


class PlanBenefit(models.Model):
    """Something that a plan is good for between two moments. What it says depends on its kind:

    discount: `percent` of the ordinary price of goods of `category` (none: all); points: `percent` of the usual ones;
    coupon: `pieces` of `template` each period; freight: up to `most` yuan a time; right: redeemed at a counter.
    `quota` times a period (nothing: as often as one likes). `settlement`: yuan for whoever renders it: the seller,
    or else the unit that redeems it. Uses are counted by `code`, so that an upgrade does not begin a quota anew.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="benefits", verbose_name=_("方案"))
    kind = models.CharField(_("种类"), max_length=10, choices=BenefitKind.choices)
    code = models.SlugField(_("代码"), max_length=30)
    name = models.CharField(_("名称"), max_length=40)
    percent = models.PositiveSmallIntegerField(
        _("百分比"), default=100, validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("会员折扣：95 为九五折；积分：150 为 1.5 倍"),
    )  # fmt: skip
    category = models.ForeignKey(
        "product.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("商品分类"),
        help_text=_("空：全部商品"),
    )  # fmt: skip
    template = models.ForeignKey(
        "o2o_coupons.CouponTemplate",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("优惠券"),
    )
    pieces = models.PositiveSmallIntegerField(_("每期张数"), default=1, validators=[MaxValueValidator(20)])
    most = models.DecimalField(
        _("每次最多（元）"), max_digits=8, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    quota = models.PositiveSmallIntegerField(_("次数"), null=True, blank=True, help_text=_("空：不限"))
    period = models.CharField(_("周期"), max_length=6, choices=Period.choices, default=Period.MONTH)
    settlement = models.DecimalField(
        _("每次结算价（元）"),
        max_digits=8,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
    )
    seller = models.ForeignKey(
        "o2o_ordering.Seller", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("服务商户"),
        help_text=_("空：付给核销的机构"),
    )  # fmt: skip
    note = models.CharField(_("说明"), max_length=200, blank=True)
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员权益")
        ordering = ("plan", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "code", "valid_from"), name="o2o_memberships_benefit_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_memberships_benefit_dates",
            ),
            models.CheckConstraint(condition=Q(settlement__gte=0), name="o2o_memberships_benefit_worth"),
        )

    def __str__(self) -> str:
        return self.name


@machine("state", terminal={UseState.RETURNED})
class BenefitUse(models.Model):
    """A benefit used once. `period_key` and `code` are what is counted; `key` keeps the same thing from counting twice.

    `cost`: yuan that it cost us (the freight taken off, the settlement); `settlement` goes to `seller`, or else `unit`.
    """

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="uses", verbose_name=_("会员资格")
    )
    benefit = models.ForeignKey(PlanBenefit, models.PROTECT, related_name="uses", verbose_name=_("权益"))
    code = models.CharField(_("代码"), max_length=30)
    period_key = models.CharField(_("周期"), max_length=12)
    key = models.CharField(_("业务号"), max_length=80, unique=True)
    state = FSMField(
        _("状态"), max_length=10, choices=UseState.choices, default=UseState.USED, protected=True
    )
    cost = models.DecimalField(_("成本"), max_digits=10, decimal_places=2, default=0)
    settlement = models.DecimalField(_("结算金额"), max_digits=8, decimal_places=2, default=0)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    seller = models.ForeignKey(
        "o2o_ordering.Seller",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("服务商户"),
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    order = models.ForeignKey(
        "order.Order", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), default=now)
    returned_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("权益使用")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("membership", "code", "period_key"), name="o2o_memberships_use_counted"),
            models.Index(fields=("at",), name="o2o_memberships_use_at"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @transition("state", UseState.USED, UseState.RETURNED, custom={"label": _("撤销")})
    def give_back(self) -> None:
        """A clerk's mistake, or its order is no more: it counts no longer."""
        self.returned_at = now()


class BenefitEntry(models.Model):
    """What a use costs, booked once, and booked back once; append-only: a month that was read stays as it was read."""

    use = models.ForeignKey(BenefitUse, models.PROTECT, related_name="entries", verbose_name=_("使用"))
    kind = models.CharField(_("事由"), max_length=10, choices=EntryKind.choices)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    seller = models.ForeignKey(
        "o2o_ordering.Seller",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("服务商户"),
    )
    cost = models.DecimalField(_("成本"), max_digits=10, decimal_places=2)
    settlement = models.DecimalField(_("结算金额"), max_digits=8, decimal_places=2)
    at = models.DateTimeField(_("时间"), default=now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("权益结算")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("use", "kind"), name="o2o_memberships_entry_once"),)

    def __str__(self) -> str:
        return f"{self.use_id}: {self.settlement}"


class BenefitCode(models.Model):
    """Digits on a member's telephone, good for minutes and for one use; kept as a keyed digest."""

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="codes", verbose_name=_("会员资格")
    )
    code = models.CharField(_("权益"), max_length=30)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("时间"), default=now)
    expires_at = models.DateTimeField(_("有效至"))
    use = models.OneToOneField(
        BenefitUse, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("使用")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("权益码")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"#{self.pk}"
