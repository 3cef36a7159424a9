"""The forms about people: what is typed goes to the services, and their refusal comes back beside its field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldBooleanWidget,
)

from .. import masking
from ..access.grants import access_of
from ..levels import UnitStatus
from ..models import DataScope, Department, OrgUnit, Post, Role, RoleGrant, Staff, StaffPost, StaffStatus
from ..services import delegation, grants, posts, staffing
from ..services.activation import send_again
from ..services.delegation import lendable
from .acting import DoForm, pick, words
from .unit_forms import day, text

_STAFF = StaffPost._meta.get_field("staff")
_UNIT = StaffPost._meta.get_field("unit")
_POST = StaffPost._meta.get_field("post")


def last_day(label: Any, hint: Any) -> forms.DateField:
    """A day that may be left open."""
    return forms.DateField(label=label, required=False, help_text=hint, widget=UnfoldAdminSingleDateWidget)


class HireForm(DoForm):
    """录用: the file, the login, and a first post at once."""

    at_home = "unit"

    unit = pick(_("所属机构"), _UNIT)
    employee_no = text(_("工号"), required=True, most=20)
    name = text(_("姓名"), required=True, most=60)
    email = forms.EmailField(
        label=_("登录邮箱"),
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("激活邮件发到这个邮箱，本人凭邮件设置密码"),
    )
    mobile = text(_("手机号"), most=20, hint=_("加密保存，页面只显示首尾"))
    id_number = text(_("身份证号"), most=30, hint=_("可留空；加密保存，页面只显示首尾"))
    joined_on = day(_("入职日期"))
    post = pick(_("岗位"), _POST, required=False, hint=_("可留空，录用后再任职"))

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {"unit": OrgUnit.objects.all(), "post": Post.objects.filter(is_active=True)}

    def act(self, data: dict[str, Any]) -> Staff:
        with transaction.atomic():
            staff = staffing.hire(
                self.by,
                data["unit"],
                employee_no=data["employee_no"],
                name=data["name"],
                email=data["email"],
                mobile=data["mobile"],
                id_number=data["id_number"],
                joined_on=data["joined_on"],
            )
            if data["post"] is not None:
                posts.assign(self.by, staff, data["post"], data["unit"], primary=True, reason=str(_("录用")))
        return staff


class FileForm(DoForm):
    """修改资料. Mobile and identity number are never shown whole: an empty field leaves them as they are."""

    name = text(_("姓名"), required=True, most=60)
    mobile = text(_("新手机号"), most=20, hint=_("留空表示不修改"))
    id_number = text(_("新身份证号"), most=30, hint=_("留空表示不修改"))
    joined_on = day(_("入职日期"))

    def __init__(self, row: Staff, *args: Any, **kwargs: Any) -> None:
        initial = {"name": row.name, "joined_on": row.joined_on}
        super().__init__(row, *args, initial=initial, **kwargs)

    def act(self, data: dict[str, Any]) -> Staff:
        changes = {"name": data["name"], "joined_on": data["joined_on"]}
        changes |= {name: data[name] for name in ("mobile", "id_number") if data[name]}
        return staffing.change_file(self.by, self.row, **changes)


class AssignForm(DoForm):
    """任职."""

    unit = pick(_("机构"), _UNIT)
    post = pick(_("岗位"), _POST, hint=_("岗位须与机构同级，角色随岗位取得"))
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("部门"), required=False, widget=UnfoldAdminSelectWidget
    )
    primary = forms.BooleanField(label=_("设为主岗"), required=False, widget=UnfoldBooleanWidget)
    valid_from = day(_("自"))
    valid_to = last_day(_("至"), _("最后一天；留空表示长期"))
    reason = text(_("事由"))

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {
            "unit": OrgUnit.objects.all(),
            "post": Post.objects.filter(is_active=True),
            "department": Department.objects.filter(is_active=True),
        }

    def act(self, data: dict[str, Any]) -> StaffPost:
        return posts.assign(
            self.by,
            self.row,
            data["post"],
            data["unit"],
            primary=data["primary"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            department=data["department"],
            reason=data["reason"],
        )


class ChangePostForm(DoForm):
    """变更岗位: one ends, another begins."""

    unit = pick(_("新机构"), _UNIT)
    post = pick(_("新岗位"), _POST)
    valid_from = day(_("新岗位自"), _("原岗位到前一天为止；当天变更立即生效"))
    reason = text(_("事由"), required=True)

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {"unit": OrgUnit.objects.all(), "post": Post.objects.filter(is_active=True)}

    def act(self, data: dict[str, Any]) -> StaffPost:
        return posts.change_post(
            self.by,
            self.row,
            data["post"],
            data["unit"],
            valid_from=data["valid_from"],
            reason=data["reason"],
        )


class EndPostForm(DoForm):
    """结束任职."""

    last_day = last_day(_("最后一天"), _("留空表示立即结束"))
    reason = text(_("事由"), required=True)

    def act(self, data: dict[str, Any]) -> StaffPost:
        return posts.end_post(self.by, self.row, last_day=data["last_day"], reason=data["reason"])


class GrantForm(DoForm):
    """授予角色."""

    unit = pick(_("机构"), _UNIT)
    role = pick(
        _("角色"), RoleGrant._meta.get_field("role"), hint=_("角色须适用于该机构的级别，且不超出您自己的权限")
    )
    scope = forms.ChoiceField(
        label=_("数据范围"),
        required=False,
        choices=[("", _("同角色")), *DataScope.choices],
        widget=UnfoldAdminSelectWidget,
    )
    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.none(),
        label=_("指定机构"),
        required=False,
        help_text=_("数据范围为“指定机构”时选择，可选多个；只含所选机构本身，不含下级"),
        widget=AutocompleteSelectMultiple(
            RoleGrant._meta.get_field("units"), admin.site, attrs={"style": "width: 100%"}
        ),
        error_messages={"invalid_choice": _("没有这个机构，或不在您的管辖范围内")},
    )
    valid_from = day(_("自"))
    valid_to = last_day(_("至"), _("最后一天；留空表示长期"))
    reason = text(_("事由"), required=True)

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {
            "unit": OrgUnit.objects.all(),
            "role": Role.objects.filter(is_active=True),
            "units": OrgUnit.objects.exclude(status=UnitStatus.CLOSED),
        }

    def act(self, data: dict[str, Any]) -> RoleGrant:
        return grants.grant_role(
            self.by,
            self.row,
            data["role"],
            data["unit"],
            scope=data["scope"],
            units=data["units"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            reason=data["reason"],
        )


class TransferForm(DoForm):
    """调动."""

    unit = pick(_("调入机构"), _UNIT, hint=_("在原机构的任职和授权当天结束，其他机构的保留"))
    reason = text(_("事由"), required=True)

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {"unit": OrgUnit.objects.all()}

    def act(self, data: dict[str, Any]) -> Staff:
        return staffing.transfer(self.by, self.row, data["unit"], reason=data["reason"])


class ReasonForm(DoForm):
    """Something that only needs saying why; `step` does it."""

    reason = words(_("事由"), required=True)

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        """Do it. Raises DomainError."""
        raise NotImplementedError

    def act(self, data: dict[str, Any]) -> Any:
        return self.step(self.by, self.row, data["reason"])


class DisableForm(ReasonForm):
    """停用."""

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        return staffing.disable(by, row, reason=reason)


class EnableForm(ReasonForm):
    """恢复."""

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        return staffing.enable(by, row, reason=reason)


class LeaveForm(ReasonForm):
    """离职."""

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        return staffing.leave(by, row, reason=reason)


class BackForm(ReasonForm):
    """重新入职."""

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        return staffing.come_back(by, row, reason=reason)


class RevokeForm(ReasonForm):
    """收回授权."""

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        return grants.revoke_grant(by, row, reason)


class RefuseForm(ReasonForm):
    """不同意授权."""

    renamed = {"note": "reason"}

    @staticmethod
    def step(by: Any, row: Any, reason: str) -> Any:
        return grants.refuse_grant(by, row, reason)


class ConfirmForm(DoForm):
    """同意授权."""

    note = words(_("复核意见"))

    def act(self, data: dict[str, Any]) -> RoleGrant:
        return grants.confirm_grant(self.by, self.row, data["note"])


class ActivationForm(DoForm):
    """重发激活邮件: nothing to fill in."""

    def act(self, data: dict[str, Any]) -> Staff:
        return send_again(self.by, self.row)


class SuccessorForm(forms.Form):
    """Who takes over."""

    successor = pick(_("接手人"), _STAFF, hint=_("在职人员，按工号或姓名查找"))

    def __init__(self, staff: Staff, rows: QuerySet[Staff], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = rows.filter(status=StaffStatus.ACTIVE).exclude(pk=staff.pk)
        self.fields["successor"].queryset = found  # type: ignore[attr-defined]


class DelegateForm(DoForm):
    """临时委托: one's own role for some days."""

    grant = forms.ModelChoiceField(
        RoleGrant.objects.none(), label=_("委托的角色"), widget=UnfoldAdminSelectWidget
    )
    to = pick(_("受托人"), _STAFF, hint=_("在职人员，按工号或姓名查找"))
    valid_from = day(_("自"))
    valid_to = forms.DateField(
        label=_("至"), help_text=_("最后一天，到期自动收回"), widget=UnfoldAdminSingleDateWidget
    )
    reason = text(_("事由"), required=True)

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        # one's own: no other rows are on offer
        own = [grant.pk for grant in lendable(self.by)]
        field: Any = self.fields["grant"]
        field.queryset = RoleGrant.objects.filter(pk__in=own).select_related("role", "unit")
        field.label_from_instance = lambda grant: f"{grant.role.name}（{grant.unit.name}）"

    def choices(self) -> dict[str, QuerySet[Any]]:
        mine = access_of(self.by).staff
        return {"to": Staff.objects.filter(status=StaffStatus.ACTIVE).exclude(pk=mine.pk if mine else 0)}

    def act(self, data: dict[str, Any]) -> RoleGrant:
        return delegation.delegate(
            self.by,
            data["grant"],
            data["to"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            reason=data["reason"],
        )


class RevealForm(DoForm):
    """Why somebody's data is looked at whole."""

    reason = words(_("查看事由"), required=True, hint=_("将写入审计记录"))

    def act(self, data: dict[str, Any]) -> Any:
        return masking.reveal(self.by, type(self.row), self.row.pk, data["reason"])
