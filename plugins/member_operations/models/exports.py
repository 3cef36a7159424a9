"""A list of members that somebody wants to take away: asked for with a reason, approved by others, taken once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import ExportState
from .segments import Segment

_S = ExportState


@machine("state", terminal={_S.TAKEN, _S.REFUSED, _S.EXPIRED})
class MemberExport(models.Model):
    """`segment` empty: all members in reach. `whole`: with names and mobiles unmasked, which takes a second approval.

    The rows are those of the moment of taking, in the reach of whoever asked; nobody else takes them.
    """

    number = models.CharField(_("申请编号"), max_length=24, unique=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("申请机构")
    )
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="exports", verbose_name=_("分群")
    )
    whole = models.BooleanField(_("不掩码"), default=False)
    reason = models.CharField(_("用途"), max_length=200)
    state = FSMField(_("状态"), max_length=12, choices=_S.choices, default=_S.WAITING, protected=True)
    rows = models.PositiveIntegerField(_("人数"), default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"), default=now)
    expires_at = models.DateTimeField(_("下载截止"), null=True, blank=True)
    taken_at = models.DateTimeField(_("下载时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("名单导出申请")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @transition("state", _S.WAITING, _S.READY, custom={"label": _("审批通过")})
    def allow(self, expires_at: object) -> None:
        """It may be taken until then."""
        self.expires_at = expires_at  # type: ignore[assignment]

    @transition("state", _S.WAITING, _S.REFUSED, custom={"label": _("驳回或撤回")})
    def refuse(self) -> None:
        """Not approved, or not wanted any more."""

    @transition("state", _S.READY, _S.TAKEN, custom={"label": _("下载")})
    def take(self, rows: int) -> None:
        """Once."""
        self.rows, self.taken_at = rows, now()

    @transition("state", _S.READY, _S.EXPIRED, custom={"label": _("过期")})
    def expire(self) -> None:
        """Nobody took it in time."""
