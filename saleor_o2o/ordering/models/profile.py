"""What an order has beyond Saleor's row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import ORDER_LINES, BusinessLine, CancelReason, Flag, State


class OrderProfile(models.Model):
    """Written with the order. `state` follows the sub-orders; paths and channel are those of the moment it was made.

    Amounts in yuan. `timers`: minutes by business line and clock, `{"goods": {"receive": 14400, …}}`.
    """

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="o2o_profile", verbose_name=_("订单")
    )
    number = models.CharField(_("订单编号"), max_length=32, unique=True)
    line = models.CharField(_("业务线"), max_length=16, choices=ORDER_LINES, default=BusinessLine.GOODS)
    state = models.CharField(_("状态"), max_length=24, choices=State.choices, default=State.PENDING_PAYMENT)
    cancel_reason = models.CharField(_("关闭原因"), max_length=16, choices=CancelReason.choices, blank=True)
    flag = models.CharField(_("标记"), max_length=10, choices=Flag.choices, blank=True)
    remark = models.CharField(_("客服备注"), max_length=500, blank=True)
    timers = models.JSONField(_("计时快照"), default=dict)
    org_path = models.CharField(_("下单时机构路径"), max_length=200, blank=True)
    channel_type = models.CharField(_("渠道类型"), max_length=20, blank=True)
    channel_code = models.CharField(_("渠道代码"), max_length=40, blank=True)
    placed_total = models.DecimalField(_("下单时金额"), max_digits=12, decimal_places=2)
    total = models.DecimalField(_("订单金额"), max_digits=12, decimal_places=2)
    refunded = models.DecimalField(_("已退金额"), max_digits=12, decimal_places=2, default=0)
    basket = models.CharField(_("购物车指纹"), max_length=32, blank=True)
    duplicate_of = models.ForeignKey(
        "order.Order", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("疑似重复于")
    )
    placed_at = models.DateTimeField(_("下单时间"), default=now)
    pay_by = models.DateTimeField(_("支付截止"), null=True, blank=True)
    paid_at = models.DateTimeField(_("付款时间"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("发货完成时间"), null=True, blank=True)
    received_at = models.DateTimeField(_("收货完成时间"), null=True, blank=True)
    completed_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)
    #: The newest of stock's order events that the timeline has taken over.
    last_event = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("订单")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["state", "-order"], name="o2o_profile_state"),
            models.Index(fields=["placed_at"], name="o2o_profile_placed"),
            models.Index(fields=["basket", "placed_at"], name="o2o_profile_basket"),
            models.Index(fields=["closed_at"], name="o2o_profile_closed", condition=models.Q(state="closed")),
            models.Index(fields=["flag", "-order"], name="o2o_profile_flag", condition=~models.Q(flag="")),
        ]

    def __str__(self) -> str:
        return self.number

    def minutes(self, kind: str, line: str) -> int | None:
        """How long a clock of this order runs for a business line; None where it does not run."""
        found = self.timers.get(line, {}).get(kind)
        return int(found) if found is not None else None
