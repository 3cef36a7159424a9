"""What is owed for benefits that were rendered: a sheet for each payee and period, its lines, and what corrects it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import LineKind, SheetState
from .benefits import BenefitEntry


@machine("state", terminal={SheetState.PAID})
class SettlementSheet(models.Model):
    """What a payee gets for the benefits that he rendered up to the end of `last`, in yuan.

    The payee is `seller`, or else `unit` itself. Of a seller, `unit` is the lowest one above all units at which he
    rendered anything: whoever has it in reach sees the sheet. Number, payee, period and sums never change.
    """

    number = models.CharField(_("结算单号"), max_length=24, unique=True)
    seller = models.ForeignKey(
        "o2o_ordering.Seller", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("服务商户"),
    )  # fmt: skip
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("机构")
    )
    first = models.DateField(_("自"))
    last = models.DateField(_("至"))
    uses = models.IntegerField(_("次数"))
    amount = models.DecimalField(_("应付"), max_digits=12, decimal_places=2)
    state = FSMField(
        _("状态"), max_length=10, choices=SheetState.choices, default=SheetState.MADE, protected=True
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("开单人")
    )  # fmt: skip
    made_at = models.DateTimeField(_("开单时间"), default=now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("确认人")
    )  # fmt: skip
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    objection = models.CharField(_("异议"), max_length=200, blank=True)
    objected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提出人")
    )  # fmt: skip
    answer = models.CharField(_("答复"), max_length=200, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("付款登记人")
    )  # fmt: skip
    paid_on = models.DateField(_("付款日期"), null=True, blank=True)
    reference = models.CharField(_("付款凭证号"), max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("权益结算单")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(last__gte=F("first")), name="o2o_memberships_sheet_sane"
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.PAID) | (Q(paid_on__isnull=False) & ~Q(reference="")),
                name="o2o_memberships_sheet_paid",
            ),
        )
        indexes = (models.Index(fields=("state", "unit"), name="o2o_memberships_sheet_open"),)

    def __str__(self) -> str:
        return self.number

    @property
    def payee(self) -> str:
        """Who gets it, by name."""
        return self.seller.name if self.seller is not None else self.unit.name

    @transition("state", SheetState.MADE, SheetState.CONFIRMED, custom={"label": _("确认")})
    def confirm(self) -> None:
        """The payee agrees."""
        self.confirmed_at = now()

    @transition("state", SheetState.MADE, SheetState.OBJECTED, custom={"label": _("提出异议")})
    def dispute(self) -> None:
        """The payee does not."""

    @transition("state", SheetState.OBJECTED, SheetState.MADE, custom={"label": _("答复")})
    def reply(self) -> None:
        """The accountant answered; what was wrong is in the next sheet."""

    @transition("state", SheetState.CONFIRMED, SheetState.PAID, custom={"label": _("登记付款")})
    def pay(self) -> None:
        """The money was sent."""


class SettlementCorrection(models.Model):
    """What was wrong with a sheet, in yuan, more or less; the payee's next sheet takes it. Append-only."""

    sheet = models.ForeignKey(
        SettlementSheet, models.PROTECT, related_name="corrections", verbose_name=_("结算单")
    )
    amount = models.DecimalField(_("更正金额"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("事由"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("结算更正")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="o2o_memberships_correction_some"),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id}: {self.amount}"


class SettlementLine(models.Model):
    """So many uses of a benefit at a unit and a price, or a correction. Append-only; the lines sum to the sheet.

    `earlier`: they are of days before the sheet's first, and no sheet had them yet.
    """

    sheet = models.ForeignKey(SettlementSheet, models.PROTECT, related_name="lines", verbose_name=_("结算单"))
    kind = models.CharField(_("事由"), max_length=10, choices=LineKind.choices)
    benefit = models.ForeignKey(
        "o2o_memberships.PlanBenefit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("权益")
    )  # fmt: skip
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("核销机构")
    )
    price = models.DecimalField(_("结算价"), max_digits=10, decimal_places=2)
    count = models.PositiveIntegerField(_("次数"))
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    earlier = models.BooleanField(_("以前的"), default=False)
    correction = models.OneToOneField(
        SettlementCorrection, models.PROTECT, null=True, blank=True, related_name="line", verbose_name=_("更正")
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = _("结算单明细")
        ordering = ("sheet", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(amount=F("price") * F("count")), name="o2o_memberships_line_exact"
            ),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id}: {self.amount}"


class SettlementItem(models.Model):
    """That an entry is on a line: on one of all sheets, once. Append-only."""

    line = models.ForeignKey(SettlementLine, models.PROTECT, related_name="items", verbose_name=_("明细"))
    entry = models.OneToOneField(
        BenefitEntry, models.PROTECT, related_name="item", verbose_name=_("权益结算")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("结算单所含")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.line_id}: {self.entry_id}"
