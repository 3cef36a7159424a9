"""The matrix of permissions, and the forms of roles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from saleor_o2o.kernel.scope import rows_for

from ..access.grants import access_of
from ..access.registry import permissions
from ..levels import Level
from ..limits import KINDS
from ..models import DataScope, OrgUnit, Role
from ..services.roles import change_role, create_role
from ..services.rules import is_sensitive
from ..services.width import own_access
from .acting import DoForm, pick
from .unit_forms import text

OWNER = Role._meta.get_field("owner")


@dataclass(frozen=True)
class Cell:
    """One permission of the matrix; `mine`: held everywhere ("all"), somewhere ("part"), or not ("not")."""

    code: str
    label: Any
    held: bool
    sensitive: bool
    mine: str


def matrix(user: Any, held: Collection[str]) -> list[dict[str, Any]]:
    """Every permission by resource, against what the user holds in his own right."""
    access = None if user.is_superuser else own_access(user)
    groups: dict[str, dict[str, Any]] = {}
    for code, one in permissions().items():
        mine = "all"
        if access is not None:
            reach = access.reach(code)
            mine = "not" if reach.nothing else "all" if reach.everything or reach.paths else "part"
        group = groups.setdefault(one.resource, {"label": one.resource_label, "permissions": []})
        group["permissions"].append(Cell(code, one.label, code in held, is_sensitive(code), mine))
    return list(groups.values())


class RoleForm(DoForm):
    """The fields that a new role and a changed one share; the matrix is drawn by the page."""

    name = text(_("名称"), required=True, most=60)
    scope = forms.ChoiceField(
        label=_("数据范围"), choices=DataScope.choices, initial=DataScope.UNIT_AND_BELOW,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    limit_refund = text(_("退款上限（元）"), hint=_("单笔可自行决定的最高金额，留空表示没有"), most=20)
    limit_discount = text(_("优惠上限（元）"), most=20)
    limit_cash = text(_("现金上限（元）"), most=20)
    needs_second_factor = forms.BooleanField(
        label=_("登录须二次验证"), required=False, widget=UnfoldBooleanWidget
    )
    incompatible = forms.MultipleChoiceField(
        label=_("不相容的角色"), required=False, widget=UnfoldAdminSelect2MultipleWidget,
        help_text=_("同一人不得兼任，如会计与出纳、录入与审核"),
    )  # fmt: skip
    permissions = forms.MultipleChoiceField(label=_("权限"), required=False)

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        field: Any = self.fields["permissions"]
        field.choices = [(code, code) for code in permissions()]
        clash: Any = self.fields["incompatible"]
        others = rows_for(self.by, Role).exclude(pk=row.pk if row else 0).order_by("level", "code")
        clash.choices = [(one.code, f"{Level(one.level).label} · {one.name}") for one in others]
        # what it names and this person does not see stays named
        seen = {code for code, _name in clash.choices}
        kept = [code for code in self.initial.get("incompatible", ()) if code not in seen]
        clash.choices += [(code, code) for code in kept]

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        """What the services take."""
        return {
            "name": data["name"],
            "scope": data["scope"],
            "permissions": data["permissions"],
            "money_limits": {kind: data[f"limit_{kind}"].strip() for kind in KINDS},
            "needs_second_factor": data["needs_second_factor"],
            "incompatible": data["incompatible"],
        }

    def ticked(self) -> set[str]:
        """What stands ticked: what was sent, else what the role has."""
        if self.is_bound:
            data: Any = self.data
            return set(data.getlist("permissions"))
        return set(self.initial.get("permissions", ()))


class NewRoleForm(RoleForm):
    """新建角色."""

    at_home = "owner"

    owner = pick(_("创建机构"), OWNER, hint=_("该机构及其下级可以使用这个角色"))
    code = text(_("代码"), required=True, hint=_("小写字母、数字、短横线"), most=40)
    level = forms.TypedChoiceField(
        label=_("适用级别"), coerce=int, choices=Level.choices, widget=UnfoldAdminSelectWidget
    )
    field_order = ("owner", "code", "name", "level", "scope")

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        mine = access_of(self.by).staff
        if mine is not None:
            self.fields["level"].initial = mine.unit.level

    def choices(self) -> dict[str, QuerySet[Any]]:
        return {"owner": OrgUnit.objects.all()}

    def act(self, data: dict[str, Any]) -> Role:
        return create_role(
            self.by, data["owner"], code=data["code"], level=data["level"], **self.values(data)
        )


class EditRoleForm(RoleForm):
    """修改角色."""

    def __init__(self, row: Role, *args: Any, **kwargs: Any) -> None:
        limits = {f"limit_{kind}": row.money_limits.get(kind, "") for kind in KINDS}
        initial = {
            "name": row.name,
            "scope": row.scope,
            "permissions": row.permissions,
            "needs_second_factor": row.needs_second_factor,
            "incompatible": row.incompatible,
            **limits,
        }
        super().__init__(row, *args, initial=initial, **kwargs)

    def act(self, data: dict[str, Any]) -> Role:
        return change_role(self.by, self.row, **self.values(data))
