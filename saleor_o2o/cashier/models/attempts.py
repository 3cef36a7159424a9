"""Trades at a provider, under numbers of ours."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from ..ports import Method, TradeRef
from .intents import PaymentIntent


class AttemptState(models.TextChoices):
    """Where one trade at the provider stands."""

    CREATED = "created", _("已登记")
    OPEN = "open", _("待付款")
    PAID = "paid", _("已付款")
    CLOSED = "closed", _("已关闭")


#: An attempt in one of these may take money any moment.
OPEN_STATES = (AttemptState.CREATED, AttemptState.OPEN)


@machine("state", terminal={AttemptState.PAID})
class PaymentAttempt(models.Model):
    """One trade at the provider under a number of ours, written before the provider hears of it.

    A closed attempt can still become paid: a payer who was typing the password when we closed.
    """

    intent = models.ForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("支付单")
    )
    number = models.CharField(_("商户订单号"), max_length=32, unique=True)
    method = models.CharField(_("支付方式"), max_length=24)
    state = FSMField(_("状态"), choices=AttemptState.choices, default=AttemptState.CREATED, protected=True)
    account = models.CharField(_("收款账户"), max_length=64, blank=True)
    payer_id = models.CharField(_("付款人标识"), max_length=128, blank=True)
    is_combined = models.BooleanField(_("合单"), default=False)
    payer_ip = models.GenericIPAddressField(_("付款人地址"), null=True, blank=True)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    expires_at = models.DateTimeField(_("支付截止"))
    provider_ref = models.CharField(_("渠道交易号"), max_length=64, blank=True)
    paid_at = models.DateTimeField(_("付款时间"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    next_query_at = models.DateTimeField(_("下次查询"), null=True, blank=True)
    query_count = models.PositiveIntegerField(_("查询次数"), default=0)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("支付尝试")
        verbose_name_plural = _("支付尝试")
        ordering = ("-pk",)
        indexes = [
            models.Index(
                fields=["next_query_at"], name="o2o_attempt_query", condition=Q(state__in=["created", "open"])
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> TradeRef:
        """What a provider is told of it; one query for the parts of a combined one."""
        subs = tuple(sub.ref for sub in self.sub_trades.all()) if self.is_combined else ()
        return TradeRef(self.number, self.account, Method(self.method), subs)

    @transition(
        "state", [AttemptState.CREATED, AttemptState.OPEN], AttemptState.OPEN, custom={"label": _("下单")}
    )
    def mark_open(self) -> None:
        """The provider knows the trade and waits for the payer."""
        self.last_error = ""

    @transition(
        "state",
        [AttemptState.CREATED, AttemptState.OPEN, AttemptState.CLOSED],
        AttemptState.PAID,
        custom={"label": _("付款")},
    )
    def mark_paid(self, paid_at: datetime, provider_ref: str) -> None:
        """The provider has the payer's money."""
        self.paid_at = paid_at
        self.provider_ref = provider_ref
        self.next_query_at = None

    @transition(
        "state", [AttemptState.CREATED, AttemptState.OPEN], AttemptState.CLOSED, custom={"label": _("关闭")}
    )
    def mark_closed(self) -> None:
        """The provider takes no payment for it any more."""
        self.next_query_at = None
