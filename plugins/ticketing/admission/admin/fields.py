"""Form fields made of models' fields, with the theme's widgets; what the services check is checked there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db import models
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

from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.documents import DocumentKind

from ..choices import SaleChannel

WEEKDAYS = tuple(
    enumerate((_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")), start=1)
)
_ARRAYS = {"channels": SaleChannel.choices, "id_types": DocumentKind.choices}


class MomentField(forms.DateTimeField):
    """Day and time of Shanghai in one field."""

    def __init__(self, **told: Any) -> None:
        super().__init__(
            widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
            input_formats=("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"), **told,
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        return f"{value.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}" if hasattr(value, "astimezone") else value


def day(label: Any, **told: Any) -> forms.DateField:
    """A day."""
    return forms.DateField(label=label, widget=UnfoldAdminSingleDateWidget, **told)


def number(label: Any, *, least: int = 0, most: int = 1_000_000, **told: Any) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, widget=UnfoldAdminIntegerFieldWidget, **told
    )


def yuan(label: Any, **told: Any) -> forms.DecimalField:
    """An amount."""
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        **told,
    )


def text(label: Any, most: int, *, rows: int = 0, **told: Any) -> forms.CharField:
    """A line of text, or several."""
    widget: Any = UnfoldAdminTextareaWidget(attrs={"rows": rows}) if rows else UnfoldAdminTextInputWidget
    return forms.CharField(label=label, max_length=most, widget=widget, **told)


def one_of(label: Any, choices: Iterable[tuple[Any, Any]], **told: Any) -> forms.ChoiceField:
    """One of some words."""
    return forms.ChoiceField(label=label, choices=list(choices), widget=UnfoldAdminSelectWidget, **told)


def several(label: Any, choices: Iterable[tuple[Any, Any]], **told: Any) -> forms.MultipleChoiceField:
    """Some of some words."""
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), widget=forms.CheckboxSelectMultiple, **told
    )


def row_of(label: Any, rows: models.QuerySet[Any], **told: Any) -> forms.ModelChoiceField[Any]:
    """A row among those that are given."""
    return forms.ModelChoiceField(label=label, queryset=rows, widget=UnfoldAdminSelectWidget, **told)


def weekdays() -> forms.TypedMultipleChoiceField:
    """Days of the week; none: all."""
    return forms.TypedMultipleChoiceField(
        label=_("星期"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("不选为每天"),
    )  # fmt: skip


def field_of(model: type[models.Model], name: str, rows: models.QuerySet[Any] | None = None) -> forms.Field:
    """The form's field for a model's."""
    of: Any = model._meta.get_field(name)
    label, hint = of.verbose_name, of.help_text
    if isinstance(of, models.ManyToManyField):
        return forms.ModelMultipleChoiceField(
            label=label, queryset=rows if rows is not None else of.related_model._default_manager.none(),
            required=not of.blank, widget=forms.CheckboxSelectMultiple, help_text=hint,
        )  # fmt: skip
    if isinstance(of, models.ForeignKey):
        told = rows if rows is not None else of.related_model._default_manager.none()
        return row_of(label, told, required=not of.blank, help_text=hint)
    if isinstance(of, ArrayField):
        return several(label, _ARRAYS[name], required=not of.blank, help_text=hint)
    if isinstance(of, models.BooleanField):
        return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanWidget, help_text=hint)
    if isinstance(of, models.DateTimeField):
        return MomentField(label=label, required=not of.blank, help_text=hint)
    widgets: dict[type[Any], Any] = {
        models.TextField: UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        models.DecimalField: UnfoldAdminDecimalFieldWidget,
        models.IntegerField: UnfoldAdminIntegerFieldWidget,
        models.TimeField: UnfoldAdminTextInputWidget(attrs={"type": "time"}),
        models.DateField: UnfoldAdminSingleDateWidget,
    }
    widget: Any = UnfoldAdminSelectWidget if of.choices else UnfoldAdminTextInputWidget
    for kind, found in widgets.items():
        if isinstance(of, kind) and not of.choices:
            widget = found
            break
    made: forms.Field = of.formfield(widget=widget)
    return made


def form_of(
    model: type[models.Model], names: Iterable[str], rows: Mapping[str, models.QuerySet[Any]] | None = None,
    **more: forms.Field,
) -> type[forms.Form]:  # fmt: skip
    """A form of some of a model's fields, and of others."""
    fields = {name: field_of(model, name, (rows or {}).get(name)) for name in names}
    return type("RowForm", (forms.Form,), {**fields, **more})


def initial_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """What a row says of these fields."""
    found: dict[str, Any] = {}
    for name in names:
        of = row._meta.get_field(name)
        value = getattr(row, f"{name}_id") if isinstance(of, models.ForeignKey) else getattr(row, name)
        found[name] = f"{value:%H:%M}" if isinstance(value, time) else value
    return found
