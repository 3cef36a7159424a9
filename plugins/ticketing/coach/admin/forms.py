"""Forms of coach tickets' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.reasons import ReasonForm

from ..models import Station


def text(label: Any, most: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        widget=UnfoldAdminTextInputWidget,
        help_text=help_text,
    )


def number(label: Any, least: int, most: int, *, help_text: Any = "") -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=help_text,
    )


class MatchForm(forms.Form):
    """Which of our places it is."""

    station = forms.ModelChoiceField(
        label=_("我方站点"), queryset=Station.objects.none(), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["station"]
        field.queryset = Station.objects.filter(active=True).order_by("pinyin")


class TakeInForm(forms.Form):
    """New sheets."""

    unit = text(_("机构代码"), 40)
    series = text(_("字轨"), 6, required=False, help_text=_("票号前的字母，没有就不填"))
    first = number(_("起号"), 1, 99_999_999)
    last = number(_("止号"), 1, 99_999_999)


class GiveForm(forms.Form):
    """Who gets how many."""

    clerk = text(_("领用人工号"), 40)
    count = number(_("张数"), 1, 10_000)


class CountForm(forms.Form):
    """What lies there."""

    counted = number(_("实物当前号（下一张空白票）"), 1, 100_000_000)
    note = text(_("说明"), 200, required=False, help_text=_("与系统不一致时必填"))


class SpoilForm(ReasonForm):
    """The next blank sheet is spoilt."""


class NothingForm(forms.Form):
    """Nothing to type."""


class ReserveForm(forms.Form):
    """Which seats, and why."""

    seats = text(_("座位号"), 120, help_text=_("空格隔开，或在座位图上点选"))
    reason = text(_("事由"), 100, help_text=_("工作票用途、经办依据；会记入审计"))


class GateForm(forms.Form):
    """Who stands at the gate."""

    station = forms.ModelChoiceField(
        label=_("车站"), queryset=Station.objects.none(), widget=UnfoldAdminSelectWidget
    )
    told = forms.CharField(
        label=_("二维码、证件号或票号"), max_length=120,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false", "data-o2o-scan": "1"}
        ),
        help_text=_("扫码枪、读卡器直接扫；也可以手输"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["station"]
        field.queryset = Station.objects.filter(active=True, boards=True).order_by("pinyin")
