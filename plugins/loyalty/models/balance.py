"""Stored value: what may be recharged, and what each recharge was and is."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .ledger import AMOUNT, ZERO, Entry, Purse


class RechargePackage(models.Model):
    """A recharge that is sold as goods: its price becomes the member's, and `bonus` (yuan) with it."""

    variant = models.OneToOneField(
        "product.ProductVariant", models.PROTECT, related_name="o2o_recharge", verbose_name=_("商品")
    )
    bonus = models.DecimalField(_("赠送金额"), **AMOUNT, default=ZERO, validators=[MinValueValidator(ZERO)])
    is_active = models.BooleanField(_("在售"), default=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("充值套餐")
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=Q(bonus__gte=0), name="o2o_loyalty_package_bonus"),)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Recharge(models.Model):
    """A line of a paid order that filled a member's balance. `kept_*`: what of it stands, after what went back.

    `asked` (yuan) is what a refund to source takes; the money's own way is the cashier's. Written under the
    purse's lock.
    """

    order_line = models.OneToOneField(
        "order.OrderLine", models.PROTECT, related_name="o2o_recharge", verbose_name=_("订单行")
    )
    order = models.ForeignKey(
        "order.Order", models.PROTECT, related_name="o2o_recharges", verbose_name=_("订单")
    )
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="recharges", verbose_name=_("会员")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("收款机构")
    )
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", verbose_name=_("本金入账"))
    bonus_entry = models.ForeignKey(
        Entry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("赠送入账")
    )
    paid = models.DecimalField(_("充值金额"), **AMOUNT)
    bonus = models.DecimalField(_("赠送金额"), **AMOUNT, default=ZERO)
    kept_paid = models.DecimalField(_("现有充值"), **AMOUNT)
    kept_bonus = models.DecimalField(_("现有赠送"), **AMOUNT, default=ZERO)
    asked = models.DecimalField(_("申请退款"), **AMOUNT, default=ZERO)
    refunds = models.PositiveSmallIntegerField(_("退款次数"), default=0)
    asked_at = models.DateTimeField(_("申请退款时间"), null=True, blank=True)
    reason = models.CharField(_("退款原因"), max_length=200, blank=True)
    at = models.DateTimeField(_("充值时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("充值记录")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kept_paid__gte=0, kept_paid__lte=F("paid"), kept_bonus__gte=0, kept_bonus__lte=F("bonus")
                ),
                name="o2o_loyalty_recharge_kept",
            ),
            models.CheckConstraint(
                condition=Q(asked__gte=0, asked__lte=F("paid"), paid__gt=0), name="o2o_loyalty_recharge_asked"
            ),
        )
        indexes = (models.Index(fields=("member", "-id"), name="o2o_loyalty_recharges"),)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Balance(Purse):
    """A member's purse of yuan, with a page and rights of its own."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("储值账户")
