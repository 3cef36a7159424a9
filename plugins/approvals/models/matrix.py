"""The responsibility matrix: who does, who approves, who sees which matter at which level (§2.1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level


class Duty(models.TextChoices):
    """What a level has to do with a matter."""

    NONE = "", _("—")
    DOES = "R", _("R 负责办理")
    APPROVES = "A", _("A 审批")
    BOTH = "RA", _("R/A 办理并审批")
    SEES = "V", _("V 查看本级及以下")


class MatrixMatter(models.Model):
    """A row of the matrix."""

    code = models.CharField(_("代码"), max_length=60, unique=True)
    title = models.CharField(_("事项"), max_length=100)
    position = models.PositiveSmallIntegerField(_("顺序"), default=0)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("职责矩阵")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.title


class MatrixDuty(models.Model):
    """A cell of the matrix: a matter at a level."""

    matter = models.ForeignKey(MatrixMatter, models.CASCADE, related_name="duties", verbose_name=_("事项"))
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level.choices)
    duty = models.CharField(_("职责"), max_length=2, choices=Duty.choices, blank=True)
    text = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("职责")
        ordering = ("matter", "level")
        constraints = (models.UniqueConstraint(fields=("matter", "level"), name="o2o_approvals_duty_once"),)

    def __str__(self) -> str:
        return self.get_level_display()

    @property
    def does(self) -> bool:
        """True when the level does the work, so may submit it."""
        return Duty.DOES.value in self.duty

    @property
    def approves(self) -> bool:
        """True when the level approves."""
        return Duty.APPROVES.value in self.duty
