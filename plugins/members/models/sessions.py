"""Where members are logged in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import EndedWhy, Way
from .members import Member


class MemberSession(models.Model):
    """One login. Tokens name its `key`, and end when it does.

    `device_index` is a keyed digest of what the client calls itself; `device` is what a person calls it.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="sessions", verbose_name=_("会员"))
    key = models.CharField(max_length=32, unique=True, editable=False)
    way = models.CharField(_("方式"), max_length=8, choices=Way.choices)
    device = models.CharField(_("设备"), max_length=200, blank=True)
    device_index = models.CharField(max_length=64, blank=True, editable=False)
    ip = models.GenericIPAddressField(_("来源地址"), null=True, blank=True)
    started_at = models.DateTimeField(_("登录时间"), default=now)
    seen_at = models.DateTimeField(_("最近使用"), default=now)
    ended_at = models.DateTimeField(_("退出时间"), null=True, blank=True)
    ended_why = models.CharField(_("退出原因"), max_length=12, choices=EndedWhy.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员登录")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("member", "-seen_at"),
                condition=Q(ended_at__isnull=True),
                name="o2o_members_session_live",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
