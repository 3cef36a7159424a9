"""Suppliers of tickets, every call made to one, and what they say at the end of the day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import SUPPLIES, CallKind, CallState, MatchState


class SupplierAccount(models.Model):
    """Our account with a supplier. `adapter` names a registered port (`ports.register_supplier`), an insurer's where it
    sells insurances (`insurers.register_insurer`).

    Of several that have the same trip the lowest `priority` is asked first. `opens`/`closes`: when it issues, Shanghai
    time; outside, issuing waits in the queue (`hours_queue`) or is not offered. `failures`: one after the other;
    `rests_until`: it is not asked before. `hold_minutes`: the most that we promise a buyer, whatever it holds.
    """

    code = models.CharField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    trade = models.CharField(_("票种"), max_length=8, choices=SUPPLIES)
    adapter = models.CharField(_("接口"), max_length=40)
    account = models.CharField(_("我方账号"), max_length=60, blank=True)
    priority = models.SmallIntegerField(_("优先级"), default=10)
    active = models.BooleanField(_("启用"), default=True)
    opens = models.TimeField(_("每日开始"), null=True, blank=True)
    closes = models.TimeField(_("每日结束"), null=True, blank=True)
    hours_queue = models.BooleanField(_("非营业时间排队出票"), default=False)
    hold_minutes = models.PositiveSmallIntegerField(_("占座分钟"), default=15)
    failures = models.PositiveIntegerField(_("连续失败"), default=0, editable=False)
    rests_until = models.DateTimeField(_("暂停至"), null=True, blank=True, editable=False)
    last_ok = models.DateTimeField(_("最近成功"), null=True, blank=True, editable=False)
    last_failure = models.DateTimeField(_("最近失败"), null=True, blank=True, editable=False)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("票务供应商")
        ordering = ("trade", "priority", "code")

    def __str__(self) -> str:
        return self.name


class SupplierCall(models.Model):
    """One thing asked of a supplier under our own number, written and committed before it is sent.

    `answer` holds nothing personal. `asked_again` counts the queries for its outcome.
    """

    number = models.CharField(_("我方流水号"), max_length=30, unique=True)
    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="calls", verbose_name=_("供应商")
    )
    ticket_order = models.ForeignKey(
        "o2o_ticketing.TicketOrder", models.PROTECT, related_name="calls", verbose_name=_("票务订单")
    )
    refund = models.ForeignKey(
        "o2o_ticketing.RefundRequest", models.PROTECT, null=True, blank=True, related_name="calls",
        verbose_name=_("退票申请"),
    )  # fmt: skip
    kind = models.CharField(_("业务"), max_length=8, choices=CallKind.choices)
    state = models.CharField(_("结果"), max_length=8, choices=CallState.choices, default=CallState.SENT)
    their_number = models.CharField(_("供应商单号"), max_length=64, blank=True)
    code = models.CharField(_("应答码"), max_length=40, blank=True)
    words = models.CharField(_("应答"), max_length=200, blank=True)
    answer = models.JSONField(_("应答内容"), default=dict)
    sent_at = models.DateTimeField(_("发出时间"), default=now)
    answered_at = models.DateTimeField(_("应答时间"), null=True, blank=True)
    asked_again = models.PositiveSmallIntegerField(_("查询次数"), default=0)
    ask_at = models.DateTimeField(_("下次查询"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("供应商调用")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("ask_at",), condition=models.Q(state__in=("sent", "working", "unknown")),
                name="o2o_ticketing_call_open",
            ),
            models.Index(fields=("supplier", "their_number"), name="o2o_ticketing_call_theirs"),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.number


class SupplierStatement(models.Model):
    """A supplier's file of one day; its lines are matched with our fee lines.

    Until it is settled, another file of the day replaces it: the supplier is asked again now and then (`asked_at`),
    unless what is here was brought `by_hand`.
    """

    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="statements", verbose_name=_("供应商")
    )
    day = models.DateField(_("账单日"))
    digest = models.CharField(max_length=64)
    lines_count = models.PositiveIntegerField(_("笔数"))
    total = models.DecimalField(_("应付合计（元）"), max_digits=14, decimal_places=2)
    differences = models.PositiveIntegerField(_("差异笔数"), default=0)
    taken_at = models.DateTimeField(_("导入时间"), default=now)
    asked_at = models.DateTimeField(_("上次取账单"), default=now)
    by_hand = models.BooleanField(_("手工导入"), default=False)
    settled_at = models.DateTimeField(_("核销时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("供应商对账单")
        ordering = ("-day", "supplier")
        constraints = (
            models.UniqueConstraint(fields=("supplier", "day"), name="o2o_ticketing_statement_once"),
        )

    def __str__(self) -> str:
        return f"{self.supplier} {self.day}"


class StatementLine(models.Model):
    """One ticket, sold or given back, as the supplier counts it; `amount` in yuan, given back negative."""

    statement = models.ForeignKey(
        SupplierStatement, models.CASCADE, related_name="lines", verbose_name=_("对账单")
    )
    kind = models.CharField(_("业务"), max_length=8, choices=CallKind.choices)
    their_number = models.CharField(_("供应商单号"), max_length=64)
    their_ticket = models.CharField(_("供应商票号"), max_length=64, blank=True)
    amount = models.DecimalField(_("供应商金额（元）"), max_digits=12, decimal_places=2)
    ours = models.DecimalField(_("我方金额（元）"), max_digits=12, decimal_places=2, null=True)
    ticket = models.ForeignKey(
        "o2o_ticketing.Ticket", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("票")
    )
    match = models.CharField(_("核对"), max_length=12, choices=MatchState.choices)
    settled_note = models.CharField(_("处理说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("对账明细")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.their_number} {self.amount}"
