"""Cards that stand for a membership: made in batches, handed out, activated by whoever scratches them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import BatchState, CardState, HandoutState
from .plans import Plan
from .terms import Membership


@machine("state", terminal={BatchState.REFUSED, BatchState.PRINTED})
class CardBatch(models.Model):
    """So many cards of a plan. Made by one, approved by another; only then there are cards.

    `codes`: the scratch codes for the printer, by card number, encrypted, until they are taken out once.
    """

    number = models.CharField(_("批次号"), max_length=24, unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="batches", verbose_name=_("方案"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("制卡机构")
    )
    count = models.PositiveIntegerField(_("张数"))
    good_until = models.DateTimeField(_("激活截止"))
    note = models.CharField(_("用途"), max_length=200)
    state = FSMField(
        _("状态"), max_length=10, choices=BatchState.choices, default=BatchState.ASKED, protected=True
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制卡人")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("复核人"),
    )
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("导出人"),
    )
    codes = EncryptedJSONField(_("刮码"), default=dict, blank=True)
    made_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("制卡批次")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=Q(count__gte=1), name="o2o_memberships_batch_count"),)

    def __str__(self) -> str:
        return self.number

    @transition("state", BatchState.ASKED, BatchState.APPROVED, custom={"label": _("复核通过")})
    def approve(self) -> None:
        """Somebody else agrees: the cards are written in the same transaction."""

    @transition("state", BatchState.ASKED, BatchState.REFUSED, custom={"label": _("驳回")})
    def refuse(self) -> None:
        """Somebody else does not, or whoever asked thought better of it."""

    @transition("state", BatchState.APPROVED, BatchState.PRINTED, custom={"label": _("导出制卡文件")})
    def print(self) -> None:
        """The codes were taken out, once; they are nowhere any more."""


@machine("state", terminal={HandoutState.RECEIVED, HandoutState.REFUSED})
class Handout(models.Model):
    """Cards on their way from a unit to another: sent by one, counted in by another."""

    number = models.CharField(_("调拨单号"), max_length=24, unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("方案"))
    source = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("发出机构")
    )
    target = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("接收机构")
    )
    count = models.PositiveIntegerField(_("张数"))
    first = models.CharField(_("起始卡号"), max_length=24)
    last = models.CharField(_("截止卡号"), max_length=24)
    state = FSMField(
        _("状态"), max_length=10, choices=HandoutState.choices, default=HandoutState.SENT, protected=True
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发出人")
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("接收人"),
    )
    sent_at = models.DateTimeField(_("发出时间"), default=now)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员卡调拨")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @transition("state", HandoutState.SENT, HandoutState.RECEIVED, custom={"label": _("接收")})
    def receive(self) -> None:
        """Counted in: the cards are the other unit's."""
        self.over_at = now()

    @transition("state", HandoutState.SENT, HandoutState.REFUSED, custom={"label": _("退回")})
    def refuse(self) -> None:
        """The cards stay where they came from."""
        self.over_at = now()


@machine("state", terminal={CardState.EXPIRED, CardState.VOID})
class Card(models.Model):
    """A card. `unit` has it in stock; `handout`: it is on its way. `sold_at`: a customer has it, activated or not.

    The scratch code is kept as a keyed digest only. `membership`: what it stands for since it was activated;
    `replaces`: the lost card whose place it took.
    """

    number = models.CharField(_("卡号"), max_length=24, unique=True)
    batch = models.ForeignKey(CardBatch, models.PROTECT, related_name="cards", verbose_name=_("批次"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("方案"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("所在机构")
    )
    handout = models.ForeignKey(
        Handout, models.SET_NULL, null=True, blank=True, related_name="cards", verbose_name=_("调拨中")
    )
    scratch = models.CharField(max_length=64, editable=False)
    good_until = models.DateTimeField(_("激活截止"))
    state = FSMField(
        _("状态"), max_length=10, choices=CardState.choices, default=CardState.INACTIVE, protected=True
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="cards", verbose_name=_("会员资格")
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_with", verbose_name=_("补自")
    )
    sold_at = models.DateTimeField(_("售出时间"), null=True, blank=True)
    sold_slip = models.CharField(_("售卡凭证"), max_length=40, blank=True)
    activated_at = models.DateTimeField(_("激活时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员卡")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("membership",), condition=Q(state__in=("active", "lost", "frozen")),
                name="o2o_memberships_one_card",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(
                fields=("unit", "plan"), condition=Q(state="inactive"), name="o2o_memberships_in_stock"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", CardState.INACTIVE, CardState.ACTIVE, custom={"label": _("激活")})
    def activate(self, membership: Membership) -> None:
        """It stands for a membership from now on."""
        self.membership, self.activated_at = membership, now()

    @transition("state", CardState.ACTIVE, CardState.LOST, custom={"label": _("挂失")})
    def lose(self) -> None:
        """Nobody can use it."""

    @transition("state", CardState.LOST, CardState.ACTIVE, custom={"label": _("找回")})
    def find(self) -> None:
        """It was in the other coat."""

    @transition("state", (CardState.ACTIVE, CardState.LOST), CardState.FROZEN, custom={"label": _("冻结")})
    def freeze(self) -> None:
        """A supervisor doubts something: its membership's benefits rest."""

    @transition("state", CardState.FROZEN, CardState.ACTIVE, custom={"label": _("解冻")})
    def thaw(self) -> None:
        """The doubt is gone."""

    @transition(
        "state", (CardState.INACTIVE, CardState.ACTIVE, CardState.LOST, CardState.FROZEN), CardState.EXPIRED,
        custom={"label": _("过期")},
    )  # fmt: skip
    def expire(self) -> None:
        """Nobody activated it in time, or its membership is over."""

    @transition(
        "state", (CardState.INACTIVE, CardState.ACTIVE, CardState.LOST, CardState.FROZEN), CardState.VOID,
        custom={"label": _("注销")},
    )  # fmt: skip
    def void(self) -> None:
        """Spoilt, or another card took its place."""
