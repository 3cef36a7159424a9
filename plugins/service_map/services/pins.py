"""Moving a pin that stands wrong."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import (
    Datum,
    OrgError,
    OrgErrorCode,
    check_position,
    distance_m,
    edit_unit,
)
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from ..errors import MapError, MapErrorCode
from ..models import Community, PinCorrection, Place
from ..models.positioned import POSITION_FIELDS
from ..serving import serve_at
from ..sync import sync_units
from .communities import remember_addresses
from .rights import Actor, name_of, require_on
from .texts import tidy

CORRECTED = action("service_map.pin.corrected", _("纠正位置"))


def correct_pin(
    target: Place | Community, lng: Any, lat: Any, *, datum: str = Datum.GCJ02, reason: str, by: Actor = None,
    seen: tuple[float, float] | None = None,
) -> PinCorrection:  # fmt: skip
    """Move a pin and note who moved it from where, why; an outlet's or branch's goes through its unit.

    `seen` is the position that the person saw. Locks the row, for a mirrored one its unit first. Raises OutOfScope,
    NotAllowed, OrgError(POSITION_INVALID), MapError REQUIRED, INVALID (not moved), CHANGED_MEANWHILE.
    """
    place = check_position(lng, lat, datum)
    why = tidy(reason, "reason", 200, required=True)
    with transaction.atomic():
        if isinstance(target, Place) and target.mirrors_unit:
            _move_unit(target, lng, lat, datum, why, by)
        found = lock_rows(type(target).objects.filter(pk=target.pk))
        if not found:
            raise OutOfScope
        row: Any = found[0]
        require_on(by, "map.correct", row)
        before: tuple[float, float] = (
            (target.lng, target.lat) if isinstance(row, Place) and row.mirrors_unit else (row.lng, row.lat)
        )
        _check_moved(before, place, seen)
        row.put_at(lng, lat, datum)
        row.updated_at = now()
        changed = [*POSITION_FIELDS, "updated_at"]
        if isinstance(row, Community) and not row.unit_fixed and (served := serve_at(row.lng, row.lat)):
            row.unit = served.unit
            changed.append("unit")
        row.save(update_fields=changed)
        if isinstance(row, Community):
            remember_addresses(row)
        made = PinCorrection.objects.create(
            place=row if isinstance(row, Place) else None, community=row if isinstance(row, Community) else None,
            unit=row.unit, from_lng=before[0], from_lat=before[1], to_lng=row.lng, to_lat=row.lat,
            metres=distance_m(*before, row.lng, row.lat), reason=why, actor=name_of(by),
        )  # fmt: skip
        record(
            CORRECTED, row, before={"position": _text(before)}, after={"position": row.position, "reason": why},
            actor=made.actor, org_path=row.unit.path,
        )  # fmt: skip
    return made


def _move_unit(target: Place, lng: Any, lat: Any, datum: str, reason: str, by: Actor) -> None:
    """The unit is the truth: it moves with a version of its own, and the place follows at once."""
    require_on(by, "map.correct", target)
    unit = target.unit
    unit.refresh_from_db(fields=["revision"])
    values = {"lng": lng, "lat": lat, "datum": datum}
    try:
        edit_unit(unit, values, revision=unit.revision, by=None, reason=reason)
    except OrgError as error:
        if error.code == OrgErrorCode.CHANGED_MEANWHILE:
            raise _meanwhile() from None
        raise
    sync_units([unit.pk])


def _check_moved(
    before: tuple[float, float], after: tuple[float, float], seen: tuple[float, float] | None
) -> None:
    if seen is not None and distance_m(*seen, *before) > 1:
        raise _meanwhile()
    if before == after:
        raise MapError(MapErrorCode.INVALID, _("位置没有变化"), field="lng")


def _meanwhile() -> MapError:
    return MapError(
        MapErrorCode.CHANGED_MEANWHILE, _("位置刚刚被别人改过"), field="lng", hint=_("请刷新后再看")
    )


def _text(position: tuple[float, float]) -> str:
    return f"{position[0]:.6f}, {position[1]:.6f}"
