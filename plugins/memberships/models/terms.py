"""A membership and the stretches of time that it is made of."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import MembershipState, Origin, PlanKind
from .plans import Plan


@machine("state")
class Membership(models.Model):
    """A member's membership of a kind (of 自邮一族: for a car). Its terms follow each other without overlap.

    `plan` is that of the term that runs now, or of the last one. `ends_at` is where the last term ends.
    `noticed_until`: the end that the member was told of. `vehicle_at`: when the car was last changed.
    """

    number = models.CharField(_("会员资格号"), max_length=24, unique=True)
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="memberships", verbose_name=_("会员")
    )
    kind = models.CharField(_("种类"), max_length=8, choices=PlanKind.choices)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("方案"))
    vehicle = models.ForeignKey(
        "o2o_members.Vehicle",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("车辆"),
    )
    vehicle_at = models.DateTimeField(_("绑定车辆时间"), null=True, blank=True)
    state = FSMField(
        _("状态"),
        max_length=8,
        choices=MembershipState.choices,
        default=MembershipState.ACTIVE,
        protected=True,
    )
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("到期"))
    noticed_until = models.DateTimeField(_("已提醒的到期"), null=True, blank=True)
    made_at = models.DateTimeField(_("开通时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员资格")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("member", "kind"),
                condition=~Q(kind=PlanKind.CAR),
                name="o2o_memberships_one_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=("member", "vehicle"),
                condition=Q(vehicle__isnull=False),
                name="o2o_memberships_one_a_car",
            ),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="o2o_memberships_forward"),
        )
        indexes = (
            models.Index(fields=("ends_at",), condition=Q(state="active"), name="o2o_memberships_ending"),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", MembershipState.ACTIVE, MembershipState.EXPIRED, custom={"label": _("到期")})
    def expire(self) -> None:
        """Its time ran out."""

    @transition(
        "state",
        (MembershipState.ACTIVE, MembershipState.EXPIRED),
        MembershipState.ENDED,
        custom={"label": _("退出")},
    )
    def end(self) -> None:
        """All of it was refunded, or given up."""

    @transition(
        "state",
        (MembershipState.EXPIRED, MembershipState.ENDED),
        MembershipState.ACTIVE,
        custom={"label": _("续期")},
    )
    def resume(self) -> None:
        """It was bought again, or what had ended it was taken back."""


class Term(models.Model):
    """A stretch of a membership, [`starts_at`, `ends_at`), and where it came from.

    `price` is the plan's of that day, `paid` what was paid for it, in yuan. A term that was cut short (an upgrade, a
    refund, giving up) keeps the end it had in `was_until`; `replaced_by` is the upgrade that took its days over.
    `asked_at`: the member wants the money back, `refunds` how often that was handed to the cashier.
    """

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="terms", verbose_name=_("会员资格")
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("方案"))
    origin = models.CharField(_("来源"), max_length=8, choices=Origin.choices)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    was_until = models.DateTimeField(_("原结束"), null=True, blank=True)
    price = models.DecimalField(_("价格"), max_digits=8, decimal_places=2, default=0)
    paid = models.DecimalField(_("实付"), max_digits=10, decimal_places=2, default=0)
    order = models.ForeignKey(
        "order.Order", models.PROTECT, null=True, blank=True, related_name="o2o_terms", verbose_name=_("订单")
    )
    order_line = models.OneToOneField(
        "order.OrderLine",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="o2o_term",
        verbose_name=_("订单行"),
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    giver = models.ForeignKey(
        "o2o_members.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("赠送人"),
    )
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced", verbose_name=_("被升级")
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    voided_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    asked_at = models.DateTimeField(_("申请退款"), null=True, blank=True)
    refunds = models.PositiveSmallIntegerField(_("退款次数"), default=0)
    line_gone = models.BooleanField(_("售后已退"), default=False)
    made_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("会员期")
        ordering = ("starts_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="o2o_memberships_term_forward"
            ),
        )
        indexes = (
            models.Index(
                fields=("asked_at",), condition=Q(asked_at__isnull=False), name="o2o_memberships_asked"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class Wish(models.Model):
    """What a buyer said before buying: that he agrees, for which car, or for whom. Good for a day, for one order."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="o2o_membership_wishes", verbose_name=_("顾客")
    )
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="+", verbose_name=_("方案"))
    vehicle = models.ForeignKey(
        "o2o_members.Vehicle",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("车辆"),
    )
    mobile = EncryptedTextField(_("赠送给"), blank=True, default="")
    agreement = models.CharField(_("同意的协议版本"), max_length=20)
    at = models.DateTimeField(_("时间"), default=now)
    order = models.ForeignKey(
        "order.Order", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("购买意向")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Quote(models.Model):
    """What an upgrade costs until `expires_at`; `quantity` of the plan's variant is bought and lowered to `amount`."""

    number = models.CharField(_("报价号"), max_length=24, unique=True)
    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="quotes", verbose_name=_("会员资格")
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("升级为"))
    amount = models.DecimalField(_("差价"), max_digits=10, decimal_places=2)
    quantity = models.PositiveSmallIntegerField(_("数量"), default=1)
    days = models.PositiveIntegerField(_("剩余天数"))
    words = models.CharField(_("算法"), max_length=400)
    made_at = models.DateTimeField(_("时间"), default=now)
    expires_at = models.DateTimeField(_("有效至"))
    order = models.ForeignKey(
        "order.Order", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("升级报价")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(quantity__gte=1), name="o2o_memberships_quote_sane"
            ),
        )

    def __str__(self) -> str:
        return self.number
