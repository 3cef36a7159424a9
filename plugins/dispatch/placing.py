"""Where a part of an order is delivered from: from data at hand, without asking anybody outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Level, OrderAttribution, OrgUnit, UnitStatus, keys_of
from plugins.service_map.interfaces import Basis as Served
from plugins.service_map.interfaces import areas_at, unit_of_address
from saleor_o2o.kernel.clock import today

from .choices import Basis, Stage
from .noting import called


class NoOrganisation(LookupError):
    """There is no unit at all: nobody to deliver anything."""


@dataclass(frozen=True, slots=True)
class Place:
    """The unit, whose turn it is there, why it is the one, in a word and in words, and the position if known."""

    unit: OrgUnit
    stage: Stage
    basis: Basis
    why: str
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """What of an address says where: nothing of the person."""

    district: str
    street: str

    @classmethod
    def of(cls, address: Any) -> Address:
        """Of an address of stock's; None gives an empty one."""
        if address is None:
            return cls("", "")
        return cls(address.city[:40], f"{address.street_address_1}{address.street_address_2}"[:200])


def by_name(address: Address) -> Place | None:
    """The branch of a community that the street names. One statement."""
    found = unit_of_address(address.district, address.street)
    if found is None or found.basis is not Served.COMMUNITY or found.unit.level != Level.BRANCH:
        return None
    return Place(found.unit, Stage.STAFF, Basis.COMMUNITY, found.text)


def by_position(order_id: int, address: Address, lng: float, lat: float) -> Place:
    """The open branch whose area holds a position (GCJ-02), the smallest area first; else the county, and why."""
    around = areas_at(lng, lat)
    for unit in around:
        if is_open(unit):
            why = _("在%(unit)s服务范围内") % {"unit": called(unit)}
            return Place(unit, Stage.STAFF, Basis.AREA, why, (lng, lat))
    if around:
        why = _("所在服务范围的%(unit)s未在营业状态，由上级调度") % {"unit": called(around[0])}
        return above(order_id, address, why, (lng, lat), near=around[0])
    return above(order_id, address, _("地址不在任何支局的服务范围内"), (lng, lat))


def by_town(order_id: int, address: Address, why: str) -> Place:
    """When the map does not help: the branch whose town the street names, else the county."""
    found = unit_of_address(address.district, address.street)
    if found is not None and found.unit.level == Level.BRANCH:
        return Place(
            found.unit, Stage.STAFF, Basis.TOWN, _("%(why)s，%(text)s") % {"why": why, "text": found.text}
        )
    return above(order_id, address, why)


def above(
    order_id: int,
    address: Address,
    why: str,
    position: tuple[float, float] | None = None,
    near: OrgUnit | None = None,
) -> Place:
    """The county over `near`, or that an address is in; else the one over the order's unit, or the city.

    Raises NoOrganisation.
    """
    unit, basis = None, Basis.COUNTY
    if near is not None:
        unit = county_of(near)
    if unit is None:
        found = unit_of_address(address.district)
        unit = county_of(found.unit) if found is not None else None
    if unit is None:
        attributed = OrderAttribution.objects.select_related("unit").filter(order_id=order_id).first()
        if attributed is not None:
            unit, basis = county_of(attributed.unit), Basis.ORDER
            why = _("%(why)s，由订单所属机构的上级调度") % {"why": why}
    if unit is None:
        unit, basis = OrgUnit.objects.filter(parent__isnull=True).first(), Basis.ORDER
    if unit is None:
        raise NoOrganisation
    return Place(unit, stage_at(unit), basis, why, position)


def county_of(unit: OrgUnit) -> OrgUnit | None:
    """The open county centre over a unit (or itself); without one the nearest open unit above. One statement."""
    found = [
        one
        for one in OrgUnit.objects.filter(pk__in=keys_of(unit.path), level__lte=Level.COUNTY)
        if is_open(one)
    ]
    return max(found, key=lambda one: one.level, default=None)


def is_open(unit: OrgUnit) -> bool:
    """True when a unit works today."""
    return unit.status == UnitStatus.ACTIVE and unit.effective_from <= today()


def stage_at(unit: OrgUnit) -> Stage:
    """Whose turn it is when a task comes to a unit."""
    if unit.level >= Level.BRANCH:
        return Stage.STAFF
    return Stage.COUNTY if unit.level == Level.COUNTY else Stage.AREA
