"""A file of units: kept, looked at as often as wanted, then written whole or not at all."""

from __future__ import annotations

from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.imports import close_file, drop_file, own_file, require_right, take_file
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.scope import NotAllowed, policy_for

from ..events import UnitsImported
from ..exchange.plan import Line, plan
from ..exchange.reader import read, refused
from ..locks import lock_tree
from ..models import OrgUnit, UnitImport, UnitVersion
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
    return own_file(UnitImport.objects.all(), pk, by)


def confirm(upload: UnitImport, *, by: Any) -> UnitImport:
    """Check every row once more and write them all, in one transaction.

    Locks: tree, the upload, the units that change. Raises OrgError(FILE_INVALID) when a row has an error by now, or the
    file is done with; NotAllowed, OutOfScope, LockTimeout.
    """
    with transaction.atomic():
        _require(by)
        lock_tree()
        row = take_file(upload, by, refused)
        lines = plan(row.rows, by, lock=True)
        require_right(lines, refused)
        _write(row, lines, by)
    return row


def drop(upload: UnitImport, *, by: Any) -> None:
    """Throw a waiting file away."""
    drop_file(upload, by)


def _require(by: Any) -> None:
    if not policy_for(OrgUnit).may(by, "org_unit.import", OrgUnit):
        raise NotAllowed


def _write(upload: UnitImport, lines: list[Line], by: Actor) -> None:
    actor, reason = name_of(by), str(REASON % {"name": upload.filename})[:200]
    created = _create([line for line in lines if line.action == "create"], actor, reason)
    changed = _change([line for line in lines if line.action == "change"], actor, reason)
    close_file(upload, lines)
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
