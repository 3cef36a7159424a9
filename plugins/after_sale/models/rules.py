"""How long the clocks run, and up to which sum silence is a yes."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.ordering.interfaces import BusinessLine

from ..choices import Clock


class ClockRule(models.Model):
    """Of the rules in force the one for the business line counts before the one for all; then the latest.

    `auto_limit` (yuan): silence of the seller agrees up to this sum; above it, people of the levels above are asked.
    A clock that runs is not moved by a later rule.
    """

    clock = models.CharField(_("计时"), max_length=12, choices=Clock.choices)
    line = models.CharField(
        _("业务线"), max_length=16, choices=BusinessLine.choices, blank=True, help_text=_("留空为全部业务线")
    )
    minutes = models.PositiveIntegerField(_("时长（分钟）"), validators=[MinValueValidator(1)])
    auto_limit = models.DecimalField(
        _("超时自动同意上限（元）"),
        max_digits=12,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    valid_from = models.DateTimeField(_("生效时间"))
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("售后计时规则")
        ordering = ("clock", "line", "-valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gt=0, auto_limit__gte=0), name="o2o_as_clock_positive"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_as_clock_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} {self.get_line_display() or _('全部业务线')}"
