"""One line of the audit trail."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..clock import now


class AuditEntry(models.Model):
    """Who did what to which row. Append-only: a trigger in the database refuses to change or delete one."""

    action = models.CharField(_("操作"), max_length=100)
    actor = models.CharField(_("操作者"), max_length=120)
    subject_type = models.CharField(_("对象类型"), max_length=100, blank=True)
    subject_id = models.CharField(_("对象编号"), max_length=64, blank=True)
    before = models.JSONField(_("变更前"), default=dict, blank=True)
    after = models.JSONField(_("变更后"), default=dict, blank=True)
    request_id = models.CharField(_("请求号"), max_length=64, blank=True)
    ip = models.GenericIPAddressField(_("来源地址"), null=True, blank=True)
    # NULL means "belongs to no organisation", which an empty path (the root) does not.
    org_path = models.TextField(_("机构路径"), null=True, blank=True)  # noqa: DJ001
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = _("审计记录")
        verbose_name_plural = _("审计记录")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("subject_type", "subject_id"), name="o2o_audit_subject"),
            models.Index(fields=("action", "at"), name="o2o_audit_action_at"),
            models.Index(fields=("actor", "at"), name="o2o_audit_actor_at"),
        )

    def __str__(self) -> str:
        # what it is called, and the number that exports name
        from ..audit import action_label

        return f"{action_label(self.action)} #{self.pk}"
