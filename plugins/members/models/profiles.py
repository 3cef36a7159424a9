"""What a member says of himself, beside the name that the user has."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..kinds import Gender, HomeBasis
from .members import Member


class MemberProfile(models.Model):
    """One row per member, from the first thing that is said.

    `community` where the dictionary knows it, else only `community_name` as typed; `building` is where in it.
    `home_basis`: why the member's `home_unit` is the one. `channel`: through what somebody came (a shop's code, a
    campaign), beside the door (`Member.source`); it and `referrer` are said once.
    """

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="profile", verbose_name=_("会员")
    )
    gender = models.CharField(_("性别"), max_length=8, choices=Gender.choices, default=Gender.UNKNOWN)
    birthday = models.DateField(_("生日"), null=True, blank=True)
    community = models.ForeignKey(
        "o2o_service_map.Community", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("小区"),
    )  # fmt: skip
    community_name = models.CharField(_("小区名称"), max_length=80, blank=True)
    building = EncryptedTextField(_("楼栋"), blank=True, default="")
    home_basis = models.CharField(
        _("归属依据"), max_length=8, choices=HomeBasis.choices, default=HomeBasis.GIVEN, blank=True
    )
    referrer = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="referred", verbose_name=_("推荐人")
    )
    referred_at = models.DateTimeField(_("推荐时间"), null=True, blank=True)
    channel = models.CharField(_("来源渠道"), max_length=60, blank=True)
    marketing = models.BooleanField(_("接收营销信息"), default=False)
    marketing_at = models.DateTimeField(_("同意或撤回时间"), null=True, blank=True)
    updated_at = models.DateTimeField(_("更新时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员资料")
        indexes = (
            models.Index(fields=("community",), name="o2o_members_community"),
            models.Index(fields=("birthday",), name="o2o_members_birthday"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(referrer__isnull=True) | ~models.Q(referrer=models.F("member")),
                name="o2o_members_no_self_referral",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.member_id}"
