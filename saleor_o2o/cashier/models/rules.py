"""Which methods are offered where, with which limits; what is looked at or refused. Dated data."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from .parts import MONEY

LIMIT: dict[str, Any] = {**MONEY, "null": True, "blank": True}


class Effect(models.TextChoices):
    """What happens to a payment that a risk rule or the blacklist meets."""

    REFUSE = "refuse", _("拒绝支付")
    HOLD = "hold", _("到账后人工审核")


class Where(models.Model):
    """Where and when a rule counts. Empty: everywhere. `unit_key` is a unit of the organisation, with all below it."""

    channel = models.CharField(
        _("渠道"), max_length=40, blank=True, help_text=_("渠道类型或渠道代码；留空：全部渠道")
    )
    line = models.CharField(_("业务线"), max_length=16, blank=True, help_text=_("留空：全部业务"))
    unit_key = models.BigIntegerField(_("机构"), null=True, blank=True, help_text=_("留空：全市"))
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True, help_text=_("留空：一直有效"))
    words = models.CharField(
        _("给顾客看的说明"), max_length=100, blank=True, help_text=_("不可用时显示；留空用通用说明")
    )
    made_by = models.CharField(_("维护人"), max_length=64, blank=True, editable=False)
    made_at = models.DateTimeField(_("登记时间"), default=now, editable=False)

    class Meta:
        abstract = True


class MethodRule(Where):
    """A method is offered, or not, with limits in yuan. The most exact rule in force decides (`services.offering`)."""

    method = models.CharField(_("支付方式"), max_length=24)
    is_offered = models.BooleanField(_("开放"), default=True)
    min_amount = models.DecimalField(_("单笔最低（元）"), **LIMIT)
    max_amount = models.DecimalField(_("单笔最高（元）"), **LIMIT)
    daily_amount = models.DecimalField(
        _("每人每日上限（元）"), **LIMIT, help_text=_("同一顾客当日用这种方式支付的合计")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("支付方式规则")
        ordering = ("method", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_method_rule_dates",
            ),
            models.CheckConstraint(
                condition=(Q(min_amount__isnull=True) | Q(min_amount__gte=0))
                & (Q(max_amount__isnull=True) | Q(max_amount__gt=0))
                & (Q(daily_amount__isnull=True) | Q(daily_amount__gt=0)),
                name="o2o_method_rule_amounts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.channel or '*'} {self.line or '*'}"


class RiskRule(Where):
    """Payments that are refused or looked at: at or above an amount, or beyond what a payer did today. Yuan."""

    effect = models.CharField(_("处理方式"), max_length=8, choices=Effect.choices, default=Effect.HOLD)
    min_amount = models.DecimalField(_("单笔达到（元）"), **LIMIT)
    daily_amount = models.DecimalField(_("当日累计超过（元）"), **LIMIT)
    daily_count = models.PositiveIntegerField(_("当日笔数超过"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("风控规则")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_risk_rule_dates",
            ),
            models.CheckConstraint(
                condition=Q(min_amount__isnull=False)
                | Q(daily_amount__isnull=False)
                | Q(daily_count__isnull=False),
                name="o2o_risk_rule_says_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_effect_display()} #{self.pk}"


class BlacklistKind(models.TextChoices):
    """What of a payer is on the list."""

    USER = "user", _("会员编号")
    EMAIL = "email", _("邮箱")
    PHONE = "phone", _("手机号")
    OPENID = "openid", _("微信 openid")
    IP = "ip", _("IP 地址")


class BlacklistEntry(models.Model):
    """A payer who is refused or looked at. The value is encrypted and found by its blind index."""

    kind = models.CharField(_("类型"), max_length=8, choices=BlacklistKind.choices)
    value = EncryptedTextField(_("内容"))
    value_index = models.CharField(max_length=64, db_index=True, editable=False)
    label = models.CharField(_("显示"), max_length=64, editable=False)
    effect = models.CharField(_("处理方式"), max_length=8, choices=Effect.choices, default=Effect.REFUSE)
    reason = models.CharField(_("原因"), max_length=200)
    valid_from = models.DateTimeField(_("生效时间"), default=now, editable=False)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    made_by = models.CharField(_("登记人"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("支付黑名单")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "value_index"), condition=Q(valid_to__isnull=True), name="o2o_blacklist_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"
