"""Codes with a scene: which counter, shop or campaign somebody came by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .accounts import Account


class SceneState(models.TextChoices):
    """Whether the code counts."""

    MAKING = "making", _("生成中")
    ACTIVE = "active", _("使用中")
    FAILED = "failed", _("生成失败")
    ENDED = "ended", _("已停用")


class SceneCode(models.Model):
    """A QR code of an account. `scene` comes back with each scan; `channel` is whose customer somebody may become.

    `unit` is whose code it is: the outlet's, the branch's of a shop owner, whoever runs a campaign.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="codes", verbose_name=_("公众号")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("所属机构")
    )
    channel = models.ForeignKey(
        "o2o_channels.Channel", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("渠道或微店"),
    )  # fmt: skip
    name = models.CharField(_("名称"), max_length=60)
    campaign = models.CharField(_("活动"), max_length=40, blank=True)
    scene = models.CharField(_("场景值"), max_length=64, editable=False)
    is_permanent = models.BooleanField(_("永久"), default=True)
    welcome = models.CharField(_("欢迎语"), max_length=300, blank=True)
    ticket = models.CharField(max_length=200, blank=True, editable=False)
    url = models.CharField(_("二维码内容"), max_length=200, blank=True, editable=False)
    expires_at = models.DateTimeField(_("有效期至"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=SceneState.choices, default=SceneState.MAKING)
    result = models.CharField(_("结果"), max_length=200, blank=True)
    scans = models.PositiveIntegerField(_("扫码次数"), default=0)
    follows = models.PositiveIntegerField(_("新关注"), default=0)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("公众号二维码")
        verbose_name_plural = _("公众号二维码")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["account", "scene"], name="o2o_oa_scene_once"),
            models.UniqueConstraint(
                fields=["account", "channel"],
                condition=Q(campaign="", is_permanent=True, channel__isnull=False) & ~Q(state="ended"),
                name="o2o_oa_scene_one_a_channel",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SceneDay(models.Model):
    """What happened by a code on one day: a row of figures, so that a chart needs no history of people."""

    code = models.ForeignKey(
        SceneCode, on_delete=models.CASCADE, related_name="days", verbose_name=_("二维码")
    )
    day = models.DateField(_("日期"))
    scans = models.PositiveIntegerField(_("扫码次数"), default=0)
    follows = models.PositiveIntegerField(_("新关注"), default=0)

    class Meta:
        verbose_name = _("二维码每日数据")
        verbose_name_plural = _("二维码每日数据")
        ordering = ("-day",)
        constraints = [models.UniqueConstraint(fields=["code", "day"], name="o2o_oa_scene_day_once")]

    def __str__(self) -> str:
        return f"{self.code_id} {self.day}"
