"""Tags that WeChat keeps of an account's followers, and who bears which."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .accounts import Account
from .fans import Fan


class Tag(models.Model):
    """A tag as WeChat knows it: changed there first, then read back. `people` is WeChat's own count."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="tags", verbose_name=_("公众号")
    )
    remote_id = models.PositiveIntegerField(_("微信编号"))
    name = models.CharField(_("名称"), max_length=60)
    people = models.PositiveIntegerField(_("人数（微信统计）"), default=0)
    synced_at = models.DateTimeField(_("同步时间"), default=now)

    class Meta:
        verbose_name = _("粉丝标签")
        verbose_name_plural = _("粉丝标签")
        ordering = ("account", "remote_id")
        constraints = [models.UniqueConstraint(fields=["account", "remote_id"], name="o2o_oa_tag_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_systems(self) -> bool:
        """WeChat's own tags (0, 1, 2) can be neither renamed nor deleted."""
        return self.remote_id <= 2


class FanTagState(models.TextChoices):
    """How far it is at WeChat."""

    PUTTING = "putting", _("添加中")
    ON = "on", _("已添加")
    TAKING = "taking", _("去掉中")
    REFUSED = "refused", _("没有添加")


class FanTag(models.Model):
    """A tag on a follower. Put on and taken off by a task, fifty followers a call."""

    fan = models.ForeignKey(Fan, on_delete=models.CASCADE, related_name="tags", verbose_name=_("粉丝"))
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="fans", verbose_name=_("标签"))
    state = models.CharField(_("状态"), max_length=8, choices=FanTagState.choices, default=FanTagState.ON)
    result = models.CharField(_("结果"), max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("粉丝的标签")
        verbose_name_plural = _("粉丝的标签")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["fan", "tag"], name="o2o_oa_fan_tag_once")]
        indexes = [
            models.Index(
                fields=["tag"], condition=Q(state__in=("putting", "taking")), name="o2o_oa_fan_tag_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.fan_id}"
