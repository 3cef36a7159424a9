"""The forms of resellers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from saleor_o2o.kernel.clock import today


def _text(label: Any, most: int, *, required: bool = True, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=hint, widget=UnfoldAdminTextInputWidget()
    )


def _yuan(label: Any, *, least: str = "0", required: bool = True, hint: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(least), max_digits=10, decimal_places=2, required=required, help_text=hint,
        widget=UnfoldAdminDecimalFieldWidget(),
    )  # fmt: skip


def _day(label: Any, initial: Any) -> forms.DateField:
    return forms.DateField(label=label, initial=initial, widget=UnfoldAdminSingleDateWidget())


def _in_a_year() -> date:
    return today() + timedelta(days=365)


class NothingForm(forms.Form):
    """Nothing to type."""


class AccountForm(forms.Form):
    """Contract, contact, credit, address of notices."""

    name = _text(_("名称"), 80)
    contract = _text(_("合同号"), 60)
    first_day = _day(_("合同开始"), today)
    last_day = _day(_("合同结束"), _in_a_year)
    contact = _text(_("联系人"), 60, required=False)
    mobile = _text(_("联系手机"), 20, required=False)
    email = forms.EmailField(
        label=_("业务邮箱"), required=False, max_length=120, widget=UnfoldAdminTextInputWidget()
    )
    credit = _yuan(_("授信额度（元）"), hint=_("余额用完后还可以购票的金额；不授信填 0"))
    low_below = _yuan(_("余额低于此数提醒（元）"))
    hook = _text(
        _("通知地址"),
        300,
        required=False,
        hint=_("对方接收出票、核销、退票通知的 https 地址；空：对方自行查询"),
    )


class NewAccountForm(AccountForm):
    """A new one, at a unit in reach."""

    field_order = ("unit", "code", "name")
    unit = forms.ChoiceField(label=_("签约机构"), widget=UnfoldAdminSelectWidget())
    code = forms.SlugField(
        label=_("代码"),
        max_length=30,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("字母、数字、短横，不能改"),
    )

    def __init__(self, *args: Any, units: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = list(units)  # type: ignore[attr-defined]


class ChangeAccountForm(AccountForm):
    """And why."""

    reason = _text(_("变更事由"), 200, hint=_("会记入审计"))


class KeyForm(forms.Form):
    """Whether the key before ends at once."""

    at_once = forms.BooleanField(
        label=_("旧密钥立即失效"), required=False, widget=UnfoldBooleanSwitchWidget(),
        help_text=_("密钥泄露时勾选；不勾选则旧密钥 72 小时后失效，供对方切换"),
    )  # fmt: skip


class PriceForm(forms.Form):
    """A price for days."""

    ticket_class = forms.ChoiceField(label=_("票类"), widget=UnfoldAdminSelectWidget())
    first_day = _day(_("开始日期"), today)
    last_day = _day(_("结束日期"), _in_a_year)
    price = _yuan(_("渠道价（元）"), least="0.01")
    reason = _text(_("低于结算价的原因"), 200, required=False, hint=_("不低于结算价时不用填"))

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ticket_class"].choices = list(kinds)  # type: ignore[attr-defined]


class TopUpForm(forms.Form):
    """A transfer."""

    amount = _yuan(_("金额（元）"), least="0.01")
    bank_number = _text(_("银行流水号"), 64, hint=_("同一流水只能登记一次"))
    paid_on = _day(_("到账日期"), today)
    note = _text(_("说明"), 200, required=False)


class NoteForm(forms.Form):
    """A word about a decision."""

    note = _text(_("说明"), 200, required=False)
