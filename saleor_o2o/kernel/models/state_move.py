"""One logged move of a state machine."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..clock import now


class StateMove(models.Model):
    """One move of a state machine: what, from where to where, by whom and why. Written by `states.move`.

    The subject is a pair of strings, so the history outlives the row and needs no content type.
    """

    subject_type = models.CharField(_("对象类型"), max_length=100)
    subject_id = models.CharField(_("对象编号"), max_length=64)
    field = models.CharField(_("状态字段"), max_length=64)
    transition = models.CharField(_("动作"), max_length=64)
    source = models.CharField(_("原状态"), max_length=64)
    target = models.CharField(_("新状态"), max_length=64)
    actor = models.CharField(_("操作者"), max_length=120)
    reason = models.CharField(_("原因"), max_length=500, blank=True)
    request_id = models.CharField(_("请求号"), max_length=64, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = _("状态变更")
        verbose_name_plural = _("状态变更")
        ordering = ("pk",)
        indexes = (models.Index(fields=("subject_type", "subject_id"), name="o2o_move_subject"),)

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.source} → {self.target}"
