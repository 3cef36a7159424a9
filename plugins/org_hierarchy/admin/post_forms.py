"""The forms of posts and departments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from saleor_o2o.kernel.scope import rows_for

from ..levels import Level
from ..models import Department, OrgUnit, Post, Role
from ..services.departments import create_department, rename_department, switch_department
from ..services.post_kinds import change_post_kind, create_post, switch_post
from .acting import DoForm, pick
from .unit_forms import text

_OWNER = Post._meta.get_field("owner")
_ROLE = Post._meta.get_field("role")
_UNIT = Department._meta.get_field("unit")
_CODE_HINT = _("小写字母、数字、短横线，如 branch-parcel；设立后不能更改")


def _departments(by: Any) -> list[tuple[str, Any]]:
    """Codes of the departments that there are, with their names and levels."""
    found = rows_for(by, Department.objects.filter(is_active=True))
    listed = (
        found.order_by("unit__level", "code", "name").values_list("unit__level", "code", "name").distinct()
    )
    named: dict[str, str] = {}
    for level, code, name in listed[:300]:
        named.setdefault(code, f"{Level(level).label} · {name}")
    return [("", _("不分部门")), *named.items()]


class PostForm(DoForm):
    """What a new post and a changed one share."""

    name = text(_("名称"), required=True, most=60)
    role = pick(_("角色"), _ROLE, hint=_("任职时随岗位取得；不得超出您自己的权限、数据范围和金额上限"))
    department = forms.ChoiceField(
        label=_("部门"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=_("任职时默认归入的部门；机构没有这个部门时不归入"),
    )  # fmt: skip

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        field: Any = self.fields["department"]
        field.choices = _departments(self.by)
        kept = self.initial.get("department", "")
        if kept and kept not in dict(field.choices):
            field.choices = [*field.choices, (kept, kept)]

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {"role": Role.objects.filter(is_active=True)}


class NewPostForm(PostForm):
    """新建岗位."""

    at_home = "owner"

    owner = pick(
        _("设立机构"), _OWNER, required=False,
        hint=_("该机构及其下级可以使用这个岗位；留空为公司统一岗位，须有全公司的权限"),
    )  # fmt: skip
    code = text(_("代码"), required=True, hint=_CODE_HINT, most=40)
    field_order = ("owner", "code", "name", "role", "department")

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {**super().choices(), "owner": OrgUnit.objects.all()}

    def act(self, data: dict[str, Any]) -> Post:
        return create_post(
            self.by, data["owner"], code=data["code"], name=data["name"], role=data["role"],
            department=data["department"],
        )  # fmt: skip


class EditPostForm(PostForm):
    """修改岗位."""

    def __init__(self, row: Post, *args: Any, **kwargs: Any) -> None:
        initial = {"name": row.name, "role": row.role_id, "department": row.department}
        super().__init__(row, *args, initial=initial, **kwargs)

    def choices(self) -> dict[str, QuerySet[Any]]:
        # the role that it has stays on offer, also when it has been switched off since
        return {"role": Role.objects.filter(is_active=True) | Role.objects.filter(pk=self.row.role_id)}

    def act(self, data: dict[str, Any]) -> Post:
        return change_post_kind(
            self.by, self.row, name=data["name"], role=data["role"], department=data["department"]
        )


class SwitchPostForm(DoForm):
    """停用 or 启用: nothing to fill in."""

    def act(self, data: dict[str, Any]) -> Post:
        return switch_post(self.by, self.row, not self.row.is_active)


class NewDepartmentForm(DoForm):
    """新建部门."""

    at_home = "unit"

    unit = pick(_("机构"), _UNIT)
    code = text(
        _("代码"), required=True, hint=_("小写字母、数字、短横线；同一机构内不重复，设立后不能更改"), most=40
    )
    name = text(_("名称"), required=True, most=60)

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {"unit": OrgUnit.objects.all()}

    def act(self, data: dict[str, Any]) -> Department:
        return create_department(self.by, data["unit"], code=data["code"], name=data["name"])


class RenameDepartmentForm(DoForm):
    """部门改名."""

    name = text(_("名称"), required=True, most=60)

    def __init__(self, row: Department, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, initial={"name": row.name}, **kwargs)

    def act(self, data: dict[str, Any]) -> Department:
        return rename_department(self.by, self.row, name=data["name"])


class SwitchDepartmentForm(DoForm):
    """停用 or 启用: nothing to fill in."""

    def act(self, data: dict[str, Any]) -> Department:
        return switch_department(self.by, self.row, not self.row.is_active)
