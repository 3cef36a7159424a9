"""Words and colours that the pages of coupons share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ..choices import CouponState, Kind, Mode, TemplateState

STATES = {value: str(label) for value, label in CouponState.choices}
TEMPLATE_STATES = {value: str(label) for value, label in TemplateState.choices}
KINDS = {value: str(label) for value, label in Kind.choices}
MODES = {value: str(label) for value, label in Mode.choices}


#: Members whom the form takes at a time.
MOST_NUMBERS = 200


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("原因"), max_length=200, widget=UnfoldAdminTextInputWidget)


class GiveForm(forms.Form):
    """To whom, how many, why."""

    members = forms.CharField(
        label=_("会员号"), help_text=_("一行一个，最多 200 个；更多请用批量发券"), max_length=6000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )  # fmt: skip
    pieces = forms.IntegerField(
        label=_("每人张数"), min_value=1, max_value=20, initial=1, widget=UnfoldAdminIntegerFieldWidget
    )
    reason = forms.CharField(label=_("原因"), max_length=200, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def clean_members(self) -> str:
        typed = str(self.cleaned_data["members"])
        if len(typed.split()) > MOST_NUMBERS:
            raise forms.ValidationError(_("一次最多 200 个会员，更多请用“批量发券”"))
        return typed

    @property
    def numbers(self) -> list[str]:
        """The numbers that were typed."""
        return list(dict.fromkeys(self.cleaned_data["members"].upper().split()))


class PreviewForm(forms.Form):
    """A basket to try a coupon on."""

    goods = forms.CharField(
        label=_("商品"), max_length=4000, help_text=_("一行一种：SKU 空格 数量"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )  # fmt: skip
    shipping = forms.DecimalField(
        label=_("运费（元）"), min_value=0, max_digits=8, decimal_places=2, initial=10, required=False,
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip

    def wanted(self) -> list[tuple[str, int]]:
        """SKUs with their quantities."""
        found: list[tuple[str, int]] = []
        for row in self.cleaned_data["goods"].splitlines():
            parts: list[Any] = row.split()
            if not parts:
                continue
            count = parts[1] if len(parts) > 1 else "1"
            found.append((parts[0], int(count[:4]) if count.isascii() and count.isdigit() else 0))
        return found
