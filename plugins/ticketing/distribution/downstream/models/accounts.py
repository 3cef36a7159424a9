"""A reseller, its keys, and its deposit: every change a row, the balance their sum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import EntryKind, ResellerState, TopUpState

MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}
ZERO = Decimal("0.00")
S = ResellerState


@machine("state", terminal={S.CLOSED})
class Reseller(models.Model):
    """Somebody who sells our tickets on: a travel agency, a hotel, another city's post. Yuan.

    `unit` has the contract. `balance` is the sum of the entries; it may go below zero by `credit`, never further.
    `hook` is where notices are sent; empty: they are only kept to be asked for.
    """

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("签约机构")
    )
    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    state = FSMField(_("状态"), choices=S.choices, default=S.ACTIVE, protected=True)
    contact = EncryptedTextField(_("联系人"), blank=True, default="")
    mobile = EncryptedTextField(_("联系手机"), blank=True, default="")
    email = models.EmailField(_("业务邮箱"), max_length=120, blank=True, default="")
    contract = models.CharField(_("合同号"), max_length=60)
    first_day = models.DateField(_("合同开始"))
    last_day = models.DateField(_("合同结束"))
    balance = models.DecimalField(_("预存款余额（元）"), **MONEY, default=ZERO)
    credit = models.DecimalField(_("授信额度（元）"), **MONEY, default=ZERO)
    low_below = models.DecimalField(_("余额低于此数提醒（元）"), **MONEY, default=ZERO)
    hook = models.CharField(_("通知地址"), max_length=300, blank=True, default="")
    note = models.CharField(_("最近一次变更事由"), max_length=200, blank=True, default="")
    made_at = models.DateTimeField(_("开户时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("分销商")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=Q(credit__gte=0), name="o2o_resale_credit"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="o2o_resale_contract"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def available(self) -> Decimal:
        """For how much tickets may be bought now."""
        return self.balance + self.credit

    def may_buy_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.state == S.ACTIVE and self.first_day <= day <= self.last_day

    @transition("state", source=S.ACTIVE, target=S.SUSPENDED, custom={"label": _("暂停下单")})
    def suspend(self) -> None:
        """No new orders; everything else goes on."""

    @transition("state", source=S.SUSPENDED, target=S.ACTIVE, custom={"label": _("恢复")})
    def resume(self) -> None:
        """It may buy again."""

    @transition("state", source=(S.ACTIVE, S.SUSPENDED), target=S.CLOSED, custom={"label": _("终止合作")})
    def close(self) -> None:
        """The contract is over."""


class ResellerKey(models.Model):
    """A key of the interface. Made anew, the one before counts on until `ends_at`. The secret is shown once."""

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="keys", verbose_name=_("分销商"))
    key = models.CharField(_("接口账号"), max_length=40, unique=True)
    secret = EncryptedTextField()
    made_at = models.DateTimeField(_("启用时间"), default=now)
    ends_at = models.DateTimeField(_("失效时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("接口密钥")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.key


class ResellerEntry(models.Model):
    """A change of a deposit; append-only (a trigger refuses anything else). Yuan, signed.

    `reference` is the business number of what it is for, once per kind; `after` is the balance afterwards.
    """

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="entries", verbose_name=_("分销商"))
    kind = models.CharField(_("类别"), max_length=8, choices=EntryKind.choices)
    amount = models.DecimalField(_("金额（元）"), **MONEY)
    after = models.DecimalField(_("余额（元）"), **MONEY)
    reference = models.CharField(_("业务单号"), max_length=64)
    order = models.ForeignKey(
        "order.Order", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )
    words = models.CharField(_("摘要"), max_length=120, blank=True)
    day = models.DateField(_("日期"))
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("预存款明细")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("kind", "reference"), name="o2o_resale_entry_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="o2o_resale_entry_some"),
        )
        indexes = (models.Index(fields=("reseller", "day"), name="o2o_resale_entry_day"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:+}"


@machine("state", terminal={TopUpState.BOOKED, TopUpState.REFUSED})
class TopUp(models.Model):
    """Money that a reseller has transferred: written down by one person, booked by another who has found it.

    `bank_number` is the bank's of the transfer; it counts once.
    """

    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="top_ups", verbose_name=_("分销商"))
    number = models.CharField(_("充值单号"), max_length=24, unique=True)
    state = FSMField(_("状态"), choices=TopUpState.choices, default=TopUpState.WAITING, protected=True)
    amount = models.DecimalField(_("金额（元）"), **MONEY)
    bank_number = models.CharField(_("银行流水号"), max_length=64)
    paid_on = models.DateField(_("到账日期"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    made_at = models.DateTimeField(_("登记时间"), default=now)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("复核人"),
    )  # fmt: skip
    done_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("分销商充值")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_resale_top_up_some"),
            models.UniqueConstraint(
                fields=("bank_number",), condition=~Q(state="refused"), name="o2o_resale_top_up_once"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", source=TopUpState.WAITING, target=TopUpState.BOOKED, custom={"label": _("入账")})
    def book(self) -> None:
        """It is in the deposit."""
        self.done_at = now()

    @transition("state", source=TopUpState.WAITING, target=TopUpState.REFUSED, custom={"label": _("驳回")})
    def refuse(self) -> None:
        """It was not found, or written down wrongly."""
        self.done_at = now()
