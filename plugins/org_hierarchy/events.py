"""What the organisation tells other plugins."""

from __future__ import annotations

from datetime import date

from saleor_o2o.kernel.events import Event


class UnitCreated(Event):
    """A unit was set up."""

    name = "org_unit.created"
    unit_id: int
    level: int
    path: str


class UnitChanged(Event):
    """Something about a unit changed other than its place and its status."""

    name = "org_unit.changed"
    unit_id: int
    fields: tuple[str, ...]


class UnitStatusChanged(Event):
    """A unit opened, was suspended, or resumed."""

    name = "org_unit.status_changed"
    unit_id: int
    status: str


class UnitMoved(Event):
    """A unit and everything below it stands somewhere else: `units` of them."""

    name = "org_unit.moved"
    unit_id: int
    old_path: str
    new_path: str
    units: int


class UnitClosed(Event):
    """A unit ended; with a successor its business goes on there."""

    name = "org_unit.closed"
    unit_id: int
    successor_id: int | None
    closed_on: date


class UnitsImported(Event):
    """A file wrote many units at once; there is no event per unit."""

    name = "org_unit.imported"
    created: tuple[int, ...]
    changed: tuple[int, ...]
