"""Charges of cards and what is moved on them, each under a number of ours, written before Stripe hears of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine


class ChargeState(models.TextChoices):
    """Where the charge of a card stands."""

    WRITTEN = "written", _("待答复")
    ACTION = "action", _("待持卡人验证")
    AUTHORIZED = "authorized", _("已授权")
    PAID = "paid", _("已扣款")
    REFUSED = "refused", _("未扣款")
    CANCELLED = "cancelled", _("已取消")
    LATE = "late", _("无单到账")
    RETURNED = "returned", _("已退回")


#: One of these at most per Saleor payment.
LIVE = (ChargeState.WRITTEN, ChargeState.ACTION, ChargeState.AUTHORIZED, ChargeState.PAID)


@machine("state", terminal={ChargeState.PAID, ChargeState.RETURNED})
class StripeCharge(models.Model):
    """One PaymentIntent under our number. ``amount`` in yuan; no card data but brand and last digits (on the payment).

    WRITTEN means that a request may be on its way: its outcome is asked for, never sent again under a new number.
    """

    number = models.CharField(_("收款编号"), max_length=32, unique=True)
    payment = models.ForeignKey(
        "payment.Payment",
        on_delete=models.PROTECT,
        related_name="stripe_charges",
        verbose_name=_("Saleor 支付"),
    )
    state = FSMField(_("状态"), choices=ChargeState.choices, default=ChargeState.WRITTEN, protected=True)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    captured = models.DecimalField(_("已请款"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("币种"), max_length=3)
    auto_capture = models.BooleanField(_("立即扣款"), default=True)
    confirmations = models.PositiveIntegerField(_("确认次数"), default=0)
    intent_ref = models.CharField(_("Stripe 编号"), max_length=64, blank=True)
    booked = models.BooleanField(_("已入账"), default=False)
    code = models.CharField(_("原因代码"), max_length=64, blank=True)
    attention = models.CharField(_("需要处理"), max_length=64, blank=True)
    expires_at = models.DateTimeField(_("验证截止"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("下次检查"), null=True, blank=True)
    check_count = models.PositiveIntegerField(_("检查次数"), default=0)
    created_at = models.DateTimeField(_("创建时间"), default=now)
    paid_at = models.DateTimeField(_("扣款时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("银行卡收款")
        verbose_name_plural = _("银行卡收款")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], name="o2o_stripe_one_live_charge", condition=Q(state__in=list(LIVE))
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_stripe_charge_positive"),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                name="o2o_stripe_charge_due",
                condition=Q(next_check_at__isnull=False),
            ),
            models.Index(fields=["intent_ref"], name="o2o_stripe_charge_ref"),
            models.Index(fields=["created_at"], name="o2o_stripe_charge_people", condition=~Q(attention="")),
        ]

    def __str__(self) -> str:
        return self.number

    @transition("state", ChargeState.WRITTEN, ChargeState.ACTION, custom={"label": _("等待验证")})
    def await_payer(self, expires_at: datetime) -> None:
        """The bank wants to ask the card's owner."""
        self.expires_at = expires_at
        self.next_check_at = expires_at

    @transition("state", ChargeState.ACTION, ChargeState.WRITTEN, custom={"label": _("确认")})
    def confirm_again(self) -> None:
        """The owner came back: the confirmation is on its way."""
        self.confirmations += 1
        self.check_count = 0

    @transition("state", ChargeState.WRITTEN, ChargeState.AUTHORIZED, custom={"label": _("授权")})
    def authorize(self) -> None:
        """The bank keeps the money for us."""

    @transition(
        "state", [ChargeState.WRITTEN, ChargeState.AUTHORIZED], ChargeState.PAID, custom={"label": _("扣款")}
    )
    def pay(self) -> None:
        """The money is ours."""
        self.paid_at = now()

    @transition(
        "state", [ChargeState.WRITTEN, ChargeState.ACTION], ChargeState.REFUSED, custom={"label": _("未扣款")}
    )
    def refuse(self, code: str) -> None:
        """No money moved."""
        self.code = code[:64]

    @transition(
        "state",
        [ChargeState.WRITTEN, ChargeState.ACTION, ChargeState.AUTHORIZED],
        ChargeState.CANCELLED,
        custom={"label": _("取消")},
    )
    def cancel(self, code: str) -> None:
        """Given up at Stripe; what was kept is free again."""
        self.code = code[:64]
        self.next_check_at = None

    @transition(
        "state",
        [ChargeState.ACTION, ChargeState.REFUSED, ChargeState.CANCELLED],
        ChargeState.LATE,
        custom={"label": _("无单到账")},
    )
    def come_late(self) -> None:
        """Money came for which there is no order."""
        self.attention = "LATE_MONEY"
        self.next_check_at = now()
        self.check_count = 0

    @transition("state", ChargeState.LATE, ChargeState.RETURNED, custom={"label": _("退回")})
    def give_back(self) -> None:
        """The late money is back with the payer."""
        self.next_check_at = None
        self.attention = ""


class MoveKind(models.TextChoices):
    """What is done on a charge."""

    CAPTURE = "capture", _("请款")
    VOID = "void", _("撤销授权")
    REFUND = "refund", _("退款")


class MoveState(models.TextChoices):
    """Where it stands."""

    WRITTEN = "written", _("待答复")
    DONE = "done", _("已完成")
    REFUSED = "refused", _("未受理")


@machine("state", terminal={MoveState.DONE, MoveState.REFUSED})
class StripeMove(models.Model):
    """A capture, void or refund under a number of ours. ``amount`` in yuan."""

    charge = models.ForeignKey(
        StripeCharge, on_delete=models.PROTECT, related_name="moves", verbose_name=_("银行卡收款")
    )
    number = models.CharField(_("编号"), max_length=32, unique=True)
    kind = models.CharField(_("类型"), max_length=16, choices=MoveKind.choices)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    state = FSMField(_("状态"), choices=MoveState.choices, default=MoveState.WRITTEN, protected=True)
    booked = models.BooleanField(_("已入账"), default=False)
    code = models.CharField(_("原因代码"), max_length=64, blank=True)
    requested_by = models.CharField(_("申请人"), max_length=64, blank=True)
    next_check_at = models.DateTimeField(_("下次检查"), null=True, blank=True)
    check_count = models.PositiveIntegerField(_("检查次数"), default=0)
    created_at = models.DateTimeField(_("申请时间"), default=now)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("银行卡请款与退款")
        verbose_name_plural = _("银行卡请款与退款")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_stripe_move_positive"),
            models.UniqueConstraint(
                fields=["charge"],
                name="o2o_stripe_one_end_of_authorisation",
                condition=Q(kind__in=["capture", "void"], state__in=["written", "done"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], name="o2o_stripe_move_due", condition=Q(next_check_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.number

    @transition("state", MoveState.WRITTEN, MoveState.DONE, custom={"label": _("完成")})
    def finish(self) -> None:
        """Stripe has done it."""
        self.finished_at = now()

    @transition("state", MoveState.WRITTEN, MoveState.REFUSED, custom={"label": _("未受理")})
    def refuse(self, code: str) -> None:
        """Stripe said no; nothing moved."""
        self.code = code[:64]
        self.finished_at = now()
        self.next_check_at = None
