"""Merchant accounts (商户号) and their keys. Several keys of a kind may be in force: which one counts is told by its
serial."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import machine


class AccountState(models.TextChoices):
    """Whether an account takes money."""

    ACTIVE = "active", _("使用中")
    RETIRED = "retired", _("已停用")


@machine("state", terminal=set())
class MerchantAccount(models.Model):
    """A merchant number at WeChat Pay: whose money it takes, and how it is spoken to.

    A retired one takes no new payment; what was begun with it is still asked for, closed, refunded and billed.
    """

    code = models.SlugField(_("账户代码"), max_length=64, unique=True)
    name = models.CharField(_("账户名称"), max_length=60)
    mchid = models.CharField(_("商户号"), max_length=32)
    appid = models.CharField(_("AppID（公众号）"), max_length=32)
    mini_appid = models.CharField(_("AppID（小程序）"), max_length=32, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("所属机构"),
    )  # fmt: skip
    seller = models.CharField(
        _("商家代码"), max_length=64, blank=True, help_text=_("只收这个商家的货款时填写")
    )
    is_default = models.BooleanField(_("默认账户"), default=False)
    shares = models.BooleanField(_("支持分账"), default=False)
    base_url = models.CharField(_("接口地址"), max_length=200)
    notify_url = models.CharField(_("通知地址"), max_length=255, blank=True)
    state = FSMField(_("状态"), choices=AccountState.choices, default=AccountState.ACTIVE, protected=True)
    valid_from = models.DateTimeField(_("启用时间"), default=now)
    valid_to = models.DateTimeField(_("停用时间"), null=True, blank=True)
    tested_at = models.DateTimeField(_("最近测试"), null=True, blank=True)
    test_result = models.CharField(_("测试结果"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("微信商户号")
        verbose_name_plural = _("微信商户号")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="o2o_wechat_one_default"
            ),
            models.UniqueConstraint(
                fields=["seller"],
                condition=Q(state="active") & ~Q(seller=""),
                name="o2o_wechat_one_per_seller",
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(state="active", seller="") & Q(unit__isnull=False),
                name="o2o_wechat_one_per_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.mchid}）"

    @transition("state", AccountState.ACTIVE, AccountState.RETIRED, custom={"label": _("停用")})
    def retire(self) -> None:
        """No new payments from now on."""
        self.valid_to = now()
        self.is_default = False

    @transition("state", AccountState.RETIRED, AccountState.ACTIVE, custom={"label": _("恢复使用")})
    def revive(self) -> None:
        """It takes payments again."""
        self.valid_to = None


class KeyKind(models.TextChoices):
    """What a key is for."""

    API_CERTIFICATE = "api_certificate", _("商户 API 证书私钥")
    APIV3 = "apiv3", _("APIv3 密钥")
    PUBLIC_KEY = "public_key", _("微信支付公钥")
    PLATFORM_CERTIFICATE = "platform_certificate", _("微信支付平台证书")


class AccountKey(models.Model):
    """A key of an account, in force from `valid_from` until `valid_to`; the newest of a kind is used for what we send.

    ``value``: PEM, or the APIv3 key. It is written once and shown to nobody.
    """

    account = models.ForeignKey(
        MerchantAccount, on_delete=models.PROTECT, related_name="keys", verbose_name=_("微信商户号")
    )
    kind = models.CharField(_("种类"), max_length=24, choices=KeyKind.choices)
    serial = models.CharField(_("序列号 / 公钥ID"), max_length=80, blank=True)
    value = EncryptedTextField(_("内容"))
    fingerprint = models.CharField(_("指纹"), max_length=16)
    valid_from = models.DateTimeField(_("生效时间"), default=now)
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("录入时间"), default=now)

    class Meta:
        verbose_name = _("微信商户密钥")
        verbose_name_plural = _("微信商户密钥")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "fingerprint"], name="o2o_wechat_key_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.serial or self.fingerprint}"

    def in_force(self, moment: datetime) -> bool:
        """True when the key counts at this moment."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)
