"""Forms of loyalty's pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ..kinds import BY_HAND, Book
from ..models import Level


class BurnForm(forms.Form):
    """Whose points, how many, for what."""

    member = forms.CharField(
        label=_("会员"), max_length=60, widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text=_("完整的会员号、手机号、卡号、证件号或用户名"),
    )  # fmt: skip
    points = forms.IntegerField(label=_("积分"), min_value=1, widget=UnfoldAdminIntegerFieldWidget)
    purpose = forms.CharField(
        label=_("用途"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("例如：兑换洗衣液一瓶"),
    )


class CodeForm(forms.Form):
    """What the member reads out."""

    code = forms.CharField(
        label=_("验证码"), max_length=20, required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "autofocus": True, "autocomplete": "off"}),
        help_text=_("请会员念出短信里的六位数字"),
    )  # fmt: skip


class AdjustForm(forms.Form):
    """Points or growth to add or take, or a level to give."""

    book = forms.ChoiceField(
        label=_("账簿"), choices=[(book.value, book.label) for book in BY_HAND], initial=Book.POINTS,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    amount = forms.IntegerField(
        label=_("数量"),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("正数增加，负数扣减；赠送等级时不填"),
    )
    level = forms.ModelChoiceField(
        Level.objects.none(),
        label=_("赠送等级"),
        required=False,
        empty_label=_("（不赠送）"),
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=_("事由"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("审批人会看到；会记入审计"),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["level"].queryset = Level.objects.order_by("rank")  # type: ignore[attr-defined]
