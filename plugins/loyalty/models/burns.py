"""Points that a member uses at a counter, with a code on the own telephone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import BurnState
from .ledger import Entry


@machine("state", terminal={BurnState.GONE, BurnState.TAKEN_BACK})
class Burn(models.Model):
    """So many points for something at a counter. `unit` is where; the member's code confirms number and purpose."""

    number = models.CharField(_("兑扣单号"), max_length=24, unique=True)
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="burns", verbose_name=_("会员")
    )
    points = models.PositiveIntegerField(_("积分"))
    purpose = models.CharField(_("用途"), max_length=100)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("兑扣机构")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    state = FSMField(
        _("状态"), max_length=12, choices=BurnState.choices, default=BurnState.ASKED, protected=True
    )
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("流水")
    )
    #: Of the code that was sent for this burn: one sent for anything else confirms nothing here.
    ticket = models.UUIDField(null=True, blank=True, editable=False)
    asked_at = models.DateTimeField(_("发起时间"), default=now)
    done_at = models.DateTimeField(_("兑扣时间"), null=True, blank=True)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    back_reason = models.CharField(_("撤销原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("柜台兑扣")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=Q(points__gt=0), name="o2o_loyalty_burn_positive"),)
        indexes = (
            models.Index(fields=("unit", "-id"), name="o2o_loyalty_burn_unit"),
            models.Index(fields=("asked_at",), condition=Q(state="asked"), name="o2o_loyalty_burn_waiting"),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", BurnState.ASKED, BurnState.DONE, custom={"label": _("会员确认")})
    def confirm(self, entry_id: int) -> None:
        """The member has read the code out; the entry is written in the same transaction."""
        self.entry_id = entry_id
        self.done_at = now()

    @transition("state", BurnState.ASKED, BurnState.GONE, custom={"label": _("作废")})
    def give_up(self) -> None:
        """Nobody confirmed it."""
        self.over_at = now()

    @transition("state", BurnState.DONE, BurnState.TAKEN_BACK, custom={"label": _("撤销")})
    def take_back(self, why: str) -> None:
        """A clerk's mistake: the points are the member's again, the settlement is reversed."""
        self.back_reason = why[:200]
        self.over_at = now()
