"""Profit sharing (分账): who may receive, what was given away, what came back. Every request has a number of ours."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import machine

from .accounts import MerchantAccount


class ReceiverType(models.TextChoices):
    """What WeChat calls the receiver's account."""

    MERCHANT_ID = "MERCHANT_ID", _("商户号")
    PERSONAL_OPENID = "PERSONAL_OPENID", _("个人微信（openid）")


class Relation(models.TextChoices):
    """How the receiver stands to us, in WeChat's words."""

    STORE = "STORE", _("门店")
    STAFF = "STAFF", _("员工")
    STORE_OWNER = "STORE_OWNER", _("店主")
    PARTNER = "PARTNER", _("合作伙伴")
    HEADQUARTER = "HEADQUARTER", _("总部")
    DISTRIBUTOR = "DISTRIBUTOR", _("分销商")
    SUPPLIER = "SUPPLIER", _("供应商")


class Receiver(models.Model):
    """Somebody who may get shares of an account's money, once WeChat knows of it (`added_at`)."""

    account = models.ForeignKey(
        MerchantAccount, on_delete=models.PROTECT, related_name="receivers", verbose_name=_("微信商户号")
    )
    type = models.CharField(_("接收方类型"), max_length=16, choices=ReceiverType.choices)
    receiver = models.CharField(_("接收方账号"), max_length=64)
    name = EncryptedTextField(_("全称 / 姓名"), blank=True)
    relation = models.CharField(_("关系"), max_length=16, choices=Relation.choices, default=Relation.PARTNER)
    added_at = models.DateTimeField(_("添加时间"), null=True, blank=True)
    removed_at = models.DateTimeField(_("移除时间"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("分账接收方")
        verbose_name_plural = _("分账接收方")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["account", "type", "receiver"], name="o2o_wechat_receiver_once")
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """The account as it may be shown: a merchant number whole, a person's openid in part."""
        if self.type == ReceiverType.MERCHANT_ID:
            return self.receiver
        return f"{self.receiver[:4]}…{self.receiver[-4:]}"

    @property
    def is_known(self) -> bool:
        """True while WeChat knows the receiver."""
        return self.added_at is not None and (self.removed_at is None or self.removed_at < self.added_at)


class ShareState(models.TextChoices):
    """Where a request or a return stands."""

    REQUESTED = "requested", _("待发送")
    PROCESSING = "processing", _("处理中")
    FINISHED = "finished", _("已完成")
    FAILED = "failed", _("失败")


class _Numbered(models.Model):
    """A request under a number of ours, written before WeChat hears of it."""

    number = models.CharField(_("商户单号"), max_length=32, unique=True)
    key = models.CharField(_("幂等键"), max_length=80, unique=True)
    state = FSMField(_("状态"), choices=ShareState.choices, default=ShareState.REQUESTED, protected=True)
    provider_ref = models.CharField(_("微信单号"), max_length=64, blank=True)
    requested_by = models.CharField(_("申请人"), max_length=64, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    try_count = models.PositiveIntegerField(_("处理次数"), default=0)
    next_try_at = models.DateTimeField(_("下次处理"), null=True, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("申请时间"), default=now)

    class Meta:
        abstract = True

    @transition("state", ShareState.REQUESTED, ShareState.PROCESSING, custom={"label": _("受理")})
    def accept(self, provider_ref: str) -> None:
        """WeChat has it."""
        self.provider_ref, self.last_error = provider_ref, ""

    @transition(
        "state",
        [ShareState.REQUESTED, ShareState.PROCESSING],
        ShareState.FINISHED,
        custom={"label": _("完成")},
    )
    def finish(self, provider_ref: str, finished_at: datetime) -> None:
        """It is done; what became of each receiver stands on the lines."""
        self.provider_ref, self.finished_at = provider_ref, finished_at
        self.next_try_at, self.last_error = None, ""

    @transition(
        "state", [ShareState.REQUESTED, ShareState.PROCESSING], ShareState.FAILED, custom={"label": _("失败")}
    )
    def fail(self, code: str) -> None:
        """WeChat refused it for good: no money moved."""
        self.last_error, self.finished_at, self.next_try_at = code[:64], now(), None


@machine("state", terminal={ShareState.FINISHED, ShareState.FAILED})
class Share(_Numbered):
    """A request to give shares of one paid trade away, or (`unfreezes` without receivers) to free the rest."""

    account = models.ForeignKey(
        MerchantAccount, on_delete=models.PROTECT, related_name="shared", verbose_name=_("微信商户号")
    )
    order = models.ForeignKey(
        "order.Order", on_delete=models.PROTECT, related_name="+", verbose_name=_("订单")
    )
    trade_number = models.CharField(_("商户订单号"), max_length=32, db_index=True)
    provider_trade = models.CharField(_("微信支付单号"), max_length=64)
    trade_amount = models.DecimalField(_("订单金额"), max_digits=12, decimal_places=2)
    unfreezes = models.BooleanField(_("解冻剩余资金"), default=False)
    description = models.CharField(_("说明"), max_length=80)

    class Meta:
        verbose_name = _("分账单")
        verbose_name_plural = _("分账单")
        ordering = ("-pk",)
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="o2o_wechat_share_due",
                condition=Q(state__in=["requested", "processing"]),
            )
        ]

    def __str__(self) -> str:
        return self.number


class ShareLine(models.Model):
    """What one receiver gets. ``amount`` in yuan; ``result``: PENDING, SUCCESS or CLOSED, as WeChat says."""

    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="lines", verbose_name=_("分账单"))
    receiver = models.ForeignKey(
        Receiver, on_delete=models.PROTECT, related_name="lines", verbose_name=_("分账接收方")
    )
    amount = models.DecimalField(_("分账金额"), max_digits=12, decimal_places=2)
    description = models.CharField(_("说明"), max_length=80)
    result = models.CharField(_("结果"), max_length=16, default="PENDING")
    fail_reason = models.CharField(_("失败原因"), max_length=40, blank=True)
    provider_ref = models.CharField(_("微信明细单号"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("分账明细")
        verbose_name_plural = _("分账明细")
        ordering = ("pk",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_wechat_share_positive")]

    def __str__(self) -> str:
        return f"{self.receiver} {self.amount}"


@machine("state", terminal={ShareState.FINISHED, ShareState.FAILED})
class ShareReturn(_Numbered):
    """A share that comes back from a merchant who received it. ``amount`` in yuan."""

    line = models.ForeignKey(
        ShareLine, on_delete=models.PROTECT, related_name="returns", verbose_name=_("分账明细")
    )
    amount = models.DecimalField(_("回退金额"), max_digits=12, decimal_places=2)
    description = models.CharField(_("说明"), max_length=80)

    class Meta:
        verbose_name = _("分账回退单")
        verbose_name_plural = _("分账回退单")
        ordering = ("-pk",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_wechat_return_positive")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="o2o_wechat_return_due",
                condition=Q(state__in=["requested", "processing"]),
            )
        ]

    def __str__(self) -> str:
        return self.number
