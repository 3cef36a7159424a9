"""Files of places and areas: kept, looked at as often as wanted, then written whole or not at all.

A look is a rehearsal: all is written by the services that the forms use, in a transaction that is undone. So the
preview says exactly what the confirmation would, and that refuses when anything has become wrong since.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.backoffice.imports import (
    Line,
    close_file,
    drop_file,
    own_file,
    require_right,
    take_file,
)
from saleor_o2o.backoffice.sheets import read_sheet
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.scope import NotAllowed, policy_for

from ..errors import MapError, MapErrorCode
from ..kinds import ImportKind
from ..models import MapImport, Place
from .import_areas import read_features, try_areas
from .import_places import MOST, NEEDED, TITLES, try_places
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
    return own_file(MapImport.objects.filter(kind=kind), pk, by)


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
        row = take_file(upload_, by, _refused)
        lines = _try(row, by)
        require_right(lines, _refused)
        close_file(row, lines)
        record(
            IMPORTED, row, actor=name_of(by),
            after={
                "kind": row.kind, "filename": row.filename, "created": row.created_count, "changed": row.changed_count,
            },
        )  # fmt: skip
    return row


def drop(upload_: MapImport, *, by: Any) -> None:
    """Throw a waiting file away."""
    drop_file(upload_, by)


def _try(upload_: MapImport, by: Any) -> list[Line]:
    if upload_.kind == ImportKind.AREAS:
        return try_areas(upload_.rows, by, datum=upload_.datum, filename=upload_.filename)
    return try_places(upload_.rows, by)


def _require(by: Any) -> None:
    if not policy_for(Place).may(by, "map.import", Place):
        raise NotAllowed


def _refused(message: Any, hint: Any) -> MapError:
    return MapError(MapErrorCode.FILE_INVALID, message, field="file", hint=hint)
