"""缴款单: the cash of closed shifts on its way from a branch to the bank."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from .floats import MONEY, ZERO, FloatAccount, FloatMovement


class RemittanceState(models.TextChoices):
    """Where a slip stands."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已提交")
    CHECKED = "checked", _("区县已核对")
    BOOKED = "booked", _("已入账")
    RETURNED = "returned", _("已退回")


@machine("state", terminal={RemittanceState.BOOKED})
class Remittance(models.Model):
    """One slip of a unit, made from closed shifts. Amounts in yuan.

    `expected` is the sum of what its shifts hand in, `amount` what was counted and banked; `difference` is amount -
    expected. Booking writes one movement of the float, named by the slip's number.
    """

    number = models.CharField(_("缴款单号"), max_length=24, unique=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="remittances", verbose_name=_("机构")
    )
    account = models.ForeignKey(
        FloatAccount, models.PROTECT, related_name="remittances", verbose_name=_("备付金账户")
    )
    state = FSMField(
        _("状态"), choices=RemittanceState.choices, default=RemittanceState.DRAFT, protected=True
    )
    expected = models.DecimalField(_("应缴"), **MONEY)
    amount = models.DecimalField(_("实缴"), **MONEY, default=ZERO)
    counts = models.JSONField(_("面额清点"), default=dict, blank=True)
    explanation = models.CharField(_("差异说明"), max_length=200, blank=True)
    bank = models.CharField(_("存款银行"), max_length=60, blank=True)
    reference = models.CharField(_("存款回单号"), max_length=40, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制单人")
    )
    made_at = models.DateTimeField(_("制单时间"), default=now)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("核对人"),
    )  # fmt: skip
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("入账人"),
    )  # fmt: skip
    booked_at = models.DateTimeField(_("入账时间"), null=True, blank=True)
    return_reason = models.CharField(_("退回原因"), max_length=200, blank=True)
    prints = models.PositiveSmallIntegerField(_("打印次数"), default=0, editable=False)
    movement = models.OneToOneField(
        FloatMovement, models.PROTECT, null=True, blank=True, related_name="remittance",
        verbose_name=_("备付金流水"),
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = _("缴款单")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(expected__gte=0) & Q(amount__gte=0), name="o2o_counter_remittance_positive"
            ),
            models.CheckConstraint(
                condition=~Q(checked_by=F("made_by")) & ~Q(booked_by=F("made_by"))
                | Q(checked_by__isnull=True, booked_by__isnull=True),
                name="o2o_counter_remittance_two_people",
            ),
            models.UniqueConstraint(
                fields=("bank", "reference"), condition=~Q(reference=""), name="o2o_counter_deposit_once"
            ),
        )
        indexes = (models.Index(fields=("unit", "-made_at"), name="o2o_counter_remit_by_unit"),)

    def __str__(self) -> str:
        return self.number

    @property
    def difference(self) -> Decimal:
        """What was banked less what the shifts say, in yuan."""
        return self.amount - self.expected

    @transition(
        "state", [RemittanceState.DRAFT, RemittanceState.RETURNED], RemittanceState.SUBMITTED,
        custom={"label": _("提交")},
    )  # fmt: skip
    def submit(self) -> None:
        """Counted, banked, sent to the county."""
        self.submitted_at = now()
        self.return_reason = ""

    @transition("state", RemittanceState.SUBMITTED, RemittanceState.CHECKED, custom={"label": _("核对")})
    def verify(self, user_id: int) -> None:
        """The county has compared slip and deposit."""
        self.checked_by_id = user_id
        self.checked_at = now()

    @transition("state", RemittanceState.CHECKED, RemittanceState.BOOKED, custom={"label": _("入账")})
    def book(self, user_id: int) -> None:
        """The bank has it; the float is free again by as much."""
        self.booked_by_id = user_id
        self.booked_at = now()

    @transition(
        "state", [RemittanceState.SUBMITTED, RemittanceState.CHECKED], RemittanceState.RETURNED,
        custom={"label": _("退回")},
    )  # fmt: skip
    def send_back(self, why: str) -> None:
        """Something is wrong: the branch mends and submits it again."""
        self.return_reason = why
        self.checked_by_id = None
        self.checked_at = None
