"""What suppliers pay us for selling their tickets (代理费), by day."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import AgencyMode, RuleState
from .fees import DAYS
from .suppliers import SupplierAccount


@machine("state", terminal={RuleState.PUBLISHED, RuleState.REFUSED, RuleState.WITHDRAWN})
class AgencyRate(models.Model):
    """What a supplier pays us for a ticket that is sold from a day on: of all of its tickets, or one line or product.

    `key` is a leg's (`coach:<line>`, `product:<pk>`); none for all that have no rate of their own. `value`: per cent of
    the fare (without 机建, 燃油 and the like), or yuan a ticket; nought ends what was before. One person submits it,
    another one publishes it; the one before ends the day before. Tickets keep what it came to in their fee lines.
    """

    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="agency_rates", verbose_name=_("供应商")
    )
    key = models.CharField(_("产品（线路）"), max_length=60, blank=True)
    mode = models.CharField(_("计算方式"), max_length=8, choices=AgencyMode.choices)
    value = models.DecimalField(_("数值"), max_digits=8, decimal_places=2)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True, editable=False)
    state = FSMField(_("状态"), choices=RuleState.choices, default=RuleState.PENDING, protected=True)
    reason = models.CharField(_("事由"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("提交人")
    )
    made_at = models.DateTimeField(_("提交时间"), default=now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("复核人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    note = models.CharField(_("复核意见"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("代理费率")
        ordering = ("supplier", "key", "-valid_from", "-pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(value__gte=0), name="o2o_ticketing_agency_value"),
            ExclusionConstraint(
                name="o2o_ticketing_agency_once",
                expressions=[
                    ("supplier", RangeOperators.EQUAL), ("key", RangeOperators.EQUAL), (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state="published"),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.supplier} {self.key} {self.valid_from}"

    def _decide(self, user: object, note: str) -> None:
        self.decided_by = user  # type: ignore[assignment]
        self.decided_at = now()
        self.note = note

    @transition("state", source=RuleState.PENDING, target=RuleState.PUBLISHED, custom={"label": _("发布")})
    def publish(self, user: object, note: str) -> None:
        """A second person agrees; it counts from its first day."""
        self._decide(user, note)

    @transition("state", source=RuleState.PENDING, target=RuleState.REFUSED, custom={"label": _("驳回")})
    def refuse(self, user: object, note: str) -> None:
        """A second person does not agree."""
        self._decide(user, note)

    @transition("state", source=RuleState.PENDING, target=RuleState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self, user: object, note: str) -> None:
        """Whoever made it takes it back."""
        self._decide(user, note)
