"""Official accounts: whose they are, how they are spoken to, and their secrets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import machine


class AccountType(models.TextChoices):
    """What WeChat allows it to do."""

    SERVICE = "service", _("服务号")
    SUBSCRIPTION = "subscription", _("订阅号")
    TEST = "test", _("测试号")


class AccountState(models.TextChoices):
    """Whether the account is in use."""

    ACTIVE = "active", _("使用中")
    RETIRED = "retired", _("已停用")


class PushMode(models.TextChoices):
    """How WeChat sends what people do: as set in its console."""

    PLAIN = "plain", _("明文模式")
    BOTH = "both", _("兼容模式")
    AES = "aes", _("安全模式")


@machine("state", terminal=set())
class Account(models.Model):
    """One official account. Its secrets are written, never read on a page; pushes come to an address of its own."""

    code = models.SlugField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    type = models.CharField(
        _("类型"), max_length=16, choices=AccountType.choices, default=AccountType.SERVICE
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("所属机构")
    )
    appid = models.CharField(_("AppID"), max_length=32, unique=True)
    original_id = models.CharField(_("原始 ID"), max_length=32, blank=True)
    base_url = models.CharField(_("接口地址"), max_length=200)
    push_mode = models.CharField(
        _("消息加解密方式"), max_length=8, choices=PushMode.choices, default=PushMode.AES
    )
    secret = EncryptedTextField(_("AppSecret"))
    token = EncryptedTextField(_("Token"))
    aes_key = EncryptedTextField(_("EncodingAESKey"), blank=True)
    state = FSMField(_("状态"), choices=AccountState.choices, default=AccountState.ACTIVE, protected=True)
    tested_at = models.DateTimeField(_("最近测试"), null=True, blank=True)
    test_result = models.CharField(_("测试结果"), max_length=120, blank=True)
    daily_quota = models.PositiveIntegerField(
        _("每天最多发送模板消息"), default=10_000, help_text=_("微信给服务号的额度见微信公众平台")
    )
    quota_day = models.DateField(null=True, blank=True, editable=False)
    quota_used = models.PositiveIntegerField(_("今天已发送"), default=0, editable=False)
    seen_at = models.DateTimeField(_("最近收到推送"), null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("公众号")
        verbose_name_plural = _("公众号")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """True while it answers and sends."""
        return bool(self.state == AccountState.ACTIVE)

    @transition("state", AccountState.ACTIVE, AccountState.RETIRED, custom={"label": _("停用")})
    def retire(self) -> None:
        """It answers nobody from now on; what it knows stays."""

    @transition("state", AccountState.RETIRED, AccountState.ACTIVE, custom={"label": _("恢复使用")})
    def revive(self) -> None:
        """It answers again."""
