"""One question after an order: would you recommend us, from 0 to 10, and a word."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField


class Survey(models.Model):
    """Asked once for an order, at most once in ninety days for a member. `unit` is where the order was made."""

    member = models.ForeignKey(
        "o2o_members.Member", models.CASCADE, related_name="surveys", verbose_name=_("会员")
    )
    order = models.OneToOneField(
        "order.Order", models.CASCADE, related_name="o2o_survey", verbose_name=_("订单")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("机构"),
    )
    score = models.PositiveSmallIntegerField(
        _("推荐意愿"), null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    word = EncryptedTextField(_("说的话"), blank=True, default="")
    asked_at = models.DateTimeField(_("邀请时间"), default=now)
    answered_at = models.DateTimeField(_("回答时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("评价（NPS）")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("member", "-asked_at"), name="o2o_member_ops_asked"),
            models.Index(fields=("asked_at",), name="o2o_member_ops_surveys"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__lte=10), name="o2o_member_ops_score"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
