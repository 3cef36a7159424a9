"""Who is meant: conditions that are kept under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import Match


class Segment(models.Model):
    """Conditions on members, never members: whoever uses it finds those of his own reach who meet them now.

    `conditions`: by the names of `conditions.CONDITIONS`, values as that module writes them.
    """

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("所属机构")
    )
    name = models.CharField(_("名称"), max_length=40)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    match = models.CharField(_("条件关系"), max_length=4, choices=Match.choices, default=Match.ALL)
    conditions = models.JSONField(_("条件"), default=dict)
    is_active = models.BooleanField(_("启用"), default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("建立人"),
    )
    made_at = models.DateTimeField(_("建立时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员分群")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("unit", "name"), name="o2o_member_ops_segment_once"),)

    def __str__(self) -> str:
        return self.name
