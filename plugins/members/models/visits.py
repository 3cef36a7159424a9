"""Where members were served."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .members import Member


class MemberVisit(models.Model):
    """A unit served a member whom it does not own: since then its people see the member."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="visits", verbose_name=_("会员"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("服务机构")
    )
    last_at = models.DateTimeField(_("最近服务"), default=now)
    last_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("服务过的机构")
        constraints = (models.UniqueConstraint(fields=("member", "unit"), name="o2o_members_visit_once"),)

    def __str__(self) -> str:
        return f"{self.member_id}@{self.unit_id}"
