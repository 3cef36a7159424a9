"""A member who wants to be forgotten."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import ClosingState
from .members import Member

_S = ClosingState


@machine("state", terminal={_S.WITHDRAWN, _S.STOPPED, _S.DONE})
class MemberClosing(models.Model):
    """One wish to close an account: it waits until `due_at`, may be withdrawn, then is carried out or stopped.

    `why` is the member's own word, if any. `outcome`: what stopped it, or how many rows were erased.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="closings", verbose_name=_("会员"))
    state = FSMField(_("状态"), max_length=10, choices=_S.choices, default=_S.COOLING, protected=True)
    why = models.CharField(_("原因"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    due_at = models.DateTimeField(_("生效时间"))
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    outcome = models.CharField(_("结果"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("注销申请")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=Q(state=_S.COOLING), name="o2o_members_one_closing"
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state=_S.COOLING), name="o2o_members_closing_due"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @transition("state", source=_S.COOLING, target=_S.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self) -> None:
        """The member, or the staff for him, thought better of it."""
        self.over_at = now()

    @transition("state", source=_S.COOLING, target=_S.STOPPED, custom={"label": _("未完成")})
    def stop(self, outcome: str) -> None:
        """Something was open when the time had come."""
        self.over_at, self.outcome = now(), outcome[:200]

    @transition("state", source=_S.COOLING, target=_S.DONE, custom={"label": _("完成")})
    def finish(self, outcome: str) -> None:
        """The member is forgotten."""
        self.over_at, self.outcome, self.why = now(), outcome[:200], ""
