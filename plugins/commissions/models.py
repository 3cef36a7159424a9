"""Plans, their rules by version, changes under dual control, and what an order remembers of them."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from plugins.org_hierarchy.interfaces import BusinessScope, OrgUnit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.states import FSMField, machine

from .channel_types import ChannelType
from .choices import Base, ChangeKind, ChangeState, Kind, SettlementState, TierMeasure, TierMode

CODE = RegexValidator(
    r"^[A-Z0-9][A-Z0-9-]{1,38}[A-Z0-9]$", _("方案代码由大写字母、数字和短横线组成，如 CQ-STD")
)


class CommissionPlan(models.Model):
    """A set of rules. The city's share out the whole; a lower unit's what is left to its owner."""

    code = models.CharField(_("方案代码"), max_length=40, unique=True, validators=[CODE])
    name = models.CharField(_("方案名称"), max_length=60)
    owner = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="commission_plans", verbose_name=_("所属机构")
    )
    is_base = models.BooleanField(_("市级方案"), editable=False)
    is_default = models.BooleanField(
        _("默认方案"), default=False, help_text=_("机构和渠道没有指定方案时用它")
    )
    is_active = models.BooleanField(_("启用"), default=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("佣金方案")
        ordering = ("owner__path", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("is_default",), condition=models.Q(is_default=True), name="o2o_comm_plan_one_default"
            ),
            models.UniqueConstraint(
                fields=("owner",), condition=models.Q(is_base=False), name="o2o_comm_plan_one_below"
            ),
            models.CheckConstraint(
                condition=models.Q(is_base=True) | models.Q(is_default=False),
                name="o2o_comm_plan_default_is_base",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@machine("state", terminal={ChangeState.CONFIRMED, ChangeState.REFUSED, ChangeState.WITHDRAWN})
class RateChange(models.Model):
    """New versions of rules of one plan, or the end of one rule: one person makes it, another one confirms it."""

    plan = models.ForeignKey(CommissionPlan, models.PROTECT, related_name="changes", verbose_name=_("方案"))
    kind = models.CharField(_("内容"), max_length=8, choices=ChangeKind.choices, default=ChangeKind.RULES)
    reason = models.CharField(_("变更原因"), max_length=200)
    state = FSMField(_("状态"), choices=ChangeState.choices, default=ChangeState.PENDING, protected=True)
    ends = models.ForeignKey(
        "CommissionRule",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("停用的规则"),
    )
    ends_on = models.DateField(_("最后一天"), null=True, blank=True)
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
        verbose_name = verbose_name_plural = _("佣金变更单")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("plan",), condition=models.Q(state="pending"), name="o2o_comm_change_open"),
        )

    def __str__(self) -> str:
        return f"#{self.pk} {self.reason}"

    def _decide(self, user: object, note: str) -> None:
        self.decided_by = user  # type: ignore[assignment]
        self.decided_at = now()
        self.note = note

    @transition(
        "state", source=ChangeState.PENDING, target=ChangeState.CONFIRMED, custom={"label": _("确认")}
    )
    def confirm(self, user: object, note: str) -> None:
        """A second person agrees; the rules are in force from their first day."""
        self._decide(user, note)

    @transition("state", source=ChangeState.PENDING, target=ChangeState.REFUSED, custom={"label": _("驳回")})
    def refuse(self, user: object, note: str) -> None:
        """A second person does not agree."""
        self._decide(user, note)

    @transition(
        "state", source=ChangeState.PENDING, target=ChangeState.WITHDRAWN, custom={"label": _("撤回")}
    )
    def withdraw(self, user: object, note: str) -> None:
        """Whoever made it takes it back."""
        self._decide(user, note)


class RuleQuerySet(models.QuerySet["CommissionRule"]):
    """Rules by the day."""

    def on(self, day: date) -> RuleQuerySet:
        """The rules in force on a day."""
        return self.filter(in_force=True, valid_from__lte=day).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=day)
        )


#: The days of a rule as a range, the last one included.
DAYS = models.Func(
    "valid_from", "valid_to", models.Value("[]"), function="DATERANGE", output_field=DateRangeField()
)


class CommissionRule(models.Model):
    """One version of one rule. Never edited: once in force only its last day may be brought forward.

    `tiers` holds the totals through each rank: `[{"from": "0", "rates": {"1": "12", "5": "4"}}]`, per cent or yuan.
    A category that is deleted leaves the rule where it is: it matches nothing any more.
    """

    plan = models.ForeignKey(CommissionPlan, models.PROTECT, related_name="rules", verbose_name=_("方案"))
    change = models.ForeignKey(RateChange, models.PROTECT, related_name="rules", verbose_name=_("变更单"))
    version = models.PositiveIntegerField(_("版本"), default=0, editable=False)
    in_force = models.BooleanField(_("已确认"), default=False, editable=False)
    business = models.CharField(_("业务线"), max_length=20, choices=BusinessScope.choices)
    category_id = models.BigIntegerField(_("商品分类"), null=True, blank=True)
    category_name = models.CharField(_("分类名称"), max_length=250, blank=True)
    channel_type = models.CharField(_("渠道类型"), max_length=20, blank=True)
    kind = models.CharField(_("计佣方式"), max_length=8, choices=Kind.choices, default=Kind.RATIO)
    base = models.CharField(_("基数"), max_length=8, choices=Base.choices, default=Base.PAID)
    tiers = models.JSONField(_("各级合计"))
    tier_mode = models.CharField(
        _("累进方式"), max_length=8, choices=TierMode.choices, default=TierMode.WHOLE
    )
    tier_measure = models.CharField(
        _("阶梯依据"), max_length=8, choices=TierMeasure.choices, default=TierMeasure.AMOUNT
    )
    cap = models.DecimalField(_("每笔封顶（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    floor = models.DecimalField(_("每笔保底（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True, help_text=_("最后一天"))
    created_at = models.DateTimeField(_("提交时间"), default=now, editable=False)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("佣金规则")
        ordering = ("plan", "business", "category_name", "channel_type", "-valid_from")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="o2o_comm_rule_days",
            ),
            ExclusionConstraint(
                name="o2o_comm_rule_no_overlap",
                expressions=[
                    ("plan", RangeOperators.EQUAL),
                    ("business", RangeOperators.EQUAL),
                    (Coalesce("category_id", models.Value(0)), RangeOperators.EQUAL),
                    ("channel_type", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=models.Q(in_force=True),
            ),
        )
        indexes = (
            models.Index(
                fields=("plan", "business"), condition=models.Q(in_force=True), name="o2o_comm_rule_plan"
            ),
        )

    def __str__(self) -> str:
        line = dict(BusinessScope.choices).get(self.business, self.business)
        channel = dict(ChannelType.choices).get(self.channel_type, self.channel_type) or _("全部渠道")
        return f"{line} · {self.category_name or _('全部分类')} · {channel} v{self.version}"

    @property
    def standing(self) -> str:
        """Where it stands today: `proposed`, `planned`, `current`, `past`."""
        if not self.in_force:
            return "proposed"
        if self.valid_from > today():
            return "planned"
        return "current" if self.valid_to is None or self.valid_to >= today() else "past"


class BusinessCategory(models.Model):
    """Which business line a category and everything below it belongs to; what is not told is retail."""

    category = models.OneToOneField(
        "product.Category", models.CASCADE, related_name="o2o_business", verbose_name=_("商品分类")
    )
    business = models.CharField(_("业务线"), max_length=20, choices=BusinessScope.choices)

    class Meta:
        verbose_name = verbose_name_plural = _("分类归属业务线")
        ordering = ("category__tree_id", "category__lft")

    def __str__(self) -> str:
        return f"{self.category.name} {self.get_business_display()}"


@machine("state", terminal={SettlementState.SETTLED, SettlementState.CANCELLED})
class CommissionSnapshot(models.Model):
    """What an order was told of commissions when it was made: the facts of each line and the rules in force."""

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="o2o_commission", verbose_name=_("订单")
    )
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("归属机构"))
    channel_type = models.CharField(_("渠道类型"), max_length=20, blank=True)
    channel_code = models.CharField(_("渠道代码"), max_length=40, blank=True)
    on_date = models.DateField(_("适用日期"))
    lines = models.JSONField(_("各行的事实与规则"))
    volumes = models.JSONField(_("各业务线销量"))
    state = FSMField(
        _("结算状态"), choices=SettlementState.choices, default=SettlementState.OPEN, protected=True
    )
    taken_at = models.DateTimeField(_("记录时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("订单佣金快照")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("unit", "on_date"), name="o2o_comm_snapshot_month"),)

    def __str__(self) -> str:
        return f"#{self.order_id} {self.on_date}"

    @transition(
        "state", source=SettlementState.OPEN, target=SettlementState.SETTLED, custom={"label": _("结算")}
    )
    def settle(self) -> None:
        """The money is on its way; done by finance."""

    @transition(
        "state", source=SettlementState.OPEN, target=SettlementState.CANCELLED, custom={"label": _("取消")}
    )
    def cancel(self) -> None:
        """Nothing will be paid; done by finance."""
