"""Logging in at a screen by confirming on the phone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import QrState
from .members import Member
from .sessions import MemberSession


@machine("state", terminal={QrState.TAKEN, QrState.REFUSED})
class QrLogin(models.Model):
    """A code that a screen shows. The phone names it by its code, the screen by its secret: both kept as digests.

    `match` (two digits) stands on both, for the person to compare. Good until `expires_at`; who scans first is who may
    confirm. Of the polls after that, one takes the session.
    """

    code_index = models.CharField(max_length=64, unique=True, editable=False)
    secret_index = models.CharField(max_length=64, unique=True, editable=False)
    match = models.CharField(_("核对数字"), max_length=2)
    state = FSMField(
        _("状态"), max_length=10, choices=QrState.choices, default=QrState.WAITING, protected=True
    )
    device = models.CharField(_("电脑"), max_length=200, blank=True)
    device_key = models.CharField(max_length=64, blank=True, editable=False)
    ip = models.GenericIPAddressField(_("来源地址"), null=True, blank=True)
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("会员")
    )
    session = models.ForeignKey(
        MemberSession, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("登录")
    )
    started_at = models.DateTimeField(_("时间"), default=now, db_index=True)
    expires_at = models.DateTimeField(_("有效至"))

    class Meta:
        verbose_name = verbose_name_plural = _("扫码登录")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"#{self.pk}"

    @transition("state", source=QrState.WAITING, target=QrState.SCANNED, custom={"label": _("扫码")})
    def scan(self, member: Member) -> None:
        """A phone has read it; from now on it is this member's to confirm."""
        self.member = member

    @transition("state", source=QrState.SCANNED, target=QrState.CONFIRMED, custom={"label": _("确认")})
    def confirm(self) -> None:
        """The screen may log in."""

    @transition(
        "state",
        source=(QrState.WAITING, QrState.SCANNED),
        target=QrState.REFUSED,
        custom={"label": _("取消")},
    )
    def refuse(self) -> None:
        """It was not the member."""

    @transition("state", source=QrState.CONFIRMED, target=QrState.TAKEN, custom={"label": _("登录")})
    def take(self, session: MemberSession) -> None:
        """The screen is logged in; nobody else will be."""
        self.session = session
