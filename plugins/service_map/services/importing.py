"""Files of places and areas: kept, looked at as often as wanted, then written whole or not at all.

A look is a rehearsal: all is written by the services that the forms use, in a transaction that is undone. So the
preview says exactly what the confirmation would, and that refuses when anything has become wrong since.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.backoffice.sheets import read_sheet
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, policy_for

from ..errors import MapError, MapErrorCode
from ..kinds import ImportKind, ImportState
from ..models import MapImport, Place
from .import_areas import read_features, try_areas
from .import_places import MOST, NEEDED, TITLES, try_places
from .lines import Line
from .rights import name_of

IMPORTED = action("service_map.imported", _("导入地图数据"))


def upload(kind: str, file: Any, *, datum: str = Datum.GCJ02, by: Any) -> MapImport:
    """Keep the rows of an uploaded file (with `name`, `size`, `read`) until they are confirmed. Writes nothing else.

    Raises NotAllowed, MapError FILE_INVALID, INVALID.
    """
    _require(by)
    if datum not in Datum.values:
        raise MapError(MapErrorCode.INVALID, _("没有这个坐标系"), field="datum")
    rows = (
        read_features(file.read())
        if kind == ImportKind.AREAS
        else read_sheet(file, file.size, TITLES, needed=NEEDED, most=MOST, refuse=_refused)
    )
    return MapImport.objects.create(kind=kind, maker=by, filename=file.name[-200:], datum=datum, rows=rows)


def own_upload(pk: int, kind: str, *, by: Any) -> MapImport:
    """One's own uploaded file. Raises OutOfScope for anybody else's, NotAllowed without the right."""
    _require(by)
    found = MapImport.objects.filter(pk=pk, kind=kind, maker=by).first()
    if found is None:
        raise OutOfScope
    return found


def rehearse(upload_: MapImport, *, by: Any) -> list[Line]:
    """What each row would do, and what is wrong with it. Nothing stays. Locks as `confirm`, for a moment."""
    with transaction.atomic():
        lines = _try(upload_, by)
        transaction.set_rollback(True)
    return lines


def confirm(upload_: MapImport, *, by: Any) -> MapImport:
    """Write all rows, in one transaction; nothing when one of them has an error by now.

    Locks: the upload; for areas their lock and the units. Raises MapError(FILE_INVALID), NotAllowed, OutOfScope,
    LockTimeout.
    """
    with transaction.atomic():
        _require(by)
        rows = lock_rows(MapImport.objects.filter(pk=upload_.pk, maker=by))
        if not rows:
            raise OutOfScope
        row = rows[0]
        if row.state != ImportState.WAITING:
            raise _refused(_("这个文件%(state)s，不能再次导入") % {"state": row.get_state_display()}, None)
        lines = _try(row, by)
        wrong = sum(1 for line in lines if line.errors)
        if wrong:
            raise _refused(_("有 %(n)s 行错误，没有导入任何一行") % {"n": wrong}, _("请改正后重新上传"))
        row.state, row.done_at, row.rows = ImportState.DONE, now(), []
        row.created_count = sum(line.action == "create" for line in lines)
        row.changed_count = sum(line.action == "change" for line in lines)
        row.save()
        record(
            IMPORTED, row, actor=name_of(by),
            after={
                "kind": row.kind, "filename": row.filename, "created": row.created_count, "changed": row.changed_count,
            },
        )  # fmt: skip
    return row


def drop(upload_: MapImport, *, by: Any) -> None:
    """Throw a waiting file away."""
    MapImport.objects.filter(pk=upload_.pk, maker=by, state=ImportState.WAITING).update(
        state=ImportState.DROPPED, done_at=now(), rows=[]
    )


def _try(upload_: MapImport, by: Any) -> list[Line]:
    if upload_.kind == ImportKind.AREAS:
        return try_areas(upload_.rows, by, datum=upload_.datum, filename=upload_.filename)
    return try_places(upload_.rows, by)


def _require(by: Any) -> None:
    if not policy_for(Place).may(by, "map.import", Place):
        raise NotAllowed


def _refused(message: Any, hint: Any) -> MapError:
    return MapError(MapErrorCode.FILE_INVALID, message, field="file", hint=hint)
