"""Forms of memberships' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.reasons import ReasonForm

from ..choices import PlanKind
from ..models import Plan


def text(label: Any, most: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        widget=UnfoldAdminTextInputWidget,
        help_text=help_text,
    )


class PlanForm(forms.Form):
    """A new plan."""

    code = forms.SlugField(
        label=_("代码"),
        max_length=30,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("小写字母、数字、短横，如 gold-year"),
    )
    name = text(_("名称"), 40)
    kind = forms.ChoiceField(label=_("种类"), choices=PlanKind.choices, widget=UnfoldAdminSelectWidget)
    price = forms.DecimalField(
        label=_("价格（元）"), max_digits=8, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("企业会员、员工会员由机构开通，填 0"),
    )  # fmt: skip
    months = forms.IntegerField(label=_("期限（月）"), initial=12, widget=UnfoldAdminIntegerFieldWidget)
    rank = forms.IntegerField(
        label=_("档次"), initial=1, min_value=1, max_value=99, widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("同一种类里，高的可由低的补差价升级"),
    )  # fmt: skip
    agreement = text(_("会员协议版本"), 20)
    note = text(_("权益说明"), 200, required=False)


class PlanChangeForm(forms.Form):
    """What later buyers get."""

    name = text(_("名称"), 40)
    price = forms.DecimalField(
        label=_("价格（元）"), max_digits=8, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    rank = forms.IntegerField(
        label=_("档次"), min_value=1, max_value=99, widget=UnfoldAdminIntegerFieldWidget
    )
    agreement = text(_("会员协议版本"), 20)
    note = text(_("权益说明"), 200, required=False)
    until = forms.DateField(
        label=_("最后销售日"), required=False, widget=UnfoldAdminDateWidget, help_text=_("空为一直销售")
    )


class GiveForm(ReasonForm):
    """To whom."""

    member = text(_("会员"), 60, help_text=_("完整的会员号、手机号、卡号、证件号或用户名"))
    field_order = ("member", "reason")


class OptionalReasonForm(forms.Form):
    """A word, if there is one."""

    reason = text(_("备注"), 200, required=False)


def plan_field() -> forms.ModelChoiceField[Plan]:
    """Which plan."""
    return forms.ModelChoiceField(
        label=_("方案"), queryset=Plan.objects.order_by("kind", "rank"), widget=UnfoldAdminSelectWidget
    )


class BatchForm(forms.Form):
    """So many cards of a plan."""

    plan = plan_field()
    count = forms.IntegerField(
        label=_("张数"), min_value=1, max_value=2000, widget=UnfoldAdminIntegerFieldWidget
    )
    months = forms.IntegerField(
        label=_("激活期限（月）"), initial=24, min_value=1, max_value=60, widget=UnfoldAdminIntegerFieldWidget
    )
    note = text(_("用途"), 200, help_text=_("例如：春节网点促销"))


class HandoutForm(forms.Form):
    """To whom, how many."""

    plan = plan_field()
    target = text(_("接收机构代码"), 20)
    count = forms.IntegerField(
        label=_("张数"), min_value=1, max_value=2000, widget=UnfoldAdminIntegerFieldWidget
    )


class CardSaleForm(forms.Form):
    """What a customer got for which order."""

    order_number = text(_("订单号"), 20)
    numbers = forms.CharField(
        label=_("卡号"), max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("一行一张，可以连续扫"),
    )  # fmt: skip


class CardBeginForm(forms.Form):
    """Which card, for whom."""

    number = text(_("卡号"), 40)
    member = text(_("会员"), 60, help_text=_("完整的会员号、手机号或证件号"))
    code = text(_("短信验证码"), 10, required=False, help_text=_("先发送验证码，请会员念出"))


class CardReplaceForm(forms.Form):
    """Which card takes the lost one's place."""

    number = text(_("新卡卡号"), 40)
    code = text(_("短信验证码"), 10, required=False, help_text=_("先发送验证码，请会员念出"))


class RedeemForm(forms.Form):
    """What the member shows."""

    digits = forms.CharField(
        label=_("权益码"), max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "autofocus": True, "autocomplete": "off"}),
        help_text=_("会员手机上的十位数字"),
    )  # fmt: skip
    note = text(_("说明"), 200, required=False)


class PeriodForm(forms.Form):
    """From which day to which."""

    first = forms.DateField(label=_("自"), widget=UnfoldAdminDateWidget)
    last = forms.DateField(label=_("至"), widget=UnfoldAdminDateWidget, help_text=_("须在今天之前"))


class ConfirmForm(forms.Form):
    """Who said so."""

    note = text(_("确认说明"), 200, required=False, help_text=_("商户的结算单必填：谁、怎样确认的"))


class AnswerForm(ReasonForm):
    """What is changed by the next sheet."""

    amount = forms.DecimalField(
        label=_("更正金额（元）"), max_digits=10, decimal_places=2, initial=0, widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("应多付的填正数，应少付的填负数；原单没有错填 0"),
    )  # fmt: skip
    field_order = ("amount", "reason")


class PayForm(forms.Form):
    """Under which voucher, when."""

    reference = text(_("付款凭证号"), 40, help_text=_("银行回单号或记账凭证号"))
    paid_on = forms.DateField(label=_("付款日期"), widget=UnfoldAdminDateWidget)
