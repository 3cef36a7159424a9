"""Targets by month, and the daily count of visits to a channel's page."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .channel import Channel


class Metric(models.TextChoices):
    """What is counted."""

    GMV = "gmv", _("销售额（元）")
    ORDERS = "orders", _("订单数")
    CUSTOMERS = "customers", _("新绑定客户数")


class Target(models.Model):
    """What a channel is to reach in a month; `month` is its first day."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="targets", verbose_name=_("渠道"))
    month = models.DateField(_("月份"), help_text=_("当月 1 日"))
    metric = models.CharField(_("指标"), max_length=12, choices=Metric.choices, default=Metric.GMV)
    goal = models.DecimalField(
        _("目标值"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0.01)]
    )

    class Meta:
        verbose_name = verbose_name_plural = _("渠道目标")
        ordering = ("-month", "channel", "metric")
        constraints = (
            models.UniqueConstraint(fields=("channel", "month", "metric"), name="o2o_channel_target_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="o2o_channel_target_month"),
            models.CheckConstraint(condition=models.Q(goal__gt=0), name="o2o_channel_target_above_nought"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.get_metric_display()}"


class ChannelDay(models.Model):
    """How often a channel's page was opened on a day."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="days", verbose_name=_("渠道"))
    day = models.DateField(_("日期"))
    visits = models.PositiveIntegerField(_("访问次数"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道访问")
        ordering = ("-day",)
        constraints = (models.UniqueConstraint(fields=("channel", "day"), name="o2o_channel_day_once"),)

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}: {self.visits}"
