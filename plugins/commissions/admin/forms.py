"""The forms of commissions: what is typed is read here, judged by the services, and kept when they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from plugins.org_hierarchy.interfaces import BusinessScope
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import InvalidAmount, parse_yuan

from ..calculating import EXAMPLES
from ..channel_types import ChannelType
from ..choices import Base, Kind, Rank, TierMeasure, TierMode
from ..engine.facts import Rule, RuleTier
from ..engine.wording import plain
from ..loading import Categories
from ..models import CommissionPlan
from ..tiers_text import parse_tiers, tiers_text

#: Filled in when the form is made.
EMPTY: list[tuple[str, Any]] = [("", "—")]


def text(label: Any, *, required: bool = True, most: int = 200, hint: Any = "") -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=hint, widget=UnfoldAdminTextInputWidget
    )


def number(label: Any, *, places: int = 2, hint: Any = "", required: bool = False) -> forms.DecimalField:
    """A number that is typed as text would be: no float comes near it."""
    return forms.DecimalField(
        label=label, required=required, decimal_places=places, max_digits=12, help_text=hint,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip


def day(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    """A day."""
    return forms.DateField(label=label, required=required, help_text=hint, widget=UnfoldAdminSingleDateWidget)


def choose(label: Any, choices: Sequence[tuple[Any, Any]], *, required: bool = True, hint: Any = "") -> Any:
    """One of a list."""
    return forms.ChoiceField(
        label=label, choices=choices, required=required, help_text=hint, widget=UnfoldAdminSelectWidget
    )


class Refusable(forms.Form):
    """A form that can show a service's refusal at the field it is about."""

    #: What a service calls a field, where the form has another name for it.
    renamed: dict[str, str] = {}

    def refuse(self, error: DomainError) -> None:
        """Show an error, with its hint, at its field or above the form."""
        field = self.renamed.get(error.field or "", error.field)
        words = f"{error.message}（{error.hint}）" if error.hint else error.message
        self.add_error(field if field in self.fields else None, words)


class PlanForm(Refusable):
    """A new plan."""

    owner = forms.TypedChoiceField(label=_("所属机构"), widget=UnfoldAdminSelectWidget)
    code = text(_("方案代码"), most=40, hint=_("大写字母、数字和短横线，如 CQ-STD"))
    name = text(_("方案名称"), most=60)
    note = text(_("说明"), required=False, most=300)

    def __init__(self, owners: Sequence[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = {str(unit.pk): unit for unit in owners}
        field: Any = self.fields["owner"]
        field.choices = [(pk, f"{'　' * (unit.level - 1)}{unit.name}") for pk, unit in units.items()]
        field.coerce = units.__getitem__


class RuleForm(Refusable):
    """A version of a rule. The rates of a plain rule have a field each; tiers are typed a line each."""

    renamed = {"rates": "rate_1"}

    business = choose(_("业务线"), BusinessScope.choices)
    category = choose(_("商品分类"), EMPTY, required=False, hint=_("留空：这条业务线的全部分类"))
    channel_type = choose(_("渠道类型"), EMPTY, required=False, hint=_("留空：全部渠道"))
    kind = choose(_("计佣方式"), Kind.choices)
    base = choose(_("基数"), Base.choices, hint=_("比例和阶梯比例使用"))
    tier_mode = choose(_("累进方式"), TierMode.choices, hint=_("阶梯比例使用"))
    tier_measure = choose(_("阶梯依据"), TierMeasure.choices, hint=_("阶梯比例使用"))
    tiers = forms.CharField(
        label=_("各档"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("阶梯比例使用，每行一档，没有的层级写 -，如 10000: 12/11/10/8/6/2（市到店员）"),
    )  # fmt: skip
    cap = number(_("每笔封顶（元）"))
    floor = number(_("每笔保底（元）"))
    valid_from = day(_("生效日期"), hint=_("最早为明天"))
    valid_to = day(_("失效日期"), required=False, hint=_("最后一天；留空长期有效"))
    sample = text(_("预览金额"), required=False, hint=_("看看这几笔销售的变化，用空格分开"))
    reason = text(_("变更原因"), required=False, hint=_("提交时必填，复核人会看到"))

    def __init__(self, plan: CommissionPlan, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "valid_from": today() + timedelta(days=1), "sample": " ".join(map(plain, EXAMPLES)),
            **kwargs.get("initial", {}),
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.categories = Categories()
        chosen: Any = self.fields
        chosen["category"].choices = [("", _("全部分类")), *self.categories.choices()]
        chosen["channel_type"].choices = [("", _("全部渠道")), *ChannelType.choices]
        self.ranks = [rank for rank in Rank if plan.is_base or rank > plan.owner.level]
        for rank in self.ranks:
            self.fields[f"rate_{rank}"] = number(rank.label, places=4)

    def parts(self) -> list[tuple[str, list[Any]]]:
        """The fields by group, for the page."""
        groups = {
            str(_("适用范围")): ("business", "category", "channel_type", "valid_from", "valid_to"),
            str(_("怎样计佣")): ("kind", "base", "tier_mode", "tier_measure"),
            str(_("各级合计（% 或元，上级包含下级；留空的层级不分）")): tuple(
                f"rate_{rank}" for rank in self.ranks
            ),
            str(_("阶梯与限额")): ("tiers", "cap", "floor"),
            str(_("预览与提交")): ("sample", "reason"),
        }
        return [(title, [self[name] for name in names]) for title, names in groups.items()]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == Kind.TIERED:
            try:
                given["read_tiers"] = parse_tiers(given.get("tiers", ""))
            except ValueError as error:
                self.add_error("tiers", str(error))
        else:
            rates = {rank: given.get(f"rate_{rank}") for rank in self.ranks}
            given["read_tiers"] = (
                RuleTier(Decimal(0), {int(rank): rate for rank, rate in rates.items() if rate is not None}),
            )
        try:
            given["examples"] = [parse_yuan(word) for word in (given.get("sample") or "").split()][:6]
        except InvalidAmount as error:
            self.add_error("sample", error.message)
        return given

    def rule(self) -> Rule:
        """What was typed, as a rule."""
        given = self.cleaned_data
        category = int(given["category"]) if given["category"] else None
        return Rule(
            business=given["business"], kind=given["kind"], tiers=given["read_tiers"],
            valid_from=given["valid_from"], valid_to=given["valid_to"], category_id=category,
            category_name=self.categories.name(category) if category is not None else "",
            channel_type=given["channel_type"], base=given["base"], tier_mode=given["tier_mode"],
            tier_measure=given["tier_measure"], cap=given["cap"], floor=given["floor"],
        )  # fmt: skip

    def examples(self) -> Sequence[Decimal]:
        """The amounts of the preview."""
        return self.cleaned_data.get("examples") or EXAMPLES


def initial_of(rule: Rule) -> dict[str, Any]:
    """The form's first values for a version that follows `rule`."""
    values: dict[str, Any] = {
        name: getattr(rule, name)
        for name in ("business", "channel_type", "kind", "base", "tier_mode", "tier_measure", "cap", "floor")
    }
    values["category"] = rule.category_id or ""
    if rule.kind == Kind.TIERED:
        values["tiers"] = tiers_text(rule.tiers)
    else:
        values |= {f"rate_{rank}": rate.normalize() for rank, rate in rule.tiers[0].rates.items()}
        values |= {name: f"{rate:f}" for name, rate in values.items() if name.startswith("rate_")}
    return values


class EndForm(Refusable):
    """The last day of a rule."""

    last_day = day(_("最后一天"))
    reason = text(_("停用原因"))


class StandingForm(Refusable):
    """Why a plan goes, or comes back."""

    reason = text(_("原因"))


class DecisionForm(Refusable):
    """A second person's word."""

    renamed = {"reason": "note"}
    note = text(_("复核意见"), required=False, hint=_("驳回时必填"))


class CategoryForm(Refusable):
    """A category and its business line."""

    category = forms.TypedChoiceField(label=_("商品分类"), coerce=int, widget=UnfoldAdminSelectWidget)
    business = choose(_("业务线"), BusinessScope.choices)

    def __init__(self, categories: Categories, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = categories.choices()


class FileForm(Refusable):
    """An Excel file of rules."""

    file = forms.FileField(label=_("Excel 文件（.xlsx）"), widget=UnfoldAdminFileFieldWidget)
    reason = text(_("变更原因"))

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > 2 * 1024 * 1024:
            raise ValidationError(_("文件不能超过 2 MB"))
        return given


class CalculatorForm(Refusable):
    """A sale to be calculated."""

    unit = text(_("机构代码"), most=40, hint=_("下单的网点、支局或其他机构"))
    channel = text(_("渠道代码"), required=False, most=16, hint=_("微店、服务站等；没有则留空"))
    channel_type = choose(_("渠道类型"), EMPTY, required=False, hint=_("填了渠道代码时以渠道为准"))
    operator = text(_("经办店员"), required=False, most=60, hint=_("没有人经办则留空"))
    business = choose(_("业务线"), BusinessScope.choices)
    category = choose(_("商品分类"), EMPTY, required=False)
    on_date = day(_("日期"))
    paid = number(_("实付（元）"), required=True)
    quantity = forms.IntegerField(
        label=_("数量"), min_value=1, max_value=1_000_000, initial=1, widget=UnfoldAdminIntegerFieldWidget
    )
    margin = number(_("毛利（元）"), hint=_("按毛利计佣的规则需要"))
    fee = number(_("服务费（元）"), hint=_("按服务费计佣的规则需要"))
    rebate = number(_("供应商返佣（元）"), hint=_("按返佣计佣的规则需要"))
    volume_amount = number(_("本月此前销售额（元）"), hint=_("阶梯规则需要"))
    volume_quantity = forms.IntegerField(
        label=_("本月此前销量"), min_value=0, max_value=1_000_000_000, required=False,
        help_text=_("阶梯规则需要"), widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields
        chosen["category"].choices = [("", _("不限")), *Categories().choices()]
        chosen["channel_type"].choices = [("", _("不限")), *ChannelType.choices]

    def parts(self) -> list[tuple[str, list[Any]]]:
        """The fields by group, for the page."""
        groups = {
            str(_("在哪里卖")): ("unit", "channel", "channel_type", "operator"),
            str(_("卖什么")): ("business", "category", "on_date", "paid", "quantity"),
            str(_("其他基数与本月累计")): ("margin", "fee", "rebate", "volume_amount", "volume_quantity"),
        }
        return [(title, [self[name] for name in names]) for title, names in groups.items()]
