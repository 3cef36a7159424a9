"""部门: set up, renamed, retired by whoever may edit the unit."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from ..access.grants import forget
from ..errors import OrgError, OrgErrorCode
from ..levels import UnitStatus
from ..models import Department, OrgUnit, StaffPost
from .posts import held_still
from .rights import Actor, require_at
from .roles import CODE

CREATED = action("org_hierarchy.department.created", _("新建部门"))
RENAMED = action("org_hierarchy.department.renamed", _("部门改名"))
SWITCHED = action("org_hierarchy.department.switched", _("启用或停用部门"))


def create_department(by: Actor, unit: OrgUnit, *, code: str, name: str) -> Department:
    """Set up a department of a unit; needs `org_unit.edit` there.

    Raises OutOfScope, NotAllowed, OrgError (REQUIRED, INVALID, CODE_TAKEN, UNIT_CLOSED).
    """
    code, name = code.strip(), _name(name)
    if not CODE.fullmatch(code):
        raise OrgError(
            OrgErrorCode.INVALID, _("部门代码由小写字母、数字和短横线组成，2 至 40 位"), field="code"
        )
    if by is not None:
        forget(by)
    require_at(by, "org_unit.edit", unit)
    _require_open(unit)
    try:
        with transaction.atomic():
            made = Department.objects.create(unit=unit, code=code, name=name)
            record(CREATED, made, after=_story(made), org_path=unit.path)
    except IntegrityError as error:
        raise OrgError(
            OrgErrorCode.CODE_TAKEN,
            _("“%(unit)s”已有代码为 %(code)s 的部门") % {"unit": unit.name, "code": code},
            field="code",
        ) from error
    return made


def rename_department(by: Actor, department: Department, *, name: str) -> Department:
    """Give a department another name. Raises as `create_department`, LockTimeout. Locks: the department."""
    with transaction.atomic():
        row = _locked(by, department)
        before = _story(row)
        row.name = _name(name)
        if _story(row) != before:
            row.save(update_fields=["name"])
            record(RENAMED, row, before=before, after=_story(row), org_path=row.unit.path)
    return row


def switch_department(by: Actor, department: Department, on: bool) -> Department:
    """Retire a department in which nobody is any more, or bring it back.

    Raises HAS_BLOCKERS with the number of people, and as `rename_department`.
    """
    with transaction.atomic():
        row = _locked(by, department)
        if row.is_active == on:
            return row
        if not on:
            count = people_in(row)
            if count:
                raise OrgError(
                    OrgErrorCode.HAS_BLOCKERS,
                    _("部门“%(name)s”还有 %(count)s 人在岗，不能停用") % {"name": row.name, "count": count},
                    hint=_("请先为他们变更岗位或结束任职"),
                )
        row.is_active = on
        row.save(update_fields=["is_active"])
        record(SWITCHED, row, before={"is_active": not on}, after={"is_active": on}, org_path=row.unit.path)
    return row


def people_in(department: Department) -> int:
    """How many are in the department today or will be."""
    return StaffPost.objects.filter(held_still(), department=department).values("staff").distinct().count()


def _locked(by: Actor, department: Department) -> Department:
    rows = lock_rows(Department.objects.filter(pk=department.pk).select_related("unit"))
    if not rows:
        raise OutOfScope
    if by is not None:
        forget(by)
    require_at(by, "org_unit.edit", rows[0].unit)
    _require_open(rows[0].unit)
    return rows[0]


def _require_open(unit: OrgUnit) -> None:
    if unit.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.UNIT_CLOSED, _("机构“%(unit)s”已撤并") % {"unit": unit.name}, field="unit"
        )


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写部门名称（不超过 60 字）"), field="name")
    return name


def _story(department: Department) -> dict[str, Any]:
    return snapshot(department, ("unit", "code", "name", "is_active"))
