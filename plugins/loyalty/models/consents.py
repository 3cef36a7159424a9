"""What a member has agreed to at a counter, with a code on the own telephone, before it is used for a sale."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import ConsentKind, ConsentState
from .ledger import AMOUNT


@machine("state", terminal={ConsentState.USED, ConsentState.GONE})
class Consent(models.Model):
    """So much of the balance (yuan), or so many points, for one sale of one clerk; good for nothing else, and once.

    `order` is the sale's order where there is one already (the balance), else `basket` is the key that the basket will
    be placed under (points). `ticket` is that of the very code that was sent for it. `part_number` names the part of
    the payment that used it.
    """

    number = models.CharField(_("确认单号"), max_length=24, unique=True)
    member = models.ForeignKey(
        "o2o_members.Member", models.PROTECT, related_name="consents", verbose_name=_("会员")
    )
    kind = models.CharField(_("用途"), max_length=8, choices=ConsentKind.choices)
    amount = models.DecimalField(_("数量"), **AMOUNT)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("销售机构")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    order = models.ForeignKey(
        "order.Order", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("订单")
    )
    basket = models.CharField(_("请求号"), max_length=64, blank=True, editable=False)
    ticket = models.UUIDField(null=True, blank=True, editable=False)
    state = FSMField(
        _("状态"), max_length=8, choices=ConsentState.choices, default=ConsentState.ASKED, protected=True
    )
    part_number = models.CharField(_("支付部分"), max_length=24, blank=True)
    asked_at = models.DateTimeField(_("发起时间"), default=now)
    given_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员确认")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="o2o_loyalty_consent_positive"),
            models.CheckConstraint(
                condition=Q(order__isnull=False) | ~Q(basket=""), name="o2o_loyalty_consent_for_something"
            ),
        )
        indexes = (
            models.Index(fields=("unit", "-id"), name="o2o_loyalty_consent_unit"),
            models.Index(
                fields=("asked_at",),
                condition=Q(state__in=("asked", "given")),
                name="o2o_loyalty_consent_open",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", ConsentState.ASKED, ConsentState.GIVEN, custom={"label": _("会员确认")})
    def give(self) -> None:
        """The member has read the code out."""
        self.given_at = now()

    @transition("state", ConsentState.GIVEN, ConsentState.USED, custom={"label": _("使用")})
    def use(self, order_id: int, part_number: str = "") -> None:
        """What was agreed to is taken, in the same transaction."""
        self.order_id = order_id
        self.part_number = part_number
        self.over_at = now()

    @transition(
        "state", [ConsentState.ASKED, ConsentState.GIVEN], ConsentState.GONE, custom={"label": _("作废")}
    )
    def give_up(self) -> None:
        """Too late, asked for anew, or the sale is over."""
        self.over_at = now()
