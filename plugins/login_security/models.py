"""Rows of login security: a state per staff login, recovery codes, counted failures, and the login history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Staff
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField


class LoginState(models.Model):
    """What counts for all logins of one user.

    `epoch` rises with "log out everywhere": sessions and tokens of an earlier one are refused. `secret` (base32,
    encrypted) is the authenticator's; it counts from `confirmed_at` on, when the first code was right. `last_step` is
    the time step (30 s) of the last code taken: the same or an earlier one is refused. `failures` counts wrong codes
    since `failures_since`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="o2o_login",
        verbose_name=_("账号"),
    )
    epoch = models.PositiveIntegerField(_("登录批次"), default=0)
    secret = EncryptedTextField(_("验证器密钥"), blank=True)
    confirmed_at = models.DateTimeField(_("二次验证启用时间"), null=True, blank=True)
    last_step = models.BigIntegerField(_("最近时间步"), default=-1)
    failures = models.PositiveSmallIntegerField(_("验证码错误次数"), default=0)
    failures_since = models.DateTimeField(_("错误自"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登录状态")

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """A code for whoever lost the telephone: kept as a keyed digest, good for one time."""

    state = models.ForeignKey(
        LoginState, models.CASCADE, related_name="recovery_codes", verbose_name=_("账号")
    )
    digest = models.CharField(_("摘要"), max_length=64)
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("恢复码")
        constraints = (models.UniqueConstraint(fields=("state", "digest"), name="o2o_login_recovery_once"),)

    def __str__(self) -> str:
        return str(self.pk)


class LoginThrottle(models.Model):
    """Attempts to log in as one account name or from one address, since a moment. Keys are digests."""

    key = models.CharField(max_length=66, unique=True)
    attempts = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登录限次")

    def __str__(self) -> str:
        return self.key[:10]


class Way(models.TextChoices):
    """Through which door."""

    ADMIN = "admin", _("管理后台")
    API = "api", _("接口")


class Outcome(models.TextChoices):
    """How an attempt ended."""

    SUCCESS = "success", _("成功")
    FAILED = "failed", _("邮箱或密码不正确")
    LOCKED = "locked", _("已锁定")
    CODE_REQUIRED = "code_required", _("需要二次验证")
    CODE_OK = "code_ok", _("二次验证通过")
    CODE_WRONG = "code_wrong", _("验证码不正确")


class LoginRecord(models.Model):
    """One attempt to log in as somebody of the staff."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="o2o_login_records", verbose_name=_("账号")
    )
    at = models.DateTimeField(_("时间"), default=now)
    way = models.CharField(_("方式"), max_length=8, choices=Way.choices)
    outcome = models.CharField(_("结果"), max_length=16, choices=Outcome.choices)
    ip = models.GenericIPAddressField(_("来源地址"), null=True, blank=True)
    device = models.CharField(_("设备"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登录记录")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("user", "-id"), name="o2o_login_record_user"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.outcome}"


class StaffLogin(Staff):
    """The staff as seen from their logins."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("登录安全")
        ordering = ("employee_no",)
