"""What the forms of these pages are made of."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)


def text(label: Any, length: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A line."""
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label, max_length=length, required=required, help_text=help_text, widget=widget
    )


def secret(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A line that nobody reads over the shoulder and that is never given back."""
    look = UnfoldAdminTextInputWidget().attrs.get("class", "")
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": look})
    return forms.CharField(label=label, max_length=64, required=required, help_text=help_text, widget=widget)


def lines(
    label: Any, length: int, *, required: bool = True, help_text: Any = "", rows: int = 5
) -> forms.CharField:
    """Several lines."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(
        label=label, max_length=length, required=required, help_text=help_text, widget=widget
    )


def choice(label: Any, choices: Any, *, required: bool = True, help_text: Any = "") -> forms.ChoiceField:
    """One of several."""
    return forms.ChoiceField(
        label=label, choices=choices, required=required, help_text=help_text, widget=UnfoldAdminSelectWidget
    )


def number(
    label: Any, least: int, most: int, *, required: bool = True, help_text: Any = ""
) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


def row_of(label: Any, *, required: bool = True, help_text: Any = "") -> forms.ModelChoiceField[Any]:
    """A row in reach: the form's constructor says which."""
    from plugins.org_hierarchy.interfaces import OrgUnit

    return forms.ModelChoiceField(
        label=label, queryset=OrgUnit.objects.none(), required=required, help_text=help_text,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


def switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(
        label=label, required=False, help_text=help_text, widget=UnfoldBooleanSwitchWidget
    )
