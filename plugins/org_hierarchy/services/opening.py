"""Setting units up, opening them, and stopping them for a while."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import move

from ..access.grants import is_outsider
from ..errors import OrgError, OrgErrorCode
from ..events import UnitCreated, UnitStatusChanged
from ..levels import Level, UnitStatus
from ..locks import lock_tree
from ..models import OrgUnit
from ..paths import path_of, reserve_keys
from .fields import checked
from .history import audit, picture, write_version
from .placing import check_place, levels_below
from .rights import Actor, name_of, require_at

CREATED = action("org_unit.created", _("新建机构"))
OPENED = action("org_unit.opened", _("启用机构"))
SUSPENDED = action("org_unit.suspended", _("停用机构"))
RESUMED = action("org_unit.resumed", _("恢复机构"))

#: Digits of the last part of the first code below a parent, by level; the next ones go on as they are.
_DIGITS = {Level.AREA: 2, Level.COUNTY: 2, Level.BRANCH: 3, Level.OUTLET: 2}


def create_unit(
    parent: OrgUnit | None,
    values: Mapping[str, Any],
    *,
    by: Actor = None,
    level: int | None = None,
    reason: str = "",
) -> OrgUnit:
    """Set up a unit (筹建) below a parent, or the root of an empty tree; returns it.

    `level` is the one below the parent's unless a direct branch is meant. Without a code it gets the next one of its
    parent. Locks: tree. Raises OrgError (fields, CODE_TAKEN, WRONG_LEVEL, PARENT_CLOSED, SECOND_ROOT), NotAllowed,
    OutOfScope, LockTimeout.
    """
    given = {name: value for name, value in values.items() if name != "code" or value not in (None, "")}
    fields = checked({"name": "", **given})
    with transaction.atomic():
        lock_tree()
        above = _parent(parent, by)
        place = int(level or (above.level + 1 if above else Level.CITY))
        if above is not None:
            check_place(place, above)
        code = fields.pop("code", "") or next_code(above, place)
        check_code(code)
        [key] = reserve_keys(1)
        unit = OrgUnit.objects.create(
            pk=key,
            code=code,
            level=place,
            parent=above,
            path=path_of(above.path if above else "", key),
            **fields,
        )
        actor = name_of(by)
        write_version(unit, {}, actor, reason)
        audit(CREATED, unit, {}, actor, reason)
        publish(UnitCreated(unit_id=unit.pk, level=unit.level, path=unit.path), key=f"org_unit:{unit.pk}")
    return unit


def _parent(parent: OrgUnit | None, by: Actor) -> OrgUnit | None:
    """The parent as it is now, and the right to put something below it."""
    if parent is None:
        if OrgUnit.objects.filter(parent__isnull=True).exists():
            raise OrgError(
                OrgErrorCode.SECOND_ROOT,
                _("市中心只能有一个"),
                field="parent",
                hint=_("请选择上级机构"),
            )
        if by is not None and not (is_outsider(by) and by.is_superuser):
            raise NotAllowed
        return None
    above = OrgUnit.objects.filter(pk=parent.pk).first()
    if above is None:
        raise OutOfScope
    require_at(by, "org_unit.create", above)
    return above


def check_code(code: str, pk: int | None = None) -> None:
    """Raise CODE_TAKEN when another unit, closed ones included, has this code. Under the tree's lock."""
    if OrgUnit.objects.filter(code=code).exclude(pk=pk or 0).exists():
        raise OrgError(
            OrgErrorCode.CODE_TAKEN,
            _("机构代码 %(code)s 已被使用") % {"code": code},
            field="code",
            hint=_("撤并的机构也保留代码；留空则自动编号"),
        )


def next_code(parent: OrgUnit | None, level: int) -> str:
    """The next code below a parent: one more than the highest ever given there. Under the tree's lock."""
    if parent is None:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写市中心的机构代码"), field="code")
    taken = (
        OrgUnit.objects.filter(
            code__startswith=f"{parent.code}-", code__regex=rf"^{re.escape(parent.code)}-[0-9]{{2,}}$"
        )
        .order_by(Length("code").desc(), "-code")
        .values_list("code", flat=True)
        .first()
    )
    if taken is None:
        return f"{parent.code}-{1:0{_DIGITS[Level(level)]}}"
    last = taken.rpartition("-")[2]
    return f"{parent.code}-{int(last) + 1:0{len(last)}}"


def open_unit(unit: OrgUnit, *, by: Actor = None, reason: str = "") -> OrgUnit:
    """Let a planned unit do business. Locks: tree, unit. Raises OrgError(PARENT_CLOSED) below one that is not open."""
    return _turn(unit, "open", OPENED, by, reason, "org_unit.edit")


def suspend_unit(unit: OrgUnit, *, by: Actor = None, reason: str = "") -> OrgUnit:
    """Stop an open unit for a while. Locks: tree, unit. Raises IllegalMove."""
    return _turn(unit, "suspend", SUSPENDED, by, reason, "org_unit.close")


def resume_unit(unit: OrgUnit, *, by: Actor = None, reason: str = "") -> OrgUnit:
    """Let a suspended unit go on. Locks: tree, unit. Raises IllegalMove."""
    return _turn(unit, "resume", RESUMED, by, reason, "org_unit.close")


def _turn(unit: OrgUnit, step: str, line: Any, by: Actor, reason: str, permission: str) -> OrgUnit:
    reason = " ".join(reason.split())
    if step == "suspend" and not reason:
        raise OrgError(OrgErrorCode.REQUIRED, _("请填写停用原因"), field="reason")
    with transaction.atomic():
        lock_tree()
        row = OrgUnit.objects.select_related("parent").filter(pk=unit.pk).first()
        if row is None:
            raise OutOfScope
        require_at(by, permission, row)
        if step == "open" and row.parent is not None and row.parent.status != UnitStatus.ACTIVE:
            raise OrgError(
                OrgErrorCode.PARENT_CLOSED,
                _("上级机构“%(name)s”没有启用") % {"name": row.parent.name},
                hint=_("请先启用上级机构"),
            )
        before = picture(row)
        actor = name_of(by)
        move(row, step, actor=actor, reason=reason)
        row.revision += 1
        row.save(update_fields=["revision"])
        write_version(row, before, actor, reason)
        audit(line, row, before, actor, reason)
        publish(UnitStatusChanged(unit_id=row.pk, status=row.status), key=f"org_unit:{row.pk}")
    return row


def creatable_levels(parent: OrgUnit) -> list[Level]:
    """What may be set up below a unit, the usual level first."""
    return [] if parent.status == UnitStatus.CLOSED else levels_below(parent)
