"""How long each level has."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.ordering.interfaces import BusinessLine

from ..choices import Clock

#: The longest that a clock may run: a month.
MOST_MINUTES = 31 * 24 * 60


class ClockRule(models.Model):
    """Of the rules in force the one for the business line counts before the one for all; then the latest.

    `in_hours`: only minutes count in which the unit is open, where its hours are known. A clock that runs is not moved
    by a later rule.
    """

    clock = models.CharField(_("计时（级别）"), max_length=12, choices=Clock.choices)
    line = models.CharField(
        _("业务线"), max_length=16, choices=BusinessLine.choices, blank=True, help_text=_("留空：全部业务线")
    )
    minutes = models.PositiveIntegerField(
        _("时长（分钟）"), validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    in_hours = models.BooleanField(_("只计营业时间"), default=True)
    valid_from = models.DateTimeField(_("生效时间"))
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("派单时限规则")
        ordering = ("clock", "line", "-valid_from")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="o2o_dp_clock_positive"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="o2o_dp_clock_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} {self.get_line_display() or _('全部业务线')}"

    def clean(self) -> None:
        """Also where the beginning is not in the form: Django leaves the constraint to the database then."""
        if self.valid_to is not None and self.valid_from is not None and self.valid_to <= self.valid_from:
            raise ValidationError({"valid_to": _("失效时间须晚于生效时间")})
