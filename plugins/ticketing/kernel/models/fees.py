"""Fee rules by version, and quotes that hold for five minutes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import FeeKind, RuleState, Trade

#: For what a rule is, the nearest first: a rule that names the session speaks before one that names the supplier.
SCOPE = ("session", "ticket_class", "product", "cabin", "line", "supplier")
#: The days of a rule as a range, the last one included.
DAYS = models.Func(
    "valid_from", "valid_to", models.Value("[]"), function="DATERANGE", output_field=DateRangeField()
)


def _scope(label: Any) -> models.CharField[str, str]:
    return models.CharField(label, max_length=60, blank=True, default="")


@machine("state", terminal={RuleState.PUBLISHED, RuleState.REFUSED, RuleState.WITHDRAWN})
class FeeRule(models.Model):
    """One version of a rule, or the order that one ends (`ends`). One person submits it, another one publishes it.

    `says` is the rule as the engine reads it (`engine.Rule.to_json`) and as orders keep it. Once published nothing
    but the last day is written any more (a trigger refuses it).
    """

    name = models.CharField(_("名称"), max_length=60)
    trade = models.CharField(_("票种"), max_length=8, choices=Trade.choices)
    kind = models.CharField(_("业务"), max_length=8, choices=FeeKind.choices)
    supplier = _scope(_("供应商"))
    line = _scope(_("线路"))
    cabin = _scope(_("舱位/席别"))
    product = _scope(_("产品"))
    session = _scope(_("班次/场次"))
    ticket_class = _scope(_("票类"))
    priority = models.SmallIntegerField(_("优先级"), default=0)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    says = models.JSONField(_("规则内容"))
    version = models.PositiveIntegerField(_("版本"), default=0, editable=False)
    ends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="end_orders", verbose_name=_("停用的规则")
    )
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
        verbose_name = verbose_name_plural = _("退改规则")
        ordering = ("trade", "kind", "name", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="o2o_ticketing_rule_days",
            ),
            ExclusionConstraint(
                name="o2o_ticketing_rule_no_overlap",
                expressions=[
                    *((name, RangeOperators.EQUAL) for name in ("trade", "kind", *SCOPE, "priority")),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state="published", ends__isnull=True),
            ),
        )
        indexes = (
            models.Index(
                fields=("trade", "kind"),
                condition=models.Q(state="published", ends__isnull=True),
                name="o2o_ticketing_rule_for",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}" if self.version else self.name

    @property
    def standing(self) -> str:
        """Where it stands today: its state, or for a published rule `planned`, `current`, `past`."""
        if self.state != RuleState.PUBLISHED or self.ends_id is not None:
            return str(self.state)
        day: date = today()
        if self.valid_from > day:
            return "planned"
        return "current" if self.valid_to is None or self.valid_to >= day else "past"

    def _decide(self, user: object, note: str) -> None:
        self.decided_by = user  # type: ignore[assignment]
        self.decided_at = now()
        self.note = note

    @transition("state", source=RuleState.PENDING, target=RuleState.PUBLISHED, custom={"label": _("发布")})
    def publish(self, user: object, note: str, version: int) -> None:
        """A second person agrees; it counts from its first day."""
        self._decide(user, note)
        self.version = version

    @transition("state", source=RuleState.PENDING, target=RuleState.REFUSED, custom={"label": _("驳回")})
    def refuse(self, user: object, note: str) -> None:
        """A second person does not agree."""
        self._decide(user, note)

    @transition("state", source=RuleState.PENDING, target=RuleState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self, user: object, note: str) -> None:
        """Whoever made it takes it back."""
        self._decide(user, note)


class FeeQuote(models.Model):
    """What somebody was told a refund or a change costs: with the moment held fast, for five minutes, used once.

    `subject` names the ticket (`coach.ticket:17`). Neither facts nor result hold anything personal.
    """

    token = models.CharField(_("凭据"), max_length=43, unique=True)
    subject = models.CharField(_("票"), max_length=80, db_index=True)
    kind = models.CharField(_("业务"), max_length=8, choices=FeeKind.choices)
    says = models.JSONField(_("规则快照"))
    facts = models.JSONField(_("事实"))
    result = models.JSONField(_("结果"))
    allowed = models.BooleanField(_("可以办理"))
    fee = models.DecimalField(_("手续费（元）"), max_digits=12, decimal_places=2)
    back = models.DecimalField(_("应退（元）"), max_digits=12, decimal_places=2)
    to_pay = models.DecimalField(_("应补（元）"), max_digits=12, decimal_places=2)
    moment = models.DateTimeField(_("计费时刻"))
    valid_until = models.DateTimeField(_("有效至"))
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("退改报价")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.subject} {self.moment:%Y-%m-%d %H:%M:%S}"
