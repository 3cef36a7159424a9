"""A file of units: kept, looked at as often as wanted, then written whole or not at all."""

from __future__ import annotations

from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, policy_for

from ..errors import OrgError, OrgErrorCode
from ..events import UnitsImported
from ..exchange.plan import Line, plan
from ..exchange.reader import read
from ..locks import lock_tree
from ..models import ImportState, OrgUnit, UnitImport, UnitVersion
from ..paths import path_of, reserve_keys
from .history import difference, picture
from .rights import Actor, name_of

IMPORTED = action("org_unit.imported", _("导入机构"))
REASON = _("Excel 导入：%(name)s")


def upload_file(file: IO[bytes], filename: str, size: int, *, by: Any) -> UnitImport:
    """Keep the rows of a file until they are confirmed. Writes no unit. Raises OrgError(FILE_INVALID), NotAllowed."""
    _require(by)
    rows = read(file, size)
    return UnitImport.objects.create(maker=by, filename=filename[-200:], rows=rows)


def own_upload(pk: int, *, by: Any) -> UnitImport:
    """One's own uploaded file. Raises OutOfScope for anybody else's, NotAllowed without the right."""
    _require(by)
    found = UnitImport.objects.filter(pk=pk, maker=by).first()
    if found is None:
        raise OutOfScope
    return found


def confirm(upload: UnitImport, *, by: Any) -> UnitImport:
    """Check every row once more and write them all, in one transaction.

    Locks: tree, the upload, the units that change. Raises OrgError(FILE_INVALID) when a row has an error by now, or the
    file is done with; NotAllowed, OutOfScope, LockTimeout.
    """
    with transaction.atomic():
        _require(by)
        lock_tree()
        rows = lock_rows(UnitImport.objects.filter(pk=upload.pk, maker=by))
        if not rows:
            raise OutOfScope
        row = rows[0]
        if row.state != ImportState.WAITING:
            raise OrgError(
                OrgErrorCode.FILE_INVALID,
                _("这个文件%(state)s，不能再次导入") % {"state": row.get_state_display()},
            )
        lines = plan(row.rows, by, lock=True)
        wrong = sum(1 for line in lines if line.errors)
        if wrong:
            raise OrgError(
                OrgErrorCode.FILE_INVALID,
                _("有 %(n)s 行错误，没有导入任何一行") % {"n": wrong},
                hint=_("请改正后重新上传"),
            )
        _write(row, lines, by)
    return row


def drop(upload: UnitImport, *, by: Any) -> None:
    """Throw a waiting file away."""
    UnitImport.objects.filter(pk=upload.pk, maker=by, state=ImportState.WAITING).update(
        state=ImportState.DROPPED, done_at=now(), rows=[]
    )


def _require(by: Any) -> None:
    if not policy_for(OrgUnit).may(by, "org_unit.import", OrgUnit):
        raise NotAllowed


def _write(upload: UnitImport, lines: list[Line], by: Actor) -> None:
    actor, reason = name_of(by), str(REASON % {"name": upload.filename})[:200]
    created = _create([line for line in lines if line.action == "create"], actor, reason)
    changed = _change([line for line in lines if line.action == "change"], actor, reason)
    upload.state, upload.done_at = ImportState.DONE, now()
    upload.created_count, upload.changed_count = len(created), len(changed)
    upload.save()
    record(
        IMPORTED,
        upload,
        after={"filename": upload.filename, "created": len(created), "changed": len(changed)},
        actor=actor,
    )
    if created or changed:
        publish(UnitsImported(created=tuple(created), changed=tuple(changed)), key=f"org_import:{upload.pk}")


def _create(lines: list[Line], actor: str, reason: str) -> list[int]:
    if not lines:
        return []
    lines.sort(key=lambda line: (line.level or 0, line.number))  # parents before their children
    for line, key in zip(lines, reserve_keys(len(lines)), strict=True):
        parent = line.parent.unit if isinstance(line.parent, Line) else line.parent
        line.unit = OrgUnit(
            pk=key,
            parent=parent,
            path=path_of(parent.path if parent else "", key),
            level=line.level or 0,
            status=line.status,
            **line.values,
        )
    units = [line.unit for line in lines if line.unit is not None]
    OrgUnit.objects.bulk_create(units, batch_size=500)
    _versions(units, [{}] * len(units), actor, reason)
    return [unit.pk for unit in units]


def _change(lines: list[Line], actor: str, reason: str) -> list[int]:
    units: list[OrgUnit] = []
    before: list[dict[str, Any]] = []
    fields: set[str] = set()
    for line in lines:
        unit = line.unit
        if unit is None:
            continue
        units.append(unit)
        before.append(picture(unit))
        for name in line.changed:
            setattr(unit, name, line.values[name])
        unit.revision += 1
        fields.update(line.changed)
    if not units:
        return []
    OrgUnit.objects.bulk_update(units, [*sorted(fields), "revision"], batch_size=500)
    UnitVersion.objects.filter(unit__in=units, valid_to__isnull=True).update(valid_to=now())
    _versions(units, before, actor, reason)
    return [unit.pk for unit in units]


def _versions(units: list[OrgUnit], before: list[dict[str, Any]], actor: str, reason: str) -> None:
    moment = now()
    UnitVersion.objects.bulk_create(
        [
            UnitVersion(
                unit=unit,
                revision=unit.revision,
                valid_from=moment,
                parent_id=unit.parent_id,
                path=unit.path,
                code=unit.code,
                name=unit.name,
                status=unit.status,
                changed=difference(old, picture(unit)),
                reason=reason,
                actor=actor,
            )
            for unit, old in zip(units, before, strict=True)
        ],
        batch_size=500,
    )
