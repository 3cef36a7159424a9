"""Bank transfers that pay an order: promised with a voucher, seen by the cashier, agreed to by the accountant."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.states import machine

from .intents import PaymentIntent
from .parts import MONEY, ZERO


class TransferState(models.TextChoices):
    """Where a transfer stands."""

    DRAFT = "draft", _("填写中")
    SUBMITTED = "submitted", _("待出纳确认")
    CHECKED = "checked", _("待会计复核")
    CONFIRMED = "confirmed", _("已到账")
    REFUSED = "refused", _("已退回")
    CANCELLED = "cancelled", _("已取消")


#: Transfers that somebody must still look at.
OPEN_TRANSFERS = (TransferState.SUBMITTED, TransferState.CHECKED)


@machine("state", terminal={TransferState.CONFIRMED, TransferState.REFUSED, TransferState.CANCELLED})
class OfflineTransfer(models.Model):
    """A transfer to the company's account. `amount` in yuan; `voucher` is a JPEG of ours, shown on its page only.

    `bank_ref` is the bank's own number of the receipt; it counts for one transfer only.
    """

    number = models.CharField(_("转账单号"), max_length=32, unique=True)
    intent = models.ForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="transfers", verbose_name=_("支付单")
    )
    state = FSMField(_("状态"), choices=TransferState.choices, default=TransferState.DRAFT, protected=True)
    amount = models.DecimalField(_("转账金额"), **MONEY, default=ZERO)
    payer_name = EncryptedTextField(_("付款户名"))
    voucher = models.BinaryField(_("转账凭证"))
    note = models.CharField(_("附言"), max_length=100, blank=True)
    bank_ref = models.CharField(_("银行流水号"), max_length=64, blank=True)
    submitted_by = models.CharField(_("提交人"), max_length=64, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), default=now)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("出纳"),
    )
    checked_at = models.DateTimeField(_("出纳确认时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("会计"),
    )
    confirmed_at = models.DateTimeField(_("会计复核时间"), null=True, blank=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("退回人"),
    )
    reason = models.CharField(_("退回原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("线下转账")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("bank_ref",),
                condition=Q(state__in=("checked", "confirmed")) & ~Q(bank_ref=""),
                name="o2o_transfer_bank_ref_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("submitted_at",),
                name="o2o_transfer_open",
                condition=Q(state__in=("submitted", "checked")),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def masked_payer(self) -> str:
        """`王**`."""
        return mask_name(self.payer_name)

    @transition("state", TransferState.DRAFT, TransferState.SUBMITTED, custom={"label": _("提交")})
    def submit(self, amount: object) -> None:
        """It covers a part of the order now, as a promise."""
        self.amount = amount  # type: ignore[assignment]
        self.submitted_at = now()

    @transition("state", TransferState.SUBMITTED, TransferState.CHECKED, custom={"label": _("确认到账")})
    def check_in(self, user_id: int, bank_ref: str) -> None:
        """The cashier has seen the money in the account."""
        self.checked_by_id = user_id
        self.checked_at = now()
        self.bank_ref = bank_ref

    @transition("state", TransferState.CHECKED, TransferState.CONFIRMED, custom={"label": _("复核通过")})
    def confirm(self, user_id: int) -> None:
        """The accountant agrees: it is money."""
        self.confirmed_by_id = user_id
        self.confirmed_at = now()

    @transition(
        "state",
        [TransferState.SUBMITTED, TransferState.CHECKED],
        TransferState.REFUSED,
        custom={"label": _("退回")},
    )
    def refuse(self, user_id: int, why: str) -> None:
        """Not there, or not what was promised."""
        self.refused_by_id = user_id
        self.reason = why

    @transition(
        "state",
        [TransferState.DRAFT, TransferState.SUBMITTED, TransferState.CHECKED],
        TransferState.CANCELLED,
        custom={"label": _("取消")},
    )
    def cancel(self) -> None:
        """The payer pays otherwise, or the order is closed."""
