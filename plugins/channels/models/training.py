"""Courses that an owner must pass before the trial, and the examinations."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today

from ..types import ChannelType
from .channel import Channel


class Course(models.Model):
    """A course with a pass mark; required for the kinds of channel in `required_for`."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("课程名称"), max_length=80)
    pass_mark = models.PositiveSmallIntegerField(_("及格分"), default=80, validators=[MaxValueValidator(100)])
    required_for = ArrayField(
        models.CharField(max_length=16, choices=ChannelType.choices), verbose_name=_("哪些渠道必修"),
        default=list, blank=True,
    )  # fmt: skip
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("培训课程")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Exam(models.Model):
    """One try of a channel's owner at a course; `passed` is fixed with the pass mark of that day."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="exams", verbose_name=_("渠道"))
    course = models.ForeignKey(Course, models.PROTECT, related_name="exams", verbose_name=_("课程"))
    taken_on = models.DateField(_("考试日期"), default=today)
    score = models.PositiveSmallIntegerField(_("得分"), validators=[MaxValueValidator(100)])
    passed = models.BooleanField(_("合格"), editable=False)
    examiner = models.CharField(_("登记人"), max_length=120, editable=False)
    created_at = models.DateTimeField(_("登记时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("培训考试")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("channel", "course"), name="o2o_channel_exam"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(score__lte=100), name="o2o_channel_exam_score"),
        )

    def __str__(self) -> str:
        return f"{self.course.name} {self.score}"
