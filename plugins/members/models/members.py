"""The member."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import MemberStatus, Source


@machine("status", terminal={MemberStatus.MERGED, MemberStatus.CLOSED})
class Member(models.Model):
    """One person, beside the user that stock knows. Name and addresses are the user's.

    `home_unit` is the branch or outlet that looks after the member. `epoch` rises when all logins end: tokens that
    name no session are good for epoch 0 only.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="o2o_member", verbose_name=_("账号")
    )
    number = models.CharField(_("会员号"), max_length=16, unique=True)
    status = FSMField(
        _("状态"), max_length=12, choices=MemberStatus.choices, default=MemberStatus.ACTIVE, protected=True
    )
    home_unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("归属机构"),
    )  # fmt: skip
    source = models.CharField(_("注册来源"), max_length=8, choices=Source.choices, default=Source.WEB)
    registered_unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("登记机构"),
    )  # fmt: skip
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("登记人"),
    )
    registered_at = models.DateTimeField(_("注册时间"), default=now)
    agreement = models.CharField(_("同意的协议版本"), max_length=20, blank=True)
    agreed_at = models.DateTimeField(_("同意时间"), null=True, blank=True)
    epoch = models.PositiveIntegerField(_("登录批次"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("会员")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @transition("status", source=MemberStatus.ACTIVE, target=MemberStatus.FROZEN, custom={"label": _("冻结")})
    def freeze(self) -> None:
        """Nobody logs in as this member for now."""

    @transition(
        "status",
        source=(MemberStatus.FROZEN, MemberStatus.BLACKLISTED),
        target=MemberStatus.ACTIVE,
        custom={"label": _("恢复")},
    )
    def restore(self) -> None:
        """As if nothing had been."""

    @transition(
        "status",
        source=MemberStatus.BLACKLISTED,
        target=MemberStatus.FROZEN,
        custom={"label": _("解除黑名单，仍冻结")},
    )
    def unlist(self) -> None:
        """Off the blacklist, and frozen as before."""

    @transition(
        "status",
        source=(MemberStatus.ACTIVE, MemberStatus.FROZEN),
        target=MemberStatus.BLACKLISTED,
        custom={"label": _("列入黑名单")},
    )
    def blacklist(self) -> None:
        """Nobody logs in as this member until somebody thinks better of it."""

    @transition(
        "status", source=MemberStatus.ACTIVE, target=MemberStatus.CLOSING, custom={"label": _("申请注销")}
    )
    def ask_to_close(self) -> None:
        """The member wants to be forgotten, and has some days to think better of it."""

    @transition(
        "status", source=MemberStatus.CLOSING, target=MemberStatus.ACTIVE, custom={"label": _("撤回注销")}
    )
    def keep(self) -> None:
        """He does, or something is open when the time has come."""

    @transition(
        "status", source=MemberStatus.CLOSING, target=MemberStatus.CLOSED, custom={"label": _("注销")}
    )
    def close(self) -> None:
        """He is forgotten."""

    @transition(
        "status", source=MemberStatus.ACTIVE, target=MemberStatus.MERGED, custom={"label": _("并入其他会员")}
    )
    def absorb(self) -> None:
        """What was this member's is another's."""
