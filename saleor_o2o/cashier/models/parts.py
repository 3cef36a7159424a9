"""The internal parts of a payment: money of ours that is held, taken, and given back under locks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from .intents import PaymentIntent

#: Columns of money: up to 9,999,999,999.99 yuan.
MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}
ZERO = Decimal("0.00")


class PartState(models.TextChoices):
    """Where a part's money stands."""

    HELD = "held", _("已冻结")
    CAPTURED = "captured", _("已扣款")
    RELEASED = "released", _("已释放")
    REFUNDED = "refunded", _("已全部退回")


#: A part in one of these covers its intent.
LIVE_PARTS = (PartState.HELD, PartState.CAPTURED, PartState.REFUNDED)


@machine("state", terminal={PartState.RELEASED})
class PaymentPart(models.Model):
    """A share of an intent that is paid with something of ours: a card, cash, a transfer. Amounts in yuan.

    `kind` names the tender (`saleor_o2o.cashier.tenders`), `ref` what of it: a card's key, a transfer's number.
    `number` is the business key of everything that the tender writes for the part. A part that is not ready is
    promised only.
    """

    intent = models.ForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="parts", verbose_name=_("支付单")
    )
    number = models.CharField(_("部分号"), max_length=32, unique=True)
    kind = models.CharField(_("方式"), max_length=24)
    ref = models.CharField(_("凭据"), max_length=64, blank=True)
    label = models.CharField(_("说明"), max_length=64)
    state = FSMField(_("状态"), choices=PartState.choices, default=PartState.HELD, protected=True)
    amount = models.DecimalField(_("金额"), **MONEY)
    refunded = models.DecimalField(_("已退金额"), **MONEY, default=ZERO)
    is_ready = models.BooleanField(_("资金已确认"), default=True)
    held_by = models.CharField(_("操作者"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("冻结时间"), default=now)
    captured_at = models.DateTimeField(_("扣款时间"), null=True, blank=True)
    released_at = models.DateTimeField(_("释放时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("支付部分")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("intent", "kind", "ref"),
                name="o2o_part_once",
                condition=~Q(state="released"),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_part_positive"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=F("amount")), name="o2o_part_refund_within"
            ),
        )
        indexes = (models.Index(fields=("kind", "ref"), name="o2o_part_of"),)

    def __str__(self) -> str:
        return self.number

    @property
    def left(self) -> Decimal:
        """What has not been given back, in yuan."""
        return self.amount - self.refunded

    @transition("state", PartState.HELD, PartState.CAPTURED, custom={"label": _("扣款")})
    def capture(self) -> None:
        """The order is paid; the money is ours."""
        self.captured_at = now()

    @transition("state", PartState.HELD, PartState.RELEASED, custom={"label": _("释放")})
    def release(self) -> None:
        """The order is not paid with it after all; the payer has it back."""
        self.released_at = now()

    @transition("state", PartState.CAPTURED, PartState.REFUNDED, custom={"label": _("退完")})
    def mark_refunded(self) -> None:
        """Every fen has gone back."""

    @transition("state", PartState.REFUNDED, PartState.CAPTURED, custom={"label": _("恢复可退")})
    def take_back(self) -> None:
        """A share that could not be given back is ours again."""
