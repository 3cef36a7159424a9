"""Changing what is said about a unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.scope import OutOfScope

from ..errors import OrgError, OrgErrorCode
from ..events import UnitChanged
from ..levels import UnitStatus
from ..locks import lock_tree, lock_units
from ..models import OrgUnit, UnitVersion
from .fields import checked
from .history import audit, picture, write_version
from .opening import check_code
from .rights import Actor, name_of, require_at

EDITED = action("org_unit.edited", _("修改机构"))


def edit_unit(
    unit: OrgUnit, values: Mapping[str, Any], *, revision: int, by: Actor = None, reason: str = ""
) -> OrgUnit:
    """Change fields of a unit that the person saw in this `revision`; returns it. Nothing changed: no new version.

    Locks: the tree (alone when the code changes, else shared with other edits), the unit. Raises OrgError (fields,
    CODE_TAKEN, CHANGED_MEANWHILE, UNIT_CLOSED), NotAllowed, OutOfScope, LockTimeout.
    """
    with transaction.atomic():
        lock_tree(shared=values.get("code", unit.code) == unit.code)
        rows = lock_units([unit.pk])
        if not rows:
            raise OutOfScope
        row = rows[0]
        require_at(by, "org_unit.edit", row)
        check_open(row)
        check_revision(row, revision)
        fields = checked(values, row)
        before = picture(row)
        for name, value in fields.items():
            setattr(row, name, value)
        changed = [name for name, value in picture(row).items() if before[name] != value]
        if not changed:
            return row
        if "code" in changed:
            check_code(row.code, row.pk)
        row.revision += 1
        row.save(update_fields=[*changed, "revision"])
        actor = name_of(by)
        write_version(row, before, actor, reason)
        audit(EDITED, row, before, actor, reason)
        publish(UnitChanged(unit_id=row.pk, fields=tuple(changed)), key=f"org_unit:{row.pk}")
    return row


def check_open(unit: OrgUnit) -> None:
    """Raise UNIT_CLOSED for a unit that has ended."""
    if unit.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.UNIT_CLOSED,
            _("“%(name)s”已撤并，不能再修改") % {"name": unit.name},
            hint=_("请到并入的机构办理"),
        )


def check_revision(unit: OrgUnit, seen: int) -> None:
    """Raise CHANGED_MEANWHILE when the locked unit is not the one that the person saw; says what changed since."""
    if unit.revision == seen:
        return
    since = UnitVersion.objects.filter(unit=unit, revision__gt=seen)
    names = {name for version in since for name in version.changed.get("after", {})}
    labels = [
        str(field.verbose_name)
        for field in OrgUnit._meta.concrete_fields
        if field.name in names and field.name != "path"
    ]
    raise OrgError(
        OrgErrorCode.CHANGED_MEANWHILE,
        _("您填写期间，别人修改了：%(fields)s") % {"fields": "、".join(labels) or _("隶属关系")},
        hint=_("您填写的内容还在。请核对最新情况后再保存一次"),
    )
