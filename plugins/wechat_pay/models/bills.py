"""Bills as WeChat made them: the file itself, and its lines. One row per account, day and kind; a fetched one never
changes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from .accounts import MerchantAccount


class BillKind(models.TextChoices):
    """Which bill."""

    TRADE = "trade", _("交易账单")
    FLOW = "flow", _("资金账单")
    FLOW_OPERATION = "flow_op", _("资金账单（运营账户）")
    FLOW_FEES = "flow_fee", _("资金账单（手续费账户）")
    SHARING = "sharing", _("分账账单")


#: Which of the merchant's purses a fund-flow bill is about, as WeChat calls it.
PURSES = {BillKind.FLOW: "BASIC", BillKind.FLOW_OPERATION: "OPERATION", BillKind.FLOW_FEES: "FEES"}


class BillState(models.TextChoices):
    """Where a bill stands."""

    WAITING = "waiting", _("待下载")
    STORED = "stored", _("已入库")
    EMPTY = "empty", _("当日无账单")
    FAILED = "failed", _("下载失败")


@machine("state", terminal={BillState.STORED, BillState.EMPTY})
class Bill(models.Model):
    """A day's bill of an account. ``content``: the bytes that were hashed, gzipped. Amounts in ``summary`` are yuan,
    text."""

    account = models.ForeignKey(
        MerchantAccount, on_delete=models.PROTECT, related_name="bills", verbose_name=_("微信商户号")
    )
    day = models.DateField(_("账单日期"))
    kind = models.CharField(_("账单种类"), max_length=8, choices=BillKind.choices)
    state = FSMField(_("状态"), choices=BillState.choices, default=BillState.WAITING, protected=True)
    content = models.BinaryField(_("原文"), null=True, blank=True)
    size = models.PositiveIntegerField(_("字节数"), default=0)
    sha1 = models.CharField(_("SHA1"), max_length=40, blank=True)
    line_count = models.PositiveIntegerField(_("明细行数"), default=0)
    summary = models.JSONField(_("汇总"), default=dict, blank=True)
    tries = models.PositiveIntegerField(_("下载次数"), default=0)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    next_try_at = models.DateTimeField(_("下次下载"), null=True, blank=True)
    stored_at = models.DateTimeField(_("入库时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("微信账单")
        verbose_name_plural = _("微信账单")
        ordering = ("-day", "account", "kind")
        constraints = [
            models.UniqueConstraint(fields=["account", "day", "kind"], name="o2o_wechat_bill_once")
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="o2o_wechat_bill_due", condition=models.Q(state="waiting")
            )
        ]

    def __str__(self) -> str:
        return f"{self.account.mchid} {self.day} {self.get_kind_display()}"

    @transition("state", [BillState.WAITING, BillState.FAILED], BillState.STORED, custom={"label": _("入库")})
    def store(self, **values: Any) -> None:
        """The file is here and its sums are right."""
        for name, value in values.items():
            setattr(self, name, value)
        self.stored_at, self.next_try_at, self.last_error = now(), None, ""

    @transition(
        "state", [BillState.WAITING, BillState.FAILED], BillState.EMPTY, custom={"label": _("无账单")}
    )
    def mark_empty(self) -> None:
        """WeChat says that nothing happened that day: a fact, too."""
        self.stored_at, self.next_try_at, self.last_error = now(), None, ""

    @transition("state", BillState.WAITING, BillState.FAILED, custom={"label": _("放弃")})
    def give_up(self) -> None:
        """Tried often enough; a person looks."""
        self.next_try_at = None

    @transition("state", BillState.FAILED, BillState.WAITING, custom={"label": _("重新下载")})
    def retry(self) -> None:
        """A person asked for another try."""
        self.tries, self.next_try_at = 0, now()


class BillLine(models.Model):
    """A line of a bill. Amounts in yuan, as the bill says them: what came in positive, what went out negative.

    ``payer``: who paid, masked; ``fields``: the whole line without the payer.
    """

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines", verbose_name=_("微信账单"))
    position = models.PositiveIntegerField(_("行号"))
    at = models.DateTimeField(_("交易时间"))
    kind = models.CharField(_("类型"), max_length=24)
    trade_number = models.CharField(_("商户订单号"), max_length=64, blank=True, db_index=True)
    provider_ref = models.CharField(_("微信支付单号"), max_length=64, blank=True, db_index=True)
    refund_number = models.CharField(_("商户退款号"), max_length=64, blank=True, db_index=True)
    refund_ref = models.CharField(_("微信退款单号"), max_length=64, blank=True)
    amount = models.DecimalField(_("金额"), max_digits=14, decimal_places=2)
    fee = models.DecimalField(_("手续费"), max_digits=14, decimal_places=5, default=0)
    payer = models.CharField(_("付款人"), max_length=40, blank=True)
    fields = models.JSONField(_("原始字段"), default=dict)

    class Meta:
        verbose_name = _("微信账单明细")
        verbose_name_plural = _("微信账单明细")
        ordering = ("bill", "position")
        constraints = [models.UniqueConstraint(fields=["bill", "position"], name="o2o_wechat_bill_line_once")]

    def __str__(self) -> str:
        return self.trade_number or self.provider_ref
