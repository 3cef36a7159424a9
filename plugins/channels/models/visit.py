"""Visits to a channel: planned, done, and what was found."""

from __future__ import annotations

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today

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


class VisitState(models.TextChoices):
    """How far a visit is; a plan whose day is over is late."""

    PLANNED = "planned", _("待拜访")
    LATE = "late", _("已逾期")
    DONE = "done", _("已完成")
    CANCELLED = "cancelled", _("已取消")


#: Plans that somebody still has to fulfil.
OPEN_PLAN = models.Q(done_at__isnull=True, cancelled_at__isnull=True)


def in_state(state: str) -> models.Q:
    """The visits in a state today."""
    return {
        VisitState.PLANNED: OPEN_PLAN & ~models.Q(planned_on__lt=today()),
        VisitState.LATE: OPEN_PLAN & models.Q(planned_on__lt=today()),
        VisitState.DONE: models.Q(done_at__isnull=False),
        VisitState.CANCELLED: models.Q(cancelled_at__isnull=False),
    }[VisitState(state)]


class Visit(models.Model):
    """A visit: without `done_at` it is a plan, which is open until it is made or called off with a reason."""

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
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    cancelled_by = models.CharField(_("取消人"), max_length=64, blank=True)
    cancel_reason = models.CharField(_("取消原因"), max_length=200, blank=True)
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
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True)
                | (models.Q(done_at__isnull=True) & ~models.Q(cancel_reason="") & ~models.Q(cancelled_by="")),
                name="o2o_channel_visit_cancelled_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.planned_on or f'{localtime(self.done_at):%Y-%m-%d}'}"

    @property
    def state(self) -> VisitState:
        """How far it is today."""
        if self.done_at is not None:
            return VisitState.DONE
        if self.cancelled_at is not None:
            return VisitState.CANCELLED
        return VisitState.LATE if self.days_late else VisitState.PLANNED

    @property
    def days_late(self) -> int:
        """Days since the day of an open plan; 0 for everything else."""
        if self.done_at is not None or self.cancelled_at is not None or self.planned_on is None:
            return 0
        return max((today() - self.planned_on).days, 0)
