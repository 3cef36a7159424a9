"""Routes as data: who decides a matter up to which amount, from a day on."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.clock import now, today


class ApprovalRoute(models.Model):
    """The table of one matter from a day on. In force: the one with the latest day that has come."""

    matter = models.CharField(_("事项"), max_length=60)
    valid_from = models.DateField(_("生效日期"), default=today)
    skip_own_level = models.BooleanField(
        _("跳过提交人本级及以下的步骤"), default=False, help_text=_("最后一步总由他人审批")
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    made_by = models.CharField(_("制定人"), max_length=120, editable=False)
    created_at = models.DateTimeField(_("制定时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("审批路线")
        ordering = ("matter", "-valid_from")
        constraints = (
            models.UniqueConstraint(fields=("matter", "valid_from"), name="o2o_approvals_route_once"),
        )

    def __str__(self) -> str:
        return f"{self.matter} {self.valid_from}"


class RouteLine(models.Model):
    """One step for amounts up to `max_amount` (yuan, inclusive); lines of one amount make one route."""

    route = models.ForeignKey(ApprovalRoute, models.CASCADE, related_name="lines", verbose_name=_("审批路线"))
    max_amount = models.DecimalField(
        _("金额不超过（元）"), max_digits=12, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)], help_text=_("空：不限"),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("步骤"), default=1)
    level = models.PositiveSmallIntegerField(_("审批级别"), choices=Level.choices)
    permission = models.CharField(_("所需权限"), max_length=80, blank=True, help_text=_("空：同事项"))
    hours = models.PositiveSmallIntegerField(
        _("时限（小时）"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)], help_text=_("超过后升级到上一级；空：不限"),
    )  # fmt: skip
    or_above = models.BooleanField(_("上级也可审批"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审批步骤")
        ordering = ("route", models.F("max_amount").asc(nulls_last=True), "position")
        constraints = (
            models.UniqueConstraint(
                fields=("route", "max_amount", "position"),
                nulls_distinct=False,
                name="o2o_approvals_line_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.get_level_display()}"
