"""What the map does when the organisation changes."""

from __future__ import annotations

from django.db import transaction

from plugins.org_hierarchy.events import (
    UnitChanged,
    UnitClosed,
    UnitCreated,
    UnitsImported,
    UnitStatusChanged,
)
from saleor_o2o.kernel.events import receives

from .services.communities import follow_merge
from .sync import sync_units
from .tasks import reassign


@receives(UnitCreated, order=50, plugin="service_map")
def follow_new_unit(event: UnitCreated) -> None:
    """A new unit appears on the map."""
    sync_units([event.unit_id])


@receives(UnitChanged, order=50, plugin="service_map")
def follow_changed_unit(event: UnitChanged) -> None:
    """Name, position, hours, business or area changed; a new area may serve other communities."""
    sync_units([event.unit_id])
    if "service_area" in event.fields:
        transaction.on_commit(lambda: reassign.delay(event.unit_id))


@receives(UnitStatusChanged, order=50, plugin="service_map")
def follow_status(event: UnitStatusChanged) -> None:
    """A unit opened or stopped."""
    sync_units([event.unit_id])


@receives(UnitClosed, order=50, plugin="service_map")
def follow_closed_unit(event: UnitClosed) -> None:
    """A unit ended: the communities and places that it looked after go to the successor, or to who is there now."""
    sync_units([event.unit_id])
    if event.successor_id is not None:
        follow_merge(event.unit_id, event.successor_id)
    else:
        transaction.on_commit(lambda: reassign.delay(event.unit_id))


@receives(UnitsImported, order=50, plugin="service_map")
def follow_import(event: UnitsImported) -> None:
    """A file wrote many units."""
    sync_units([*event.created, *event.changed])
