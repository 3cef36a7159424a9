"""Venues, halls, scenic spots and gates."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows

from ..access import EDIT
from ..models import Gate, Hall, ScenicSpot, Venue
from .common import actor, allow, allow_at, invalid

KEPT = audit.action("admission.place_kept", _("维护场馆、景区"))

P = TypeVar("P", Venue, ScenicSpot)


@transaction.atomic
def make_place(by: Any, model: type[P], unit: OrgUnit, code: str, **told: Any) -> P:
    """A new venue or scenic spot of a unit. Raises NotAllowed, INVALID for a code that is taken."""
    allow_at(by, EDIT, unit)
    if model.objects.filter(code=code).exists():
        raise invalid(_("这个代码已经用了，请换一个"), "code")
    made = model.objects.create(unit=unit, code=code, **told)
    audit.record(KEPT, made, after=audit.snapshot(made), actor=actor(by), org_path=unit.path)
    return made


@transaction.atomic
def change_place(by: Any, row: P, **told: Any) -> P:
    """Change what is told of it. Locks: the row. Raises OutOfScope, NotAllowed."""
    allow(by, EDIT, row)
    [fresh] = lock_rows(type(row).objects.filter(pk=row.pk).select_related("unit"))
    before = audit.snapshot(fresh)
    for name, value in told.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(told))
    audit.record(
        KEPT, fresh, before=before, after=audit.snapshot(fresh), actor=actor(by), org_path=fresh.unit.path
    )
    return fresh


@transaction.atomic
def make_hall(by: Any, venue: Venue, name: str, capacity: int = 0) -> Hall:
    """A new hall. Raises OutOfScope, NotAllowed, INVALID for a name that the venue has."""
    allow(by, EDIT, venue)
    if venue.halls.filter(name=name).exists():
        raise invalid(_("这个场馆已有同名的厅"), "name")
    made = Hall.objects.create(venue=venue, name=name, capacity=capacity)
    audit.record(KEPT, made, after=audit.snapshot(made), actor=actor(by), org_path=venue.unit.path)
    return made


@transaction.atomic
def make_gate(by: Any, place: Venue | ScenicSpot, code: str, name: str) -> Gate:
    """A new entrance. Raises OutOfScope, NotAllowed, INVALID for a code that is taken."""
    allow(by, EDIT, place)
    if Gate.objects.filter(code=code).exists():
        raise invalid(_("这个代码已经用了，请换一个"), "code")
    of = {"venue": place} if isinstance(place, Venue) else {"spot": place}
    made = Gate.objects.create(code=code, name=name, **of)
    audit.record(KEPT, made, after=audit.snapshot(made), actor=actor(by), org_path=place.unit.path)
    return made


@transaction.atomic
def switch_gate(by: Any, row: Gate, *, active: bool) -> Gate:
    """Open or close an entrance. Locks: the row. Raises OutOfScope, NotAllowed."""
    allow(by, EDIT, row)
    [fresh] = lock_rows(Gate.objects.filter(pk=row.pk))
    before = audit.snapshot(fresh)
    fresh.active = active
    fresh.save(update_fields=["active"])
    place = fresh.venue or fresh.spot
    audit.record(
        KEPT, fresh, before=before, after=audit.snapshot(fresh), actor=actor(by),
        org_path=place.unit.path if place is not None else "",
    )  # fmt: skip
    return fresh
