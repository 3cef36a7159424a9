"""A campaign, each member's message of it, and how often people may be reached at all."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import CampaignState, MessageState, SkipWhy, Way
from .segments import Segment

_S = CampaignState
#: Where a message leads when nothing is said: the shop's first page.
HOME = "/h5/"


@machine("state", terminal={_S.DONE, _S.STOPPED})
class Campaign(models.Model):
    """One text, or one coupon, to the members of a segment.

    The members are written down (`CampaignMessage`) when it is submitted: whoever approves it approves these. `said`:
    the conditions in words as they were then. Of WeChat: `page` is where a tap leads, `falls_back`
    whether who cannot be reached there gets a text message.
    """

    number = models.CharField(_("活动编号"), max_length=24, unique=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发起机构")
    )
    name = models.CharField(_("名称"), max_length=40)
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="campaigns", verbose_name=_("分群"))
    way = models.CharField(_("方式"), max_length=8, choices=Way.choices, default=Way.SMS)
    text = models.CharField(_("内容"), max_length=300, blank=True)
    coupon = models.ForeignKey(
        "o2o_coupons.CouponTemplate",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("优惠券"),
    )
    page = models.CharField(_("点开到"), max_length=200, default=HOME)
    falls_back = models.BooleanField(_("送不到的改发短信"), default=False)
    starts_at = models.DateTimeField(_("发送时间"), default=now)
    state = FSMField(_("状态"), max_length=12, choices=_S.choices, default=_S.DRAFT, protected=True)
    said = models.CharField(_("提交时的条件"), max_length=500, blank=True)
    planned = models.PositiveIntegerField(_("目标人数"), default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发起人")
    )
    made_at = models.DateTimeField(_("建立时间"), default=now)
    begun_at = models.DateTimeField(_("开始发送"), null=True, blank=True)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("营销活动")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("starts_at",),
                condition=Q(state__in=("scheduled", "sending")),
                name="o2o_member_ops_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @transition("state", _S.DRAFT, _S.WAITING, custom={"label": _("提交审批")})
    def submit(self, said: str, planned: int) -> None:
        """Its members are written down; somebody else decides."""
        self.said, self.planned = said[:500], planned

    @transition("state", _S.WAITING, _S.DRAFT, custom={"label": _("退回")})
    def give_back(self) -> None:
        """Not approved, or taken back: nobody is planned any more."""
        self.said, self.planned = "", 0

    @transition("state", _S.WAITING, _S.SCHEDULED, custom={"label": _("审批通过")})
    def schedule(self) -> None:
        """It waits for its time."""

    @transition("state", _S.SCHEDULED, _S.SENDING, custom={"label": _("开始发送")})
    def begin(self) -> None:
        """Its time has come."""
        self.begun_at = now()

    @transition("state", _S.SENDING, _S.DONE, custom={"label": _("完成")})
    def finish(self) -> None:
        """Everybody has been dealt with."""
        self.over_at = now()

    @transition("state", (_S.SCHEDULED, _S.SENDING), _S.STOPPED, custom={"label": _("停止")})
    def stop(self) -> None:
        """Nobody more is reached."""
        self.over_at = now()


class CampaignMessage(models.Model):
    """One member's message: exactly one for each campaign.

    `reference`: the number under which another plugin sends it, written in the transaction that hands it over. `token`
    is in the link of a WeChat message, `opened_at` when it was first tapped; `by_text`: it went as a text message,
    `told` why, in WeChat's words.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="messages", verbose_name=_("活动"))
    member = models.ForeignKey(
        "o2o_members.Member", models.CASCADE, related_name="campaign_messages", verbose_name=_("会员")
    )
    state = models.CharField(
        _("状态"), max_length=8, choices=MessageState.choices, default=MessageState.PLANNED
    )
    why = models.CharField(_("原因"), max_length=16, choices=SkipWhy.choices, blank=True)
    reference = models.CharField(_("发送编号"), max_length=64, blank=True)
    handed_at = models.DateTimeField(_("交发时间"), null=True, blank=True)
    token = models.CharField(max_length=22, null=True, blank=True, unique=True, editable=False)
    opened_at = models.DateTimeField(_("点开时间"), null=True, blank=True)
    by_text = models.BooleanField(_("改发短信"), default=False)
    told = models.CharField(_("微信答复"), max_length=160, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("活动发送明细")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("campaign", "member"), name="o2o_member_ops_message_once"),
        )
        indexes = (
            models.Index(
                fields=("campaign", "id"), condition=Q(state="planned"), name="o2o_member_ops_planned"
            ),
            models.Index(fields=("member", "handed_at"), name="o2o_member_ops_reached"),
            models.Index(fields=("id",), condition=Q(state="handed"), name="o2o_member_ops_handed"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class ContactRule(models.Model):
    """How often and when members may be reached by campaigns of all units together, from a day on.

    The row that came into force last counts. Quiet hours may pass midnight; equal times: none.
    """

    per_day = models.PositiveSmallIntegerField(
        _("每人每天最多"), default=1, validators=[MaxValueValidator(20)]
    )
    per_month = models.PositiveSmallIntegerField(
        _("每人 30 天最多"), default=4, validators=[MaxValueValidator(200)]
    )
    quiet_from = models.TimeField(_("免打扰开始"), default=time(21, 0))
    quiet_until = models.TimeField(_("免打扰结束"), default=time(9, 0))
    valid_from = models.DateTimeField(_("生效"), default=now, unique=True)
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("触达规则")
        ordering = ("-valid_from",)

    def __str__(self) -> str:
        return f"{self.per_day}/{self.per_month}"

    def is_quiet(self, moment: datetime) -> bool:
        """True when nobody is to be reached at this moment."""
        at = timezone.localtime(moment).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until
