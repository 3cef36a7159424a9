"""Words that units put on members, to find them again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .members import Member


class Tag(models.Model):
    """A word of a unit's own, or of one above it: whoever is in reach of the unit may put it on members he sees."""

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("所属机构")
    )
    name = models.CharField(_("标签"), max_length=20)
    note = models.CharField(_("说明"), max_length=100, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    made_at = models.DateTimeField(_("建立时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员标签")
        ordering = ("unit", "name")
        constraints = (models.UniqueConstraint(fields=("unit", "name"), name="o2o_members_tag_once"),)

    def __str__(self) -> str:
        return self.name


class MemberTag(models.Model):
    """A tag on a member: who put it there, and when."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="tags", verbose_name=_("会员"))
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="members", verbose_name=_("标签"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员的标签")
        ordering = ("tag__name", "pk")
        constraints = (models.UniqueConstraint(fields=("member", "tag"), name="o2o_members_tagged_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} #{self.tag_id}"
