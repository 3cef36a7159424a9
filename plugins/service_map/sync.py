"""Keeps places and boxed areas in step with the units they mirror. The units are the truth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import Case, CharField, F, FilteredRelation, Func, JSONField, Q, Value, When
from django.db.models.functions import Coalesce

from plugins.org_hierarchy.interfaces import Level, OrgUnit, UnitStatus, area_km2, lock_units, shape_of
from saleor_o2o.kernel.clock import now

from .geohash import encode
from .kinds import MIRRORED, PlaceKind, PlaceStatus
from .models import Place, ServiceArea

_KIND = {Level.BRANCH.value: PlaceKind.BRANCH, Level.OUTLET.value: PlaceKind.OUTLET}
_NAMES = ArrayField(CharField(max_length=60))
#: Units looked at together by the repair.
CHUNK = 2000
#: What a mirrored place takes from its unit.
_COLUMNS = (
    "kind", "name", "aliases", "address", "lng", "lat", "source_datum", "source_lng", "source_lat", "geohash",
    "business_scope", "hours", "phone", "status", "listed_from", "updated_at",
)  # fmt: skip


def sync_units(keys: Iterable[int]) -> int:
    """Write the places and areas of some units anew where they differ; answers how many were written.

    Locks the units in key order, so that two syncs of one unit follow each other and the later state stays; orders at
    the units do not wait. A handful of statements, however many units. Doing it twice changes nothing.
    """
    with transaction.atomic():
        units = [unit for unit in lock_units(keys) if unit.level in _KIND]
        return _places(units) + _areas(units)


def sync_all() -> int:
    """Bring every unit's place and area in step; only units that differ are locked. Answers how many were written.

    PostgreSQL compares the places; areas, which only branches and counties have, are compared here. Of sixty thousand
    units in step no more than those with an area is read.
    """
    written = 0
    keys = sorted({*_stale_places(), *_stale_areas()})
    for start in range(0, len(keys), CHUNK):
        written += sync_units(keys[start : start + CHUNK])
    return written


def _stale_places() -> Iterable[int]:
    """Units whose place is missing or not what `_values` says."""
    mirror = FilteredRelation("places", condition=Q(places__kind__in=MIRRORED))
    same = Q(
        mirror__name=F("name"), mirror__address=F("address"), mirror__lng=F("lng"), mirror__lat=F("lat"),
        mirror__source_datum=F("source_datum"), mirror__business_scope=F("business_scope"),
        mirror__hours=Coalesce(F("business_hours"), Value({}, JSONField())), mirror__phone=F("duty_phone"),
        mirror__listed_from=F("effective_from"),
        mirror__kind=Case(*(When(level=level, then=Value(kind.value)) for level, kind in _KIND.items())),
        mirror__status=Case(
            When(status=UnitStatus.ACTIVE, then=Value(PlaceStatus.LISTED.value)),
            default=Value(PlaceStatus.HIDDEN.value),
        ),
        mirror__aliases=Case(
            When(Q(short_name="") | Q(short_name=F("name")), then=Value([], _NAMES)),
            default=Func(F("short_name"), template="ARRAY[%(expressions)s]", output_field=_NAMES),
        ),
    )  # fmt: skip
    placed = Q(lng__isnull=False, lat__isnull=False)
    lost = ~placed & Q(mirror__isnull=False) & ~Q(mirror__status=PlaceStatus.HIDDEN)
    units = OrgUnit.objects.filter(level__in=_KIND).alias(mirror=mirror)
    return units.filter((placed & ~same) | lost).values_list("pk", flat=True)


def _stale_areas() -> Iterable[int]:
    """Units whose boxed area is missing, another's, or of an area that is gone."""
    rows = OrgUnit.objects.filter(level__in=_KIND).filter(
        Q(service_area__isnull=False) | Q(boxed_area__isnull=False)
    )
    for key, area, mark in rows.values_list("pk", "service_area", "boxed_area__mark"):
        if _mark(area) != (mark or ""):
            yield key


def _there(units: list[OrgUnit]) -> dict[int, Place]:
    return {place.unit_id: place for place in Place.objects.filter(unit__in=units, kind__in=MIRRORED)}


def _marks(units: list[OrgUnit]) -> dict[int, str]:
    return dict(ServiceArea.objects.filter(unit__in=units).values_list("unit_id", "mark"))


def _wants(unit: OrgUnit, place: Place | None) -> bool:
    """True when the unit's place is missing or not what it should be."""
    if unit.lng is None or unit.lat is None:
        return place is not None and place.status != PlaceStatus.HIDDEN
    return place is None or _differs(unit, place)


def _places(units: list[OrgUnit]) -> int:
    there = _there(units)
    made, changed = [], []
    for unit in units:
        place = there.get(unit.pk)
        if not _wants(unit, place):
            continue
        if place is None:
            made.append(_mirror(unit, Place(unit=unit)))
        elif unit.lng is None or unit.lat is None:
            # A unit that lost its position is found no more; its place stays for its corrections.
            place.status, place.updated_at = PlaceStatus.HIDDEN, now()
            changed.append(place)
        else:
            changed.append(_mirror(unit, place))
    Place.objects.bulk_create(made, batch_size=1000)
    Place.objects.bulk_update(changed, _COLUMNS, batch_size=500)
    return len(made) + len(changed)


def _values(unit: OrgUnit) -> dict[str, object]:
    listed = unit.status == UnitStatus.ACTIVE
    return {
        "kind": _KIND[unit.level],
        "name": unit.name,
        "aliases": [unit.short_name] if unit.short_name and unit.short_name != unit.name else [],
        "address": unit.address,
        "lng": unit.lng,
        "lat": unit.lat,
        "source_datum": unit.source_datum,
        "business_scope": list(unit.business_scope),
        "hours": unit.business_hours or {},
        "phone": unit.duty_phone,
        "status": PlaceStatus.LISTED if listed else PlaceStatus.HIDDEN,
        "listed_from": unit.effective_from,
    }


def _differs(unit: OrgUnit, place: Place) -> bool:
    return any(getattr(place, name) != value for name, value in _values(unit).items())


def _mirror(unit: OrgUnit, place: Place) -> Place:
    moved = (place.lng, place.lat) != (unit.lng, unit.lat)
    for name, value in _values(unit).items():
        setattr(place, name, value)
    if moved or place.source_lng is None:
        place.source_lng, place.source_lat = place.lng, place.lat
        place.geohash = encode(place.lng, place.lat)
    place.updated_at = now()
    return place


def _areas(units: list[OrgUnit]) -> int:
    marks = _marks(units)
    made, gone = [], []
    for unit in units:
        if not unit.service_area:
            if unit.pk in marks:
                gone.append(unit.pk)
            continue
        mark = _mark(unit.service_area)
        if marks.get(unit.pk) != mark:
            made.append(_boxed(unit, mark))
    if gone:
        ServiceArea.objects.filter(pk__in=gone).delete()
    ServiceArea.objects.bulk_create(
        made,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["area", "west", "south", "east", "north", "km2", "mark"],
    )
    return len(made) + len(gone)


def _mark(area: object) -> str:
    if not area:
        return ""
    return hashlib.sha256(json.dumps(area, sort_keys=True).encode()).hexdigest()[:32]


def _boxed(unit: OrgUnit, mark: str) -> ServiceArea:
    area: dict[str, Any] = unit.service_area or {}
    geometry = shape_of(area)
    west, south, east, north = geometry.bounds
    return ServiceArea(
        unit=unit, area=area, west=west, south=south, east=east, north=north,
        km2=area_km2(geometry), mark=mark,
    )  # fmt: skip
