"""Reading the whole list of an account's followers: a job that goes on where it was interrupted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import machine

from .accounts import Account


class CrawlState(models.TextChoices):
    """How far it is."""

    RUNNING = "running", _("同步中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("失败")


C = CrawlState


@machine("state", terminal={C.DONE})
class Crawl(models.Model):
    """One reading. `cursor` is the openid after which the next page begins; `seen`, `added`, `gone` count people."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="crawls", verbose_name=_("公众号")
    )
    state = FSMField(_("状态"), choices=C.choices, default=C.RUNNING, protected=True)
    cursor = EncryptedTextField(blank=True)
    total = models.PositiveIntegerField(_("微信粉丝数"), default=0)
    seen = models.PositiveIntegerField(_("已读取"), default=0)
    added = models.PositiveIntegerField(_("新增"), default=0)
    gone = models.PositiveIntegerField(_("已取消关注"), default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(_("结果"), max_length=160, blank=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("发起人"),
    )  # fmt: skip
    begun_at = models.DateTimeField(_("开始时间"), default=now)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("粉丝同步")
        verbose_name_plural = _("粉丝同步")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="running"), name="o2o_oa_crawl_one_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.begun_at:%Y-%m-%d %H:%M}"

    @transition("state", C.RUNNING, C.DONE, custom={"label": _("已完成")})
    def finish(self, gone: int) -> None:
        """The list has ended."""
        self.gone, self.ended_at, self.next_at, self.cursor, self.result = gone, now(), None, "", ""

    @transition("state", C.RUNNING, C.FAILED, custom={"label": _("失败")})
    def fail(self, words: str) -> None:
        """WeChat has said no, or nothing for long."""
        self.result, self.ended_at, self.next_at = words[:160], now(), None

    @transition("state", C.FAILED, C.RUNNING, custom={"label": _("继续")})
    def resume(self) -> None:
        """From the page at which it stopped."""
        self.result, self.attempts, self.ended_at, self.next_at = "", 0, None, now()
