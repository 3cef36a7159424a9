"""Forms of the members' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.scope import rows_for

from ..kinds import Gender
from ..models import Tag
from ..permissions import EDIT
from ..services.tagging import usable_tags


class CounterForm(forms.Form):
    """A person at the counter: the number, the code that was read out, the name, the signed agreement."""

    mobile = forms.CharField(
        label=_("手机号"),
        max_length=30,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "tel", "autofocus": True}),
    )
    code = forms.CharField(
        label=_("验证码"), max_length=20, required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text=_("点“发送验证码”，请顾客念出短信里的六位数字"),
    )  # fmt: skip
    name = forms.CharField(label=_("姓名"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget)
    agreed = forms.BooleanField(
        label=_("顾客已阅读并同意会员协议"), required=False, widget=UnfoldBooleanWidget
    )


class PhoneForm(forms.Form):
    """A caller: the number, the name, and where the consent can be heard."""

    mobile = forms.CharField(
        label=_("手机号"),
        max_length=30,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "tel", "autofocus": True}),
    )
    name = forms.CharField(label=_("姓名"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget)
    recording = forms.CharField(
        label=_("录音编号或通话记录"), max_length=100, widget=UnfoldAdminTextInputWidget,
        help_text=_("顾客口头同意会员协议的凭据"),
    )  # fmt: skip


class MergeForm(forms.Form):
    """Who else the member is, and why the two are one."""

    other = forms.CharField(
        label=_("并入的会员"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("会员号、完整手机号、卡号、证件号或用户名"),
    )
    reason = forms.CharField(
        label=_("事由"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("会记入审计"),
    )


class ProfileForm(forms.Form):
    """What a member says of himself, told to somebody of the staff."""

    name = forms.CharField(
        label=_("姓名"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("留空则不改动"),
    )  # fmt: skip
    gender = forms.ChoiceField(label=_("性别"), choices=Gender.choices, widget=UnfoldAdminSelectWidget)
    birthday = forms.DateField(
        label=_("生日"), required=False, widget=UnfoldAdminSingleDateWidget, help_text=_("留空则不改动")
    )
    community_name = forms.CharField(
        label=_("小区"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("与小区库同名的自动对应，归属机构没有指定时随之确定"),
    )  # fmt: skip
    building = forms.CharField(
        label=_("楼栋"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("留空则不改动"),
    )  # fmt: skip
    marketing = forms.BooleanField(
        label=_("顾客同意接收营销信息"), required=False, widget=UnfoldBooleanWidget,
        help_text=_("须顾客本人明确同意"),
    )  # fmt: skip


class UnlockForm(forms.Form):
    """Nothing to fill in."""


class HomeForm(forms.Form):
    """Who looks after the member."""

    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(),
        label=_("归属机构"),
        required=False,
        empty_label=_("（不指定）"),
        widget=UnfoldAdminSelectWidget,
        error_messages={"invalid_choice": _("没有这个机构，或不在您的管辖范围内")},
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = rows_for(user, OrgUnit.objects.filter(level__gte=3), EDIT).order_by("path")


class TagsForm(forms.Form):
    """Which words stand on a member."""

    tags = forms.ModelMultipleChoiceField(
        Tag.objects.none(), label=_("标签"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"invalid_choice": _("没有这个标签，或不在您的管辖范围内")},
    )  # fmt: skip
    new = forms.CharField(
        label=_("新标签"), max_length=20, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("写一个新的，属于您所在的机构；已有的会自动对应"),
    )  # fmt: skip

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["tags"]
        field.queryset = usable_tags(user)
