"""What the cashier moved on stored-value cards: Saleor's balance, and our line for each change of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .parts import MONEY, PaymentPart


class CardMovementKind(models.TextChoices):
    """Why a balance moved."""

    HOLD = "hold", _("支付冻结")
    RELEASE = "release", _("释放退回")
    REFUND = "refund", _("退款退回")


class CardMovement(models.Model):
    """One change of a card's balance by the cashier. Append-only: a trigger refuses to change or delete one.

    `amount` is signed, in yuan. `biz_key` names what it was for and is unique, so that nothing moves money twice.
    """

    card = models.ForeignKey(
        "giftcard.GiftCard", on_delete=models.PROTECT, related_name="o2o_movements", verbose_name=_("储值卡")
    )
    part = models.ForeignKey(
        PaymentPart, on_delete=models.PROTECT, related_name="card_movements", verbose_name=_("支付部分")
    )
    kind = models.CharField(_("类型"), max_length=12, choices=CardMovementKind.choices)
    amount = models.DecimalField(_("金额"), **MONEY)
    balance_after = models.DecimalField(_("变动后余额"), **MONEY)
    biz_key = models.CharField(_("业务号"), max_length=80, unique=True)
    actor = models.CharField(_("操作者"), max_length=64, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("储值卡流水")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="o2o_card_movement_not_zero"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="o2o_card_never_negative"),
        )
        indexes = (models.Index(fields=("card", "-id"), name="o2o_card_statement"),)

    def __str__(self) -> str:
        return self.biz_key
