"""What somebody asks to add or take by hand; nothing moves before it is approved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import AdjustmentState, Book
from .levels import Level


@machine("state", terminal={AdjustmentState.BOOKED, AdjustmentState.REFUSED, AdjustmentState.WITHDRAWN})
class Adjustment(models.Model):
    """Points or growth to add (or, negative, to take), or a level to give, with the reason. `unit` answers for it."""

    number = models.CharField(_("调整单号"), max_length=24, unique=True)
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="loyalty_adjustments", verbose_name=_("会员")
    )
    book = models.CharField(_("账簿"), max_length=12, choices=Book.choices, default=Book.POINTS)
    amount = models.IntegerField(_("数量"), help_text=_("正数增加，负数扣减"))
    level = models.ForeignKey(
        Level, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("赠送等级")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("承担机构")
    )
    reason = models.CharField(_("事由"), max_length=200)
    state = FSMField(
        _("状态"),
        max_length=12,
        choices=AdjustmentState.choices,
        default=AdjustmentState.WAITING,
        protected=True,
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("积分调整单")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(amount=0) | Q(level__isnull=False), name="o2o_loyalty_adjustment_says_what"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", AdjustmentState.WAITING, AdjustmentState.BOOKED, custom={"label": _("入账")})
    def book_it(self) -> None:
        """Approved: the entry is written in the same transaction."""
        self.over_at = now()

    @transition("state", AdjustmentState.WAITING, AdjustmentState.REFUSED, custom={"label": _("驳回")})
    def refuse(self) -> None:
        """Not approved."""
        self.over_at = now()

    @transition("state", AdjustmentState.WAITING, AdjustmentState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self) -> None:
        """Taken back by whoever asked."""
        self.over_at = now()
