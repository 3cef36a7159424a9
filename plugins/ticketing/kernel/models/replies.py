"""What a merchant (organiser, scenic spot) says to a refund before it goes on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from ..choices import ReplyState, Silence
from .after import RefundRequest


class RefundReply(models.Model):
    """A refund waits for the word of `unit`'s people until `due_at`; `silence`: what it means that none comes.

    Terms as they were when the refund was asked for. A refund has one; what was not asked has none.
    """

    refund = models.OneToOneField(
        RefundRequest, models.PROTECT, related_name="reply", verbose_name=_("退票单")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("答复机构")
    )
    state = models.CharField(_("答复"), max_length=8, choices=ReplyState.choices, default=ReplyState.WAITING)
    silence = models.CharField(_("逾期"), max_length=8, choices=Silence.choices)
    said = models.CharField(_("答复说明"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("提请时间"), default=now)
    due_at = models.DateTimeField(_("答复截止"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("答复人"),
    )  # fmt: skip
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("商家退票答复")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("due_at",), name="o2o_ticketing_reply_due", condition=Q(state=ReplyState.WAITING)
            ),
        )

    def __str__(self) -> str:
        return str(self.refund)
