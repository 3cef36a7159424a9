"""Figures by day: what menus were tapped, and an account's day by our books beside WeChat's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .accounts import Account


class ClickDay(models.Model):
    """Taps of one button on one day. `target`: the KEY that a button sends, or the address that it opens.

    `digest` tells targets apart (SHA-256, 32 characters): an address may be longer than an index takes.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="click_days", verbose_name=_("公众号")
    )
    day = models.DateField(_("日期"))
    event = models.CharField(_("类型"), max_length=32)
    digest = models.CharField(max_length=32, editable=False)
    target = models.CharField(_("按钮"), max_length=1024)
    clicks = models.PositiveIntegerField(_("点击次数"), default=0)

    class Meta:
        verbose_name = _("菜单点击")
        verbose_name_plural = _("菜单点击")
        ordering = ("-day", "-clicks")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "event", "digest"], name="o2o_oa_click_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.target}"


class AccountDay(models.Model):
    """An account's day: new and lost followers and how many there were at its end, ours and WeChat's; messages.

    WeChat's are None until it has reckoned them (the next morning).
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="days", verbose_name=_("公众号")
    )
    day = models.DateField(_("日期"))
    new = models.PositiveIntegerField(_("新关注"), default=0)
    gone = models.PositiveIntegerField(_("取消关注"), default=0)
    total = models.PositiveIntegerField(_("关注人数"), default=0)
    messages = models.PositiveIntegerField(_("收到消息"), default=0)
    answered = models.PositiveIntegerField(_("自动回复"), default=0)
    written = models.PositiveIntegerField(_("人工回复"), default=0)
    wechat_new = models.PositiveIntegerField(_("新关注（微信）"), null=True, blank=True)
    wechat_gone = models.PositiveIntegerField(_("取消关注（微信）"), null=True, blank=True)
    wechat_total = models.PositiveIntegerField(_("关注人数（微信）"), null=True, blank=True)

    class Meta:
        verbose_name = _("公众号每日数据")
        verbose_name_plural = _("公众号每日数据")
        ordering = ("-day", "account")
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="o2o_oa_account_day_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.day}"

    @property
    def differs(self) -> int | None:
        """Followers by WeChat's count beyond ours; None while it has not told."""
        return None if self.wechat_total is None else self.wechat_total - self.total
