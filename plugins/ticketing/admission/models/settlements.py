"""What is paid to whom for visits: terms (T+N), sheets of a period, and which row is on which sheet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..vouchers.choices import SettleCycle, SheetState
from .places import ScenicSpot, Venue
from .vouchers import Redemption

S = SheetState


class SettlementTerm(models.Model):
    """With whom is settled how: a supplier, or a place of our own whose visits are paid to it; one of the three.

    `cycle`: days of a sheet; `days`: N of T+N, counted from the period's last day. `unit` keeps it.
    """

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("结算机构")
    )
    supplier = models.OneToOneField(
        "o2o_ticketing.SupplierAccount", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("供应商"),
    )  # fmt: skip
    spot = models.OneToOneField(
        ScenicSpot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("景区")
    )
    venue = models.OneToOneField(
        Venue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("场馆")
    )
    cycle = models.CharField(_("结算周期"), max_length=5, choices=SettleCycle.choices)
    days = models.PositiveSmallIntegerField(_("期后天数（T+N）"))
    reason = models.CharField(_("依据"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("设置人")
    )
    made_at = models.DateTimeField(_("设置时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("结算约定")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(supplier__isnull=False, spot=None, venue=None)
                | Q(supplier=None, spot__isnull=False, venue=None)
                | Q(supplier=None, spot=None, venue__isnull=False),
                name="o2o_admission_term_one",
            ),
        )

    def __str__(self) -> str:
        return str(self.supplier or self.spot or self.venue)


@machine("state", terminal={SheetState.PAID})
class SettlementSheet(models.Model):
    """What is owed for a period (both days included): the sums of its rows, in visits and yuan.

    `adjusted`: of `cost`, what belongs to days before the period and came to be known later: gates without a network,
    what was taken back, tickets that expired. `due_on`: T+N. A sheet is never changed; what comes later is on the next.
    """

    number = models.CharField(_("结算单号"), max_length=24, unique=True)
    term = models.ForeignKey(
        SettlementTerm, models.PROTECT, related_name="sheets", verbose_name=_("结算约定")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("结算机构")
    )
    state = FSMField(_("状态"), choices=S.choices, default=S.OPEN, protected=True)
    first = models.DateField(_("自"))
    last = models.DateField(_("至"))
    due_on = models.DateField(_("应付日"))
    quantity = models.IntegerField(_("人次"))
    cost = models.DecimalField(_("应付（元）"), max_digits=14, decimal_places=2)
    adjusted = models.DecimalField(_("其中前期调整（元）"), max_digits=14, decimal_places=2)
    revenue = models.DecimalField(_("确认收入（元）"), max_digits=14, decimal_places=2)
    made_at = models.DateTimeField(_("生成时间"), default=now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("确认人")
    )  # fmt: skip
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("付款登记人")
    )  # fmt: skip
    paid_at = models.DateTimeField(_("登记时间"), null=True, blank=True)
    paid_on = models.DateField(_("付款日"), null=True, blank=True)
    reference = models.CharField(_("银行流水号"), max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("结算单")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("term", "last"), name="o2o_admission_sheet_once"),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="o2o_admission_sheet_days"),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", source=S.OPEN, target=S.CONFIRMED, custom={"label": _("确认")})
    def confirm(self) -> None:
        """Both sides agree with it."""
        self.confirmed_at = now()

    @transition("state", source=S.CONFIRMED, target=S.PAID, custom={"label": _("登记付款")})
    def pay(self) -> None:
        """The money has been sent, elsewhere."""
        self.paid_at = now()


class SettlementItem(models.Model):
    """A row of redemption on a sheet: on one at most."""

    sheet = models.ForeignKey(SettlementSheet, models.PROTECT, related_name="items", verbose_name=_("结算单"))
    redemption = models.OneToOneField(
        Redemption, models.PROTECT, related_name="settled", verbose_name=_("核销明细")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("结算明细")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.sheet} {self.redemption_id}"
