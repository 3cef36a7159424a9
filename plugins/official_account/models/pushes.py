"""What WeChat has sent: kept as it came, encrypted, answered once, acted upon once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from .accounts import Account
from .fans import Fan


class PushState(models.TextChoices):
    """What has become of it."""

    RECEIVED = "received", _("已接收")
    DONE = "done", _("已处理")
    REFUSED = "refused", _("未通过验证")
    DEAD = "dead", _("处理失败")


class Push(models.Model):
    """A message or event. `key` tells repetitions: MsgId, or for events sender, time and event; refused ones have none.

    `body` is what came, `answer` what was answered in the same breath; both are personal data and encrypted.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="pushes", verbose_name=_("公众号")
    )
    key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 - NULL is "no repetition"
    kind = models.CharField(_("类型"), max_length=32, blank=True)
    event = models.CharField(_("事件"), max_length=40, blank=True)
    body = EncryptedTextField(_("原文"))
    answer = EncryptedTextField(_("应答"), blank=True)
    answered_by = models.ForeignKey(
        "o2o_official_account.Reply", on_delete=models.SET_NULL, null=True, blank=True, related_name="pushes",
        verbose_name=_("命中规则"),
    )  # fmt: skip
    fan = models.ForeignKey(
        Fan, on_delete=models.SET_NULL, null=True, blank=True, related_name="pushes", verbose_name=_("粉丝")
    )
    state = models.CharField(_("状态"), max_length=12, choices=PushState.choices, default=PushState.RECEIVED)
    times_seen = models.PositiveIntegerField(_("收到次数"), default=1)
    attempts = models.PositiveSmallIntegerField(_("处理次数"), default=0)
    last_error = models.CharField(_("最近错误"), max_length=64, blank=True)
    next_at = models.DateTimeField(_("下次处理"), null=True, blank=True)
    received_at = models.DateTimeField(_("收到时间"), default=now)
    done_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("收到的消息")
        verbose_name_plural = _("收到的消息")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="o2o_oa_push_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="received"), name="o2o_oa_push_due"),
            models.Index(fields=["account", "-received_at"], name="o2o_oa_push_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}".strip()
