"""The forms of fee rules: what is typed is read here, judged by the engine and the services, and kept when refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from saleor_o2o.kernel.clock import SHANGHAI, now, today

from ..choices import (
    AfterChange,
    Anchor,
    Base,
    FeeKind,
    Rounding,
    ServiceFee,
    Trade,
    Unit,
)
from ..engine import Changed, Facts, Part, Rule
from ..engine.soundness import problems_of
from ..models import SCOPE, FeeRule
from ..passengers import PassengerType
from ..tiers_text import (
    charge_typed,
    parse_charge,
    parse_span,
    parse_tiers,
    parse_windows,
    span_typed,
    tiers_text,
    windows_text,
)

ZERO = Decimal("0.00")


def text(label: Any, *, required: bool = True, most: int = 60, hint: Any = "") -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=hint, widget=UnfoldAdminTextInputWidget
    )


def lines(
    label: Any, *, required: bool = True, rows: int = 5, most: int = 2000, hint: Any = ""
) -> forms.CharField:
    """Several lines of text."""
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=hint,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": rows}),
    )  # fmt: skip


def choose(label: Any, choices: Sequence[tuple[Any, Any]], *, required: bool = True, hint: Any = "") -> Any:
    """One of a list."""
    return forms.ChoiceField(
        label=label, choices=choices, required=required, help_text=hint, widget=UnfoldAdminSelectWidget
    )


def yuan(label: Any, *, required: bool = False, hint: Any = "") -> forms.DecimalField:
    """An amount."""
    return forms.DecimalField(
        label=label, required=required, min_value=0, decimal_places=2, max_digits=9, help_text=hint,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip


def times(label: Any, *, hint: Any = "") -> forms.IntegerField:
    """How often; nothing for no limit."""
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=99, help_text=hint, widget=UnfoldAdminIntegerFieldWidget
    )  # fmt: skip


def day(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    """A day."""
    return forms.DateField(label=label, required=required, help_text=hint, widget=UnfoldAdminSingleDateWidget)


def tick(label: Any, *, hint: Any = "") -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(label=label, required=False, help_text=hint, widget=UnfoldBooleanWidget)


def moment(label: Any, *, required: bool = True, hint: Any = "") -> forms.CharField:
    """A moment to the second, typed as text so that every browser takes seconds."""
    return text(label, required=required, most=19, hint=hint or _("如 2026-12-01 08:30，可写到秒"))


#: Types of passengers with a share of their own, and the field of each.
SHARES = {
    PassengerType.INFANT: "share_infant", PassengerType.CHILD: "share_child",
    PassengerType.STUDENT: "share_student", PassengerType.SENIOR: "share_senior",
    PassengerType.DISABLED: "share_disabled",
}  # fmt: skip


def _share(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=100, decimal_places=2, max_digits=5,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip


class RuleForm(forms.Form):
    """A version of a rule."""

    name = text(_("名称"))
    trade = choose(_("票种"), Trade.choices)
    kind = choose(_("业务"), FeeKind.choices)
    valid_from = day(_("生效日期"), hint=_("最早为明天；同一范围的旧版本在前一天失效"))
    valid_to = day(_("失效日期"), required=False, hint=_("最后一天；留空长期有效"))
    supplier = text(_("供应商"), required=False, hint=_("以下各项留空表示全部；填得越细越优先"))
    line = text(_("线路"), required=False)
    cabin = text(_("舱位/席别"), required=False)
    product = text(_("产品"), required=False)
    ticket_class = text(_("票类"), required=False)
    session = text(_("班次/场次"), required=False)
    priority = forms.IntegerField(
        label=_("优先级"), min_value=0, max_value=99, initial=0, widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("范围相同的临时规则填较大的数"),
    )  # fmt: skip
    anchor = choose(_("时间以什么为准"), Anchor.choices)
    tiers = lines(
        _("各档"),
        hint=_(
            "每行一档：截止时间（含）: 收费。如 前2小时: 10% 最低0.3 ／ 到点: 20% ／ 以后: 不办；"
            "改签可写 前24小时 改到次日: 5%"
        ),
    )
    base = choose(_("比例的基数"), Base.choices)
    rounding = choose(_("取整"), Rounding.choices)
    unit = choose(_("计算单位"), Unit.choices)
    service = choose(_("服务费"), ServiceFee.choices, hint=_("退票时服务费退不退"))
    windows = lines(
        _("节假日"), required=False, rows=3,
        hint=_("每行一个：名称 首日~末日 乘车或办理: 收费。如 春运 2027-01-23~2027-03-03 乘车 改签过: 20% 最低2"),
    )  # fmt: skip
    grace = text(_("下单后免费时限"), required=False, hint=_("如 30分钟、24小时"))
    free_times = times(_("每张票前几次免费"))
    most_times = times(_("每张票最多几次"))
    account_free = times(_("每个账号每场免费几次"))
    account_beyond = text(_("超出免费次数后"), required=False, hint=_("如 20%；留空不予办理"))
    account_most = times(_("每个账号每场最多几次"))
    share_infant = _share(_("婴幼儿收手续费的 %"))
    share_child = _share(_("儿童收手续费的 %"))
    share_student = _share(_("学生收手续费的 %"))
    share_senior = _share(_("老人收手续费的 %"))
    share_disabled = _share(_("残疾军人收手续费的 %"))
    after_change = choose(_("改签过的票"), AfterChange.choices)
    floor_within = text(_("改签时距原出发不足"), required=False, hint=_("如 8天；与下一项同时填写"))
    floor = text(_("则至少收"), required=False, hint=_("如 5% 最低2"))
    original_fare = tick(_("改签过的票按改签前的票价计算"))
    back_down = tick(_("改到更便宜的退差额"))
    whole_order = tick(_("只能整单办理"))
    note = text(_("补充说明"), required=False, most=200, hint=_("原样显示给旅客"))
    reason = text(_("事由"), required=False, most=200, hint=_("提交时必填，复核人会看到"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        first = {"valid_from": today() + timedelta(days=1), "service": ServiceFee.INVOLUNTARY.value}
        kwargs["initial"] = {**first, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.rule: Rule | None = None

    def _read(self, name: str, read: Callable[[str], Any], empty: Any) -> Any:
        told = self.cleaned_data.get(name) or ""
        if not told.strip():
            return empty
        try:
            return read(told)
        except ValueError as error:
            self.add_error(name, str(error))
            return empty

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        read = {
            "tiers": self._read("tiers", parse_tiers, ()),
            "windows": self._read("windows", parse_windows, ()),
            "grace": self._read("grace", parse_span, 0),
            "account_beyond": self._read("account_beyond", parse_charge, None),
            "floor_within": self._read("floor_within", parse_span, None),
            "floor": self._read("floor", parse_charge, None),
        }
        if self.errors:
            return given
        plain = {field.name for field in fields(Rule)} & set(given) - set(read)
        self.rule = Rule(
            **{name: given[name] for name in plain if name != "free_times"}, **read,
            free_times=given["free_times"] or 0,
            types={type_.value: given[name] for type_, name in SHARES.items() if given[name] is not None},
        )  # fmt: skip
        for problem in problems_of(self.rule):
            name = problem.field if problem.field in self.fields else None
            self.add_error(name, problem.in_words)
        return given

    def scope(self) -> dict[str, str]:
        """What the rule is for."""
        return {key: self.cleaned_data[key] for key in SCOPE}


def initial_of(row: FeeRule, rule: Rule) -> dict[str, Any]:
    """A form's values for a version that follows this one."""
    shares = {name: rule.types[type_.value] for type_, name in SHARES.items() if type_.value in rule.types}
    return {
        **{field.name: getattr(rule, field.name) for field in fields(Rule)}, **shares,
        **{key: getattr(row, key) for key in SCOPE}, "priority": row.priority, "name": row.name,
        "tiers": tiers_text(rule.tiers), "windows": windows_text(rule.windows), "grace": span_typed(rule.grace),
        "account_beyond": charge_typed(rule.account_beyond) if rule.account_beyond else "",
        "floor_within": span_typed(rule.floor_within or 0), "floor": charge_typed(rule.floor) if rule.floor else "",
    }  # fmt: skip


class DecisionForm(forms.Form):
    """The second person's word."""

    # several lines: in a single one the enter key would press the first button of the page, which publishes
    note = lines(_("复核意见"), required=False, rows=2, most=200, hint=_("驳回时必填"))


class EndForm(forms.Form):
    """The last day of a rule."""

    last_day = day(_("最后一天"))
    reason = text(_("事由"), most=200, hint=_("会记入审计"))


class TryForm(forms.Form):
    """A ticket that somebody thinks of."""

    rule = choose(_("规则"), ())
    face = yuan(_("票面价"), required=True)
    paid = yuan(_("实付票款"), hint=_("不含税费和服务费；留空同票面价"))
    full = yuan(_("全价"), hint=_("留空同票面价"))
    taxes = yuan(_("税费"))
    service = yuan(_("服务费"))
    anchor = moment(_("出发/开场/有效期等时间"), hint=_("规则以它为准；景区填游玩日零点"))
    at = moment(_("办理时间"))
    booked = moment(_("下单时间"), required=False)
    passenger = choose(_("旅客类型"), PassengerType.choices)
    involuntary = tick(_("承运方（主办方）原因"))
    times_before = times(_("这张票已办理过几次"))
    account_before = times(_("这个账号本场已办理过几次"))
    changed_at = moment(_("改签时间"), required=False, hint=_("改签过的票填写以下三项"))
    changed_anchor = moment(_("改签前的出发时间"), required=False)
    changed_face = yuan(_("改签前的票价"))
    target = moment(_("要改到的时间"), required=False, hint=_("试算改签时填写"))
    new_price = yuan(_("新票价"))

    def __init__(self, rules: Sequence[FeeRule], *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"at": f"{now():%Y-%m-%d %H:%M}", **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["rule"]
        field.choices = [(str(row.pk), f"{row.get_trade_display()} · {row}") for row in rules]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("anchor", "at", "booked", "changed_at", "changed_anchor", "target"):
            given[name] = self._moment(name, given.get(name) or "")
        changed = [given.get(name) for name in ("changed_at", "changed_anchor", "changed_face")]
        if any(one is not None for one in changed) and None in changed:
            self.add_error("changed_at", _("改签过的票，三项都要填写"))
        return given

    def _moment(self, name: str, told: str) -> datetime | None:
        if not told.strip():
            return None
        try:
            return datetime.fromisoformat(" ".join(told.split())).replace(tzinfo=SHANGHAI)
        except ValueError:
            self.add_error(name, _("时间应如 2026-12-01 08:30"))
            return None

    def facts(self, rule: Rule) -> Facts:
        """The ticket, for this rule."""
        given = self.cleaned_data
        face = given["face"]
        anchors = {str(rule.anchor): given["anchor"]}
        anchors.setdefault(Anchor.DEPARTURE.value, given["anchor"])
        if given["booked"] is not None:
            anchors[Anchor.BOOKED.value] = given["booked"]
        changed = None
        if given["changed_at"] is not None:
            fare = given["changed_face"]
            changed = Changed(given["changed_at"], given["changed_anchor"], Part("", fare, fare, fare))

        def known(name: str, other: Decimal) -> Decimal:
            return other if given[name] is None else given[name]

        return Facts(
            parts=(Part("1", face, known("paid", face), known("full", face)),), moment=given["at"], anchors=anchors,
            passenger=given["passenger"], involuntary=given["involuntary"],
            times_before=given["times_before"] or 0, account_before=given["account_before"] or 0,
            taxes=known("taxes", ZERO), service=known("service", ZERO), changed=changed, target=given["target"],
            new_price=given["new_price"],
        )  # fmt: skip
