"""Money on its way back to customers, refunds of many orders at once, and a change ticket by ticket."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import BatchState, MoneyState, RefundCause, Trade
from .after import ChangeRequest, RefundRequest, _yuan
from .desk import Insurance
from .fees import FeeQuote
from .orders import Ticket


class RefundBatch(models.Model):
    """All tickets of a session or shift go back, without a fee: by `key` and beginning, order after order."""

    number = models.CharField(_("批次号"), max_length=24, unique=True)
    request_key = models.CharField(max_length=80, unique=True)
    trade = models.CharField(_("票种"), max_length=8, choices=Trade.choices)
    key = models.CharField(_("产品"), max_length=60)
    starts_at = models.DateTimeField(_("出发（开场）"))
    title = models.CharField(_("内容"), max_length=120)
    cause = models.CharField(_("原因方"), max_length=20, choices=RefundCause.choices)
    reason = models.CharField(_("事由"), max_length=200)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("受理机构")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("申请人"),
    )  # fmt: skip
    due = models.DecimalField(
        _("涉及票款（元）"), max_digits=12, decimal_places=2, null=True, blank=True,
        help_text=_("人工发起时的票款合计；用券的，券的部分不退"),
    )  # fmt: skip
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("复核人"),
    )  # fmt: skip
    why = models.CharField(_("复核意见"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=BatchState.choices, default=BatchState.RUNNING)
    orders = models.PositiveIntegerField(_("订单数"), default=0)
    handled = models.PositiveIntegerField(_("已提交"), default=0)
    failed = models.JSONField(_("未能提交"), default=dict, blank=True)
    made_at = models.DateTimeField(_("申请时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("批量退票")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number


class ChangeItem(models.Model):
    """One ticket of a change, and the ticket that counts instead. Yuan.

    `value`: what is paid of the new ticket without service fee, whoever paid it when: the old one's price and
    `difference` (above zero: paid more; below: given back, or lost where the rule keeps it).
    """

    change = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="items", verbose_name=_("改签单"))
    old = models.ForeignKey(Ticket, models.PROTECT, related_name="change_items", verbose_name=_("原票"))
    new = models.OneToOneField(Ticket, models.PROTECT, related_name="change_item", verbose_name=_("新票"))
    quote = models.ForeignKey(
        FeeQuote, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("报价")
    )
    value = _yuan(_("新票实付（元）"))
    difference = _yuan(_("差价（元）"))
    fee = _yuan(_("改签手续费（元）"))
    to_pay = _yuan(_("应补（元）"))
    back = _yuan(_("应退（元）"))
    supplier_difference = _yuan(_("供应商差价（元）"))
    words = models.CharField(_("计费说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("改签明细")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class MoneyBack(models.Model):
    """Money of one order that goes back because of a refund, a change or an insurance; its key is the cashier's.

    Written with what it is for; handed to the cashier afterwards, and again until the cashier has it. What failed
    for good is `replaced` by another row when people try again.
    """

    key = models.CharField(_("退款流水"), max_length=60, unique=True)
    order = models.ForeignKey(
        "order.Order", models.PROTECT, related_name="o2o_ticket_money_back", verbose_name=_("订单")
    )
    refund = models.ForeignKey(
        RefundRequest, models.PROTECT, null=True, blank=True, related_name="money", verbose_name=_("退票单")
    )
    change = models.ForeignKey(
        ChangeRequest, models.PROTECT, null=True, blank=True, related_name="money", verbose_name=_("改签单")
    )
    insurance = models.ForeignKey(
        Insurance, models.PROTECT, null=True, blank=True, related_name="money", verbose_name=_("保险")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("受理机构")
    )
    amount = models.DecimalField(_("金额（元）"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("事由"), max_length=100)
    state = models.CharField(_("状态"), max_length=10, choices=MoneyState.choices, default=MoneyState.WAITING)
    why = models.CharField(_("说明"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("产生时间"), default=now)
    asked_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("到账时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("票务退款")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="o2o_ticketing_money_back"),
        )
        indexes = (
            models.Index(
                fields=("made_at",), condition=models.Q(state="waiting"), name="o2o_ticketing_money_waits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.amount}"
