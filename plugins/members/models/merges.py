"""Two members who turned out to be one person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .members import Member


class MemberMerge(models.Model):
    """One merge, never undone: who was merged into whom, by whom, why, and how many rows of what moved."""

    kept = models.ForeignKey(Member, models.PROTECT, related_name="merges", verbose_name=_("保留的会员"))
    absorbed = models.OneToOneField(
        Member, models.PROTECT, related_name="merged_by", verbose_name=_("并入的会员")
    )
    moved = models.JSONField(_("转移"), default=dict)
    reason = models.CharField(_("事由"), max_length=200)
    actor = models.CharField(_("经办"), max_length=80)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("经办机构"),
    )  # fmt: skip
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员合并")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="o2o_members_merge_of_two"),
        )

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id}"
