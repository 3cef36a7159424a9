"""Forms that hand what is typed to the services; their refusal comes back as an error of the form."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from plugins.org_hierarchy.interfaces import BusinessScope, Datum, show_hours
from saleor_o2o.kernel.errors import DomainError

from ..kinds import MIRRORED, PlaceKind
from ..models import Community, Place
from ..services.communities import write_community
from ..services.places import write_place


class Rehearsed(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose service is tried in a transaction that is undone, so that every refusal is an error of the form."""

    #: Who types; set by the page.
    by: Any = None

    lng = forms.CharField(
        label=_("经度"), widget=UnfoldAdminTextInputWidget(), help_text=_("度，如 106.577033")
    )
    lat = forms.CharField(
        label=_("纬度"), widget=UnfoldAdminTextInputWidget(), help_text=_("度，如 29.557236")
    )
    datum = forms.ChoiceField(
        label=_("坐标系"), choices=Datum.choices, initial=Datum.GCJ02, widget=UnfoldAdminSelectWidget()
    )
    aliases = forms.CharField(
        label=_("别名"), required=False, widget=UnfoldAdminTextInputWidget(), help_text=_("用顿号分开")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "aliases" in self.fields:
            self.initial["aliases"] = "、".join(self.instance.aliases)

    def write(self) -> Any:
        """Call the service with what was typed."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            with transaction.atomic():
                self.write()
                transaction.set_rollback(True)
        except DomainError as error:
            field = (
                error.field if error.field in self.fields else {"service_area": "area"}.get(error.field or "")
            )
            text = error.in_words
            self.add_error(field if field in self.fields else None, text)
        return cleaned

    def _post_clean(self) -> None:
        """The service checks; the row is not touched by the form."""

    def save(self, commit: bool = True) -> Any:
        self.instance = self.write()
        setattr(self, "save_m2m", _nothing)  # noqa: B010 - the admin calls it; there are no relations
        return self.instance

    def row(self, model: type[Any]) -> Any:
        """The row as it is stored, or None for a new one: a rehearsal must not leave traces on it."""
        return model.objects.select_related("unit").get(pk=self.instance.pk) if self.instance.pk else None


def _nothing() -> None:
    """There are no relations to save."""


class PlaceForm(Rehearsed):
    """A point of interest."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=[one for one in PlaceKind.choices if one[0] not in MIRRORED],
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    hours = forms.CharField(
        label=_("营业时间"), required=False, widget=UnfoldAdminTextInputWidget(),
        help_text=_("如：周一至周五 08:30-12:00,14:00-17:30；周六 09:00-12:00；节假日 休息；2026-10-01 休息"),
    )  # fmt: skip
    business_scope = forms.MultipleChoiceField(
        label=_("业务范围"), choices=BusinessScope.choices, required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )  # fmt: skip
    area = forms.CharField(
        label=_("范围"),
        required=False,
        widget=UnfoldAdminTextareaWidget(),
        help_text=_("GeoJSON 多边形，可不填"),
    )

    class Meta:
        model = Place
        fields = (
            "kind",
            "name",
            "aliases",
            "unit",
            "address",
            "phone",
            "business_scope",
            "hours",
            "area",
            "status",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["hours"] = show_hours(self.instance.hours)
            area = self.instance.area
            self.initial["area"] = json.dumps(area) if area else ""

    def write(self) -> Place:
        return write_place(self.cleaned_data, place=self.row(Place), by=self.by)


class CommunityForm(Rehearsed):
    """A community; without a unit the branch that serves the position."""

    class Meta:
        model = Community
        fields = ("name", "aliases", "address", "households", "unit", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            self.fields["unit"].required = False
            self.fields["unit"].help_text = _("不选时按位置自动确定服务支局")
        if self.instance.pk and not self.instance.unit_fixed:
            self.initial["unit"] = None

    def write(self) -> Community:
        return write_community(self.cleaned_data, community=self.row(Community), by=self.by)
