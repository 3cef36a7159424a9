"""Points of interest that are kept here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import BusinessScope, Datum, check_hours, check_polygon
from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.clock import now

from ..errors import MapError, MapErrorCode
from ..kinds import MIRRORED, PlaceKind, PlaceStatus
from ..models import Place
from .rights import Actor, name_of, require_at, require_on
from .texts import names_of, tidy

CREATED = action("service_map.place.created", _("新建地点"))
EDITED = action("service_map.place.edited", _("修改地点"))
_STORED = (
    "kind", "name", "aliases", "unit", "address", "phone", "hours", "business_scope", "status", "lng", "lat",
)  # fmt: skip


def write_place(values: Mapping[str, Any], *, place: Place | None = None, by: Actor = None) -> Place:
    """Make or change a point of interest. Outlets and branches are refused: their unit is changed instead.

    Raises OutOfScope, NotAllowed, OrgError (position, area, hours), MapError REQUIRED, INVALID, MIRRORED.
    """
    row = place or Place()
    before = snapshot(row, _STORED) if place is not None else {}
    if (place is not None and place.mirrors_unit) or values["kind"] in MIRRORED:
        raise MapError(
            MapErrorCode.MIRRORED, _("网点和支局的信息在机构里维护"), field="kind", hint=_("请到机构页面修改")
        )
    if values["kind"] not in PlaceKind.values:
        raise MapError(MapErrorCode.INVALID, _("没有这种地点"), field="kind")
    row.kind = values["kind"]
    row.name = tidy(values["name"], "name", 100, required=True)
    row.aliases = names_of(values.get("aliases"))
    row.unit = values["unit"]
    row.address = tidy(values.get("address"), "address", 200)
    row.phone = tidy(values.get("phone"), "phone", 32)
    row.hours = check_hours(values.get("hours"), "hours")
    row.business_scope = [
        scope for scope in values.get("business_scope") or () if scope in BusinessScope.values
    ]
    row.area = (
        check_polygon(values["area"], values.get("datum") or Datum.GCJ02) if values.get("area") else None
    )
    row.status = values.get("status") or PlaceStatus.LISTED
    row.put_at(values["lng"], values["lat"], values.get("datum") or Datum.GCJ02)
    row.updated_at = now()
    with transaction.atomic():
        if place is not None:
            require_on(by, "map.edit", place)
        require_at(by, "map.edit" if place is not None else "map.create", row.unit, Place)
        row.save()
        record(
            EDITED if place is not None else CREATED, row, before=before, after=snapshot(row, _STORED),
            actor=name_of(by), org_path=row.unit.path,
        )  # fmt: skip
    return row
