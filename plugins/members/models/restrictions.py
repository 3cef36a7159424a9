"""The blacklist: what a member may not do, why, by whose word, until when, and by whose word no longer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..kinds import Barred
from .members import Member


class Restriction(models.Model):
    """What one member may not do. At most one is in force (`ended_at` empty); it ends by another person, or by its day.

    `until`: the last day on which it holds; empty: until it is lifted. `was_frozen`: who is taken off is frozen again.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="restrictions", verbose_name=_("会员"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("列入机构"),
    )
    deeds = ArrayField(
        models.CharField(max_length=12, choices=Barred.choices), verbose_name=_("限制"), default=list
    )
    reason = models.CharField(_("事由"), max_length=200)
    until = models.DateField(_("有效至"), null=True, blank=True)
    was_frozen = models.BooleanField(_("列入前已冻结"), default=False)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("列入人")
    )
    placed_at = models.DateTimeField(_("列入时间"), default=now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("解除人"),
    )
    lift_reason = models.CharField(_("解除事由"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("黑名单")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=Q(ended_at__isnull=True), name="o2o_members_one_restriction"
            ),
        )
        indexes = (
            models.Index(
                fields=("until",), condition=Q(ended_at__isnull=True), name="o2o_members_restricted"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
