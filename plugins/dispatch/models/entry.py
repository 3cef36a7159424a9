"""What happened to a task: append-only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import Deed, Reason, Stage, State


class DispatchEntry(models.Model):
    """One thing that happened: who, when, from which unit and hands to which. A trigger refuses changes.

    `late_unit`: whose clock had run out, which need not be who has the task.

    The order may be gone: the entry stays. Written by `noting.tell`.
    """

    task = models.ForeignKey(
        "o2o_dispatch.DispatchTask", models.DO_NOTHING, db_constraint=False, related_name="entries",
        verbose_name=_("派单任务"),
    )  # fmt: skip
    deed = models.CharField(_("事项"), max_length=12, choices=Deed.choices)
    text = models.CharField(_("说明"), max_length=500)
    reason = models.CharField(_("原因"), max_length=12, choices=Reason.choices, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices)
    stage = models.CharField(_("处理级别"), max_length=8, choices=Stage.choices)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    from_unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("原机构"),
    )  # fmt: skip
    late_unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("超时责任机构"),
    )  # fmt: skip
    holder = models.ForeignKey(
        "account.User", models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="+",
        verbose_name=_("承办人"),
    )  # fmt: skip
    actor = models.CharField(_("操作者"), max_length=120)
    request_id = models.CharField(_("请求号"), max_length=64, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("派单记录")
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["task", "id"], name="o2o_dp_entry_task"),
            models.Index(fields=["unit", "at"], name="o2o_dp_entry_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.get_deed_display()}"
