"""The float of a selling place: what it may still take in cash before it must hand money in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

#: Columns of money: up to 9,999,999,999.99 yuan.
MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}
ZERO = Decimal("0.00")


class FloatAccount(models.Model):
    """The float (备付金) of a unit, or of one channel of that unit. Amounts in yuan.

    Cash taken at the counter is the company's money in the place's drawer: it is taken off the balance at once, and
    topping up or handing in (缴款) puts it back. `balance` is the sum of the movements and is written with them,
    under this row's lock; it never falls below `-credit_limit`.
    """

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="float_accounts", verbose_name=_("机构")
    )
    channel_code = models.CharField(
        _("渠道代码"), max_length=40, blank=True, help_text=_("空：机构自己的柜台")
    )
    balance = models.DecimalField(_("余额"), **MONEY, default=ZERO, editable=False)
    credit_limit = models.DecimalField(_("授信额度"), **MONEY, default=ZERO)
    alarm_below = models.DecimalField(
        _("预警线"), **MONEY, default=ZERO, help_text=_("可用额度低于此数时提醒；0 为不提醒")
    )
    is_frozen = models.BooleanField(_("冻结"), default=False)
    frozen_reason = models.CharField(_("冻结原因"), max_length=200, blank=True)
    attention = models.CharField(_("需要处理"), max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("开户时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("备付金账户")
        ordering = ("unit__path", "channel_code")
        constraints = (
            models.UniqueConstraint(
                fields=("unit",), condition=Q(channel_code=""), name="o2o_float_one_a_unit"
            ),
            models.UniqueConstraint(
                fields=("channel_code",), condition=~Q(channel_code=""), name="o2o_float_one_a_channel"
            ),
            models.CheckConstraint(
                condition=Q(credit_limit__gte=0) & Q(alarm_below__gte=0), name="o2o_float_limits_positive"
            ),
            # The belt; the check under the lock comes first and has words for people.
            models.CheckConstraint(
                condition=Q(balance__gte=-F("credit_limit")), name="o2o_float_within_credit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit}{' · ' if self.channel_code else ''}{self.channel_code}"

    @property
    def available(self) -> Decimal:
        """What cash may still be taken, in yuan: balance and credit together."""
        return self.balance + self.credit_limit

    @property
    def is_low(self) -> bool:
        """True below the alarm line."""
        return self.alarm_below > 0 and self.available < self.alarm_below


class MovementKind(models.TextChoices):
    """Why a balance moved."""

    TOP_UP = "top_up", _("充值")
    SALE = "sale", _("代收现金扣款")
    REFUND = "refund", _("退回")
    ADJUSTMENT = "adjustment", _("调整")
    REMIT = "remit", _("缴款")


class FloatMovement(models.Model):
    """One movement. Append-only: a trigger refuses to change or delete one. `amount` is signed, in yuan.

    `biz_type` and `biz_id` name what it was for; the pair is unique, so that nothing moves money twice.
    """

    number = models.CharField(_("流水号"), max_length=24, unique=True)
    account = models.ForeignKey(
        FloatAccount, models.PROTECT, related_name="movements", verbose_name=_("账户")
    )
    kind = models.CharField(_("类型"), max_length=12, choices=MovementKind.choices)
    amount = models.DecimalField(_("金额"), **MONEY)
    balance_after = models.DecimalField(_("变动后余额"), **MONEY)
    biz_type = models.CharField(_("业务类型"), max_length=24)
    biz_id = models.CharField(_("业务编号"), max_length=80)
    order = models.ForeignKey(
        "order.Order", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )
    shift = models.ForeignKey(
        "o2o_counter_sales.Shift", models.PROTECT, null=True, blank=True, related_name="movements",
        verbose_name=_("班次"),
    )  # fmt: skip
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("复核人"),
    )  # fmt: skip
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("备付金流水")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("biz_type", "biz_id"), name="o2o_float_movement_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="o2o_float_movement_not_zero"),
        )
        indexes = (
            models.Index(fields=("account", "-id"), name="o2o_float_statement"),
            models.Index(fields=("account", "at"), name="o2o_float_by_time"),
        )

    def __str__(self) -> str:
        return self.number


class AdjustmentState(models.TextChoices):
    """Where a requested adjustment stands."""

    WAITING = "waiting", _("待复核")
    CONFIRMED = "confirmed", _("已复核")
    REFUSED = "refused", _("已驳回")


@machine("state", terminal={AdjustmentState.CONFIRMED, AdjustmentState.REFUSED})
class FloatAdjustment(models.Model):
    """An adjustment that one person asks for and another one decides. `amount` is signed, in yuan."""

    number = models.CharField(_("调整单号"), max_length=24, unique=True)
    account = models.ForeignKey(
        FloatAccount, models.PROTECT, related_name="adjustments", verbose_name=_("账户")
    )
    amount = models.DecimalField(_("调整金额"), **MONEY, help_text=_("正数增加，负数减少"))
    reason = models.CharField(_("调整原因"), max_length=200)
    state = FSMField(
        _("状态"), choices=AdjustmentState.choices, default=AdjustmentState.WAITING, protected=True
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    requested_at = models.DateTimeField(_("申请时间"), default=now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("复核人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    decision = models.CharField(_("复核意见"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("备付金调整单")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="o2o_float_adjustment_not_zero"),)
        indexes = (
            models.Index(
                fields=("requested_at",), condition=Q(state="waiting"), name="o2o_float_adjustment_waiting"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", AdjustmentState.WAITING, AdjustmentState.CONFIRMED, custom={"label": _("复核通过")})
    def confirm(self, user_id: int, decision: str = "") -> None:
        """A second person agrees; the movement is written in the same transaction."""
        self._decide(user_id, decision)

    @transition("state", AdjustmentState.WAITING, AdjustmentState.REFUSED, custom={"label": _("驳回")})
    def refuse(self, user_id: int, decision: str = "") -> None:
        """A second person does not."""
        self._decide(user_id, decision)

    def _decide(self, user_id: int, decision: str) -> None:
        self.decided_by_id = user_id
        self.decided_at = now()
        self.decision = decision
