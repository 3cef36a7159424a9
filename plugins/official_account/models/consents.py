"""What somebody has agreed to be told: how many messages of a subscribe template may still be sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .fans import Fan


class Consent(models.Model):
    """A follower and a subscribe template: each 允许 in WeChat's window is one message, 拒收 in its settings none.

    `given` and `used` count for good; `left` is what may be sent now.
    """

    fan = models.ForeignKey(Fan, on_delete=models.CASCADE, related_name="consents", verbose_name=_("粉丝"))
    template_id = models.CharField(_("模板 ID"), max_length=64)
    left = models.PositiveIntegerField(_("还可发送"), default=0)
    given = models.PositiveIntegerField(_("同意次数"), default=0)
    used = models.PositiveIntegerField(_("已发送"), default=0)
    refused_at = models.DateTimeField(_("拒收时间"), null=True, blank=True)
    changed_at = models.DateTimeField(_("最近变化"), default=now)

    class Meta:
        verbose_name = _("订阅授权")
        verbose_name_plural = _("订阅授权")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["fan", "template_id"], name="o2o_oa_consent_once")]

    def __str__(self) -> str:
        return f"{self.template_id} {self.left}"
