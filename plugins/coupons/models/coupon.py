"""A coupon of a member's, and what it cost whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import CouponState, EntryKind, Mode


@machine("state", terminal={CouponState.EXPIRED, CouponState.VOID})
class Coupon(models.Model):
    """One coupon. `gift_key` is unique: whatever gives it twice gives it once. `order`: the one that has it."""

    number = models.CharField(_("券号"), max_length=32, unique=True)
    template = models.ForeignKey(
        "CouponTemplate", models.PROTECT, related_name="coupons", verbose_name=_("优惠券")
    )
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="o2o_coupons", verbose_name=_("会员")
    )
    state = FSMField(
        _("状态"), max_length=12, choices=CouponState.choices, default=CouponState.UNUSED, protected=True
    )
    mode = models.CharField(_("发放方式"), max_length=12, choices=Mode.choices)
    gift_key = models.CharField(_("发放凭据"), max_length=120, unique=True)
    given_at = models.DateTimeField(_("发放时间"), default=now)
    given_by = models.CharField(_("发放人"), max_length=40, blank=True)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    valid_from = models.DateTimeField(_("生效"))
    valid_until = models.DateTimeField(_("失效"))
    order = models.ForeignKey(
        "order.Order",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="o2o_coupons",
        verbose_name=_("订单"),
    )
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("优惠券")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["member", "state", "valid_until"], name="o2o_coupon_of_member"),
            models.Index(
                fields=["valid_until"], name="o2o_coupon_expiring", condition=Q(state=CouponState.UNUSED)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition("state", source=CouponState.UNUSED, target=CouponState.LOCKED, custom={"label": _("锁定")})
    def hold(self, order: Any) -> None:
        """An unpaid order has it."""
        self.order = order

    @transition("state", source=CouponState.LOCKED, target=CouponState.UNUSED, custom={"label": _("释放")})
    def free(self, until: datetime) -> None:
        """The order ended unpaid."""
        self.order, self.valid_until = None, until

    @transition("state", source=CouponState.LOCKED, target=CouponState.USED, custom={"label": _("使用")})
    def use(self) -> None:
        """The order was paid."""
        self.used_at = now()

    @transition("state", source=CouponState.USED, target=CouponState.UNUSED, custom={"label": _("退回")})
    def give_back(self, until: datetime) -> None:
        """All of the order went back."""
        self.order, self.used_at, self.valid_until = None, None, until

    @transition("state", source=CouponState.UNUSED, target=CouponState.USED, custom={"label": _("恢复使用")})
    def use_again(self, order: Any) -> None:
        """What had ended the order was taken back (a refund failed)."""
        self.order, self.used_at = order, now()

    @transition(
        "state",
        source=(CouponState.UNUSED, CouponState.LOCKED, CouponState.USED),
        target=CouponState.EXPIRED,
        custom={"label": _("过期")},
    )
    def expire(self) -> None:
        """Its time ran out: unused, or before the order that had it ended."""

    @transition("state", source=CouponState.UNUSED, target=CouponState.VOID, custom={"label": _("作废")})
    def void(self) -> None:
        """Given by mistake."""


class CouponEntry(models.Model):
    """What a coupon cost: by order line (none: freight), divided over its bearers; yuan, append-only.

    Used: positive; gone back: negative. The three parts sum to `amount`; over an order that went back whole the
    entries of every bearer sum to nothing.
    """

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="entries", verbose_name=_("优惠券"))
    order = models.ForeignKey("order.Order", models.PROTECT, related_name="+", verbose_name=_("订单"))
    order_line = models.ForeignKey(
        "order.OrderLine", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("订单行")
    )
    seller = models.ForeignKey(
        "o2o_ordering.Seller",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("销售方"),
    )
    kind = models.CharField(_("事由"), max_length=12, choices=EntryKind.choices)
    key = models.CharField(_("业务号"), max_length=60)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    platform = models.DecimalField(_("平台承担"), max_digits=12, decimal_places=2)
    unit = models.DecimalField(_("机构承担"), max_digits=12, decimal_places=2)
    merchant = models.DecimalField(_("商户承担"), max_digits=12, decimal_places=2)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("优惠券核销")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["at"], name="o2o_coupon_entry_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "order", "order_line", "key"],
                name="o2o_coupon_entry_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(amount=F("platform") + F("unit") + F("merchant")), name="o2o_coupon_entry_sum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id}: {self.amount}"
