"""Whose word refunds of a product wait for."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import Silence
from saleor_o2o.kernel.clock import now

from .products import AdmissionProduct

#: A merchant has at most so long.
LONGEST = 168


class ReplyRule(models.Model):
    """Refunds that buyers ask for wait for the word of `unit`'s people, so many hours at most; see decision 0139.

    It counts for refunds asked for from now on. `needed` False: none waits any more. Without a row none does.
    """

    product = models.OneToOneField(
        AdmissionProduct, models.PROTECT, related_name="reply_rule", verbose_name=_("产品")
    )
    needed = models.BooleanField(_("退票须商家答复"), default=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("答复机构")
    )
    hours = models.PositiveSmallIntegerField(
        _("答复时限（小时）"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    silence = models.CharField(_("逾期未答复"), max_length=8, choices=Silence.choices, default=Silence.AGREE)
    reason = models.CharField(_("依据"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("设置人")
    )
    made_at = models.DateTimeField(_("设置时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("退票答复约定")
        ordering = ("product",)

    def __str__(self) -> str:
        return str(self.product)
