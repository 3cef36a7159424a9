"""A clerk's shift at a drawer: what was in it, what came and went, what was counted at the end."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from .floats import MONEY, ZERO


class CounterRules(models.Model):
    """What counts at a unit's own counter. A unit without a row has no shifts. Amounts in yuan."""

    unit = models.OneToOneField(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="counter_rules", verbose_name=_("机构")
    )
    needs_shift = models.BooleanField(
        _("须开班"), default=True, help_text=_("没有开班时不能收现金和刷卡，也不能退")
    )
    difference_limit = models.DecimalField(
        _("差异上限"), **MONEY, default=Decimal("5.00"), help_text=_("长短款超过此数须另一人确认")
    )
    remit_by = models.TimeField(
        _("缴款时限"), default="18:30", help_text=_("当日已交班的现金应在此时间前提交缴款单")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("柜台规则")
        ordering = ("unit__path",)
        constraints = (
            models.CheckConstraint(condition=Q(difference_limit__gte=0), name="o2o_counter_rules_limit"),
        )

    def __str__(self) -> str:
        return str(self.unit)


class Drawer(models.Model):
    """A cash drawer (钱箱) of a unit's counter."""

    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="drawers", verbose_name=_("机构")
    )
    name = models.CharField(_("台席"), max_length=30)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("台席")
        ordering = ("unit__path", "name")
        constraints = (models.UniqueConstraint(fields=("unit", "name"), name="o2o_counter_drawer_name"),)

    def __str__(self) -> str:
        return self.name


class ShiftState(models.TextChoices):
    """Where a shift stands."""

    OPEN = "open", _("营业中")
    COUNTED = "counted", _("已清点")
    HELD = "held", _("差异待确认")
    CLOSED = "closed", _("已交班")


#: While a shift is in one of these, drawer and clerk are taken.
RUNNING = (ShiftState.OPEN, ShiftState.COUNTED)


@machine("state", terminal={ShiftState.CLOSED})
class Shift(models.Model):
    """One clerk at one drawer, from the count of the float in it to the count at the end. Amounts in yuan.

    `expected` is opening + cash taken - cash given back, frozen under the shift's lock when the count is entered: it
    is shown from then on only. `difference` is counted - expected (长款 above zero, 短款 below), `retained` stays in
    the drawer for whoever comes next, the rest is handed in.
    """

    number = models.CharField(_("班次号"), max_length=24, unique=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="shifts", verbose_name=_("机构")
    )
    drawer = models.ForeignKey(Drawer, models.PROTECT, related_name="shifts", verbose_name=_("台席"))
    clerk = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="o2o_shifts", verbose_name=_("当班人")
    )
    state = FSMField(_("状态"), choices=ShiftState.choices, default=ShiftState.OPEN, protected=True)
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="next", verbose_name=_("上一班")
    )
    opening = models.DecimalField(_("备用金"), **MONEY)
    opening_counts = models.JSONField(_("备用金清点"), default=dict, blank=True)
    opening_difference = models.DecimalField(_("接班差异"), **MONEY, default=ZERO)
    opening_reason = models.CharField(_("接班说明"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("开班时间"), default=now)

    counts = models.JSONField(_("清点"), default=dict, blank=True)
    counted = models.DecimalField(_("清点金额"), **MONEY, null=True, blank=True)
    expected = models.DecimalField(_("应有现金"), **MONEY, null=True, blank=True)
    difference = models.DecimalField(_("长短款"), **MONEY, default=ZERO)
    pos_slips = models.DecimalField(_("POS 签购单合计"), **MONEY, null=True, blank=True)
    pos_expected = models.DecimalField(_("POS 收据合计"), **MONEY, null=True, blank=True)
    pos_difference = models.DecimalField(_("POS 差异"), **MONEY, default=ZERO)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("清点人"),
    )  # fmt: skip
    counted_at = models.DateTimeField(_("清点时间"), null=True, blank=True)

    retained = models.DecimalField(_("留存备用金"), **MONEY, default=ZERO)
    reason = models.CharField(_("差异原因"), max_length=200, blank=True)
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("接班人"),
    )  # fmt: skip
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("差异确认人"),
    )  # fmt: skip
    confirmation = models.CharField(_("确认意见"), max_length=200, blank=True)
    closed_at = models.DateTimeField(_("交班时间"), null=True, blank=True)
    remittance = models.ForeignKey(
        "o2o_counter_sales.Remittance", models.PROTECT, null=True, blank=True, related_name="shifts",
        verbose_name=_("缴款单"),
    )  # fmt: skip
    prints = models.PositiveSmallIntegerField(_("打印次数"), default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("班次")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("drawer",), condition=Q(state__in=RUNNING), name="o2o_counter_shift_a_drawer"
            ),
            models.UniqueConstraint(
                fields=("clerk",), condition=Q(state__in=RUNNING), name="o2o_counter_shift_a_clerk"
            ),
            models.CheckConstraint(
                condition=Q(opening__gte=0) & Q(retained__gte=0), name="o2o_counter_shift_positive"
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True) | Q(difference=F("counted") - F("expected")),
                name="o2o_counter_shift_difference",
            ),
        )
        indexes = (
            models.Index(fields=("unit", "-opened_at"), name="o2o_counter_shift_by_unit"),
            models.Index(
                fields=("opened_at",), condition=~Q(state="closed"), name="o2o_counter_shift_unclosed"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def to_remit(self) -> Decimal:
        """What of the counted cash is handed in, in yuan."""
        return (self.counted or ZERO) - self.retained

    @transition("state", ShiftState.OPEN, ShiftState.COUNTED, custom={"label": _("清点")})
    def count(self, user_id: int) -> None:
        """The drawer is counted: nothing is sold from it any more."""
        self.counted_by_id = user_id
        self.counted_at = now()

    @transition("state", ShiftState.COUNTED, ShiftState.HELD, custom={"label": _("提交差异")})
    def hold(self) -> None:
        """The difference is above the limit: somebody else must agree. Drawer and clerk are free."""

    @transition("state", ShiftState.COUNTED, ShiftState.CLOSED, custom={"label": _("交班")})
    def close(self) -> None:
        """Handed over."""
        self.closed_at = now()

    @transition("state", ShiftState.HELD, ShiftState.CLOSED, custom={"label": _("确认差异")})
    def confirm(self, user_id: int, words: str) -> None:
        """A second person has looked at the difference."""
        self.confirmed_by_id = user_id
        self.confirmation = words
        self.closed_at = now()
