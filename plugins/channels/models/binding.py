"""Whose customer somebody is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today

from .channel import Channel


class BindingMode(models.TextChoices):
    """How a customer comes to belong to a channel (§2.2.3)."""

    FIRST = "first", _("首次绑定")
    REGISTER = "register", _("注册绑定")
    OVERWRITE = "overwrite", _("覆盖绑定")


class BindingRule(models.Model):
    """The city's rule from a day on; the newest one whose day has come counts."""

    mode = models.CharField(
        _("绑定方式"), max_length=12, choices=BindingMode.choices, default=BindingMode.FIRST
    )
    protection_days = models.PositiveSmallIntegerField(
        _("保护期（天）"), default=30,
        help_text=_("首次绑定：0 为长期；每次光顾本店重新计算。覆盖绑定：0 为不保护。"),
    )  # fmt: skip
    registration_hours = models.PositiveSmallIntegerField(
        _("注册后多少小时内算注册绑定"), default=24, help_text=_("仅用于注册绑定")
    )
    effective_from = models.DateField(_("生效日期"), default=today, unique=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("登记时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("客户绑定规则")
        ordering = ("-effective_from",)

    def __str__(self) -> str:
        return f"{self.effective_from} {self.get_mode_display()}"


class CustomerBinding(models.Model):
    """A customer belongs to a channel from a moment on; the row without an end is the one that counts."""

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="o2o_bindings", verbose_name=_("客户")
    )
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="bindings", verbose_name=_("渠道"))
    basis = models.CharField(_("来由"), max_length=12)
    bound_at = models.DateTimeField(_("绑定时间"), default=now)
    protected_until = models.DateTimeField(_("保护至"), null=True, blank=True, help_text=_("空：一直保护"))
    ended_at = models.DateTimeField(_("解绑时间"), null=True, blank=True)
    end_reason = models.CharField(_("解绑原因"), max_length=200, blank=True)
    actor = models.CharField(_("操作者"), max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = _("客户绑定")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("customer",),
                condition=models.Q(ended_at__isnull=True),
                name="o2o_channel_customer_bound_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("channel",), condition=models.Q(ended_at__isnull=True), name="o2o_channel_bound"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel.name} {localtime(self.bound_at):%Y-%m-%d}"
