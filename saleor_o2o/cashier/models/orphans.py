"""Money, orders and stock that nothing else explains: found by a job, repaired where that is safe, else for people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from .parts import MONEY


class OrphanState(models.TextChoices):
    """Where a finding stands."""

    OPEN = "open", _("待处理")
    REPAIRED = "repaired", _("已自动修复")
    GONE = "gone", _("已自行恢复")
    DONE = "done", _("已人工处理")


@machine("state", terminal={OrphanState.REPAIRED, OrphanState.GONE, OrphanState.DONE})
class Orphan(models.Model):
    """One finding. `kind` names the check that made it, `subject` the row it is about (`o2o_cashier.Refund:12`).

    `amount` in yuan, where it is about money. While one is open there is no other of its kind and subject; what people
    have dealt with is not raised again unless its amount changes.
    """

    kind = models.CharField(_("异常"), max_length=40)
    subject = models.CharField(_("对象"), max_length=80)
    order = models.ForeignKey(
        "order.Order", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )
    amount = models.DecimalField(_("金额"), null=True, blank=True, **MONEY)
    note = models.CharField(_("情况"), max_length=200, blank=True)
    state = FSMField(_("状态"), choices=OrphanState.choices, default=OrphanState.OPEN, protected=True)
    found_at = models.DateTimeField(_("发现时间"), default=now)
    ended_at = models.DateTimeField(_("了结时间"), null=True, blank=True)
    ended_by = models.CharField(_("处理人"), max_length=64, blank=True)
    words = models.CharField(_("处理说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("账务异常")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "subject"), name="o2o_orphan_once", condition=Q(state="open")
            ),
        )
        indexes = (
            models.Index(fields=("found_at",), name="o2o_orphan_open", condition=Q(state="open")),
            models.Index(fields=("kind", "subject"), name="o2o_orphan_of"),
        )

    def __str__(self) -> str:
        from ..services.orphans import title_of

        return title_of(self.kind)

    @transition("state", OrphanState.OPEN, OrphanState.REPAIRED, custom={"label": _("自动修复")})
    def repair(self) -> None:
        """The job has put it right."""
        self.ended_at = now()

    @transition("state", OrphanState.OPEN, OrphanState.GONE, custom={"label": _("自行恢复")})
    def go(self) -> None:
        """It is not there any more: somebody refunded, a job caught up."""
        self.ended_at = now()

    @transition("state", OrphanState.OPEN, OrphanState.DONE, custom={"label": _("处理")})
    def finish(self, who: str, words: str) -> None:
        """Somebody of the staff has dealt with it and says how."""
        self.ended_at = now()
        self.ended_by = who
        self.words = words
