"""Visits to a channel: planned, done, and what was found."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .channel import Channel


class VisitKind(models.TextChoices):
    """Why somebody goes there."""

    OPENING = "opening", _("开店走访")
    ROUTINE = "routine", _("日常拜访")
    PROBLEM = "problem", _("问题跟进")


class VisitResult(models.TextChoices):
    """What came of it."""

    RECOMMEND = "recommend", _("建议通过")
    REJECT = "reject", _("不建议通过")
    GOOD = "good", _("正常")
    TROUBLE = "trouble", _("有问题")


class Visit(models.Model):
    """A visit: without `done_at` it is a plan."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="visits", verbose_name=_("渠道"))
    kind = models.CharField(_("类型"), max_length=12, choices=VisitKind.choices, default=VisitKind.ROUTINE)
    planned_on = models.DateField(_("计划日期"), null=True, blank=True)
    visitor = models.ForeignKey(
        "o2o_org_hierarchy.Staff", models.PROTECT, null=True, blank=True, related_name="channel_visits",
        verbose_name=_("拜访人"),
    )  # fmt: skip
    done_at = models.DateTimeField(_("拜访时间"), null=True, blank=True)
    result = models.CharField(_("结论"), max_length=12, choices=VisitResult.choices, blank=True)
    findings = models.CharField(_("情况记录"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道拜访")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("channel", "-done_at"), name="o2o_channel_visit"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True)
                | (~models.Q(result="") & ~models.Q(findings="") & models.Q(visitor__isnull=False)),
                name="o2o_channel_visit_says_what",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.planned_on or self.done_at}"
