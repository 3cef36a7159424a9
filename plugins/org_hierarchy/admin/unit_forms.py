"""The forms of units: what is typed goes to the services, and their refusal comes back as an error of the form."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ..levels import BusinessScope, Datum, Level
from ..models import OrgUnit, PlannedMove, Staff
from ..services.accounts import set_account
from ..services.closing import close_unit
from ..services.editing import edit_unit
from ..services.fields import invalid
from ..services.hours import show_hours
from ..services.moving import move_unit
from ..services.opening import create_unit, open_unit, resume_unit, suspend_unit

#: What the services call these fields, and what the person reads.
TYPED = (
    "code", "name", "short_name", "region_code", "duty_phone", "address", "postcode", "lng", "lat", "datum",
    "service_area", "delivery_radius", "business_hours", "business_scope", "cost_centre", "commission_template",
    "effective_from",
)  # fmt: skip
_AREA_HINT = _(
    'GeoJSON 多边形（GCJ-02），如 {"type": "Polygon", "coordinates": [[[106.57, 29.55], …]]}；留空表示没有'
)


def text(label: Any, *, required: bool = False, hint: Any = "", most: int = 200) -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, required=required, help_text=hint, max_length=most, widget=UnfoldAdminTextInputWidget
    )


def day(label: Any, hint: Any = "") -> forms.DateField:
    """A day, today by default."""
    return forms.DateField(label=label, initial=today, help_text=hint, widget=UnfoldAdminSingleDateWidget)


def unit_field(label: Any, field: Any, *, required: bool = True, hint: Any = "") -> Any:
    """A search field of the units in reach; `field` is a foreign key to units that the page of units searches for."""
    return forms.ModelChoiceField(
        OrgUnit.objects.none(),
        label=label,
        required=required,
        help_text=hint,
        widget=AutocompleteSelect(field, admin.site, attrs={"style": "width: 100%"}),
        error_messages={"invalid_choice": _("没有这个机构，或不在您的管辖范围内")},
    )


class ActingForm(forms.BaseForm):
    """A form whose last check is to do it: a refusal of the services becomes an error beside its field.

    `by` is who acts. `done` is what `act` returned.
    """

    by: Any = None
    done: Any = None
    #: The last refusal, for pages that show more of it than its text.
    refusal: DomainError | None = None
    #: Fields of the services that have another name in the form.
    renamed: ClassVar[dict[str, str]] = {}

    def act(self, data: dict[str, Any]) -> Any:
        """Do it with the cleaned data. Raises DomainError."""
        raise NotImplementedError

    def is_valid(self) -> bool:
        if self.done is not None:
            return True
        if not super().is_valid():
            return False
        try:
            self.done = self.act(self.cleaned_data)
        except DomainError as error:
            self.refusal = error
            name = self.renamed.get(error.field or "", error.field)
            words = error.in_words
            self.add_error(name if name in self.fields else None, words)
            return False
        return True


class UnitForm(ActingForm, forms.ModelForm):  # type: ignore[type-arg]
    """A unit's fields. What they may hold is checked by the services alone."""

    parent = unit_field(_("上级机构"), OrgUnit._meta.get_field("parent"))
    level = forms.TypedChoiceField(
        label=_("级别"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("上级的下一级")), (Level.BRANCH.value, _("支局业务处理中心（直属）"))],
        widget=UnfoldAdminSelectWidget,
    )
    code = text(_("机构代码"), hint=_("如 5001-01-03-007；新建时留空则自动编号"), most=40)
    manager_no = text(_("负责人工号"), hint=_("在职员工的工号"), most=20)
    lng = text(_("经度"), hint=_("度，如 106.577"), most=30)
    lat = text(_("纬度"), hint=_("度，如 29.557"), most=30)
    datum = forms.ChoiceField(
        label=_("所填坐标的坐标系"), choices=Datum.choices, initial=Datum.GCJ02, widget=UnfoldAdminSelectWidget,
        help_text=_("保存时换算为国测局坐标（GCJ-02）"),
    )  # fmt: skip
    service_area = forms.CharField(
        label=_("服务范围"),
        required=False,
        help_text=_AREA_HINT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )
    delivery_radius = text(_("投递半径（米）"), most=10)
    business_hours = text(
        _("营业时间"), most=500,
        hint=_("如：周一至周五 08:30-12:00,14:00-17:30；周六 09:00-12:00；节假日 休息；2026-10-01 休息"),
    )  # fmt: skip
    business_scope = forms.MultipleChoiceField(
        label=_("业务范围"),
        required=False,
        choices=BusinessScope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    reason = text(_("变更原因"), hint=_("写进版本记录"))
    #: the revision that the person saw
    seen = forms.IntegerField(label="", required=False, widget=forms.HiddenInput)

    class Meta:
        model = OrgUnit
        fields = (
            "parent", "code", "name", "short_name", "region_code", "duty_phone", "address", "postcode",
            "lng", "lat", "service_area", "delivery_radius", "business_hours", "business_scope", "cost_centre",
            "commission_template", "effective_from",
        )  # fmt: skip

    renamed = {"manager": "manager_no"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.instance
        if unit.pk is None:
            self.fields["parent"].queryset = rows_for(self.by, OrgUnit)  # type: ignore[attr-defined]
        else:
            # where it stands is changed on pages of its own
            del self.fields["parent"], self.fields["level"]
            self.initial.update(
                business_hours=show_hours(unit.business_hours),
                service_area=json.dumps(unit.service_area, ensure_ascii=False) if unit.service_area else "",
                manager_no=unit.manager.employee_no if unit.manager else "",
                seen=unit.revision,
            )

    def _post_clean(self) -> None:
        """The services check; the row is not touched here."""

    def act(self, data: dict[str, Any]) -> OrgUnit:
        values = {name: data[name] for name in TYPED if name in data}
        values["manager"] = self._manager(data.get("manager_no", ""))
        if not self.instance.pk:
            return create_unit(
                data["parent"], values, by=self.by, level=data.get("level"), reason=data["reason"]
            )
        return edit_unit(
            self.instance, values, revision=data.get("seen") or 0, by=self.by, reason=data["reason"]
        )

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if self.refusal is not None and str(self.refusal.code.value) == "CHANGED_MEANWHILE":
            # The person has been told; what is typed is kept, and saving once more is meant.
            now = OrgUnit.objects.filter(pk=self.instance.pk).values_list("revision", flat=True).first()
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            typed[self.add_prefix("seen")] = now
            self.data = typed
        return valid

    def _manager(self, number: str) -> Staff | None:
        if not number:
            return None
        found = rows_for(self.by, Staff).filter(employee_no=number).first()
        if found is None:
            raise invalid("manager", _("没有这个工号，或不在您的管辖范围内"))
        return found

    def save(self, commit: bool = True) -> Any:
        """What the services made; they have saved it."""
        return self.done

    def save_m2m(self) -> None:
        """Nothing is left to save."""


class StatusForm(ActingForm, forms.Form):
    """启用、停用、恢复启用, whichever the unit's status leads to."""

    reason = text(_("原因"))

    STEPS = {"planned": open_unit, "active": suspend_unit, "suspended": resume_unit}

    def __init__(self, unit: OrgUnit, *args: Any, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = unit.status == "active"

    def act(self, data: dict[str, Any]) -> OrgUnit:
        return self.STEPS[self.unit.status](self.unit, by=self.by, reason=data["reason"])


class MoveForm(ActingForm, forms.Form):
    """变更隶属, today or on a later day."""

    parent = unit_field(_("新上级机构"), PlannedMove._meta.get_field("parent"), hint=_("输入代码或名称查找"))
    effective_on = day(_("生效日期"), _("今天即时生效；以后的日期到当天零时生效。过去的统计不会变动"))
    reason = text(_("变更原因"), required=True)

    def __init__(self, unit: OrgUnit, *args: Any, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = rows_for(self.by, OrgUnit)  # type: ignore[attr-defined]

    def act(self, data: dict[str, Any]) -> PlannedMove:
        return move_unit(
            self.unit, data["parent"], reason=data["reason"], by=self.by, on=data["effective_on"]
        )


class CloseForm(ActingForm, forms.Form):
    """撤并, alone or into a successor."""

    successor = unit_field(
        _("并入机构"), OrgUnit._meta.get_field("successor"), required=False,
        hint=_("同级机构；下级机构、在岗人员和历史订单转入该机构。留空则直接撤销"),
    )  # fmt: skip
    with_orders = forms.BooleanField(
        label=_("未完成的订单一并移交给并入机构"), required=False, widget=UnfoldBooleanWidget
    )
    reason = text(_("撤并原因"), required=True)

    def __init__(self, unit: OrgUnit, *args: Any, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = rows_for(self.by, OrgUnit).exclude(pk=unit.pk)  # type: ignore[attr-defined]

    def act(self, data: dict[str, Any]) -> OrgUnit:
        return close_unit(
            self.unit,
            reason=data["reason"],
            by=self.by,
            successor=data["successor"],
            with_orders=data["with_orders"],
        )


class AccountForm(ActingForm, forms.Form):
    """结算账户."""

    holder = text(_("户名"), required=True, most=100)
    bank = text(_("开户行"), required=True, most=100)
    bank_code = text(_("联行号"), hint=_("12 位数字，可不填"), most=12)
    number = text(_("账号"), required=True, hint=_("保存后只显示末四位"), most=50)
    valid_from = day(_("启用日期"), _("原账户在前一天停用"))

    def __init__(self, unit: OrgUnit, *args: Any, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs["autocomplete"] = "off"

    def act(self, data: dict[str, Any]) -> Any:
        return set_account(self.unit, data, by=self.by)
