"""Where the goods of an order wait: at the counter that sold it, else at the unit whose order it is."""

from __future__ import annotations

from plugins.org_hierarchy.interfaces import Level, OrderAttribution, OrgUnit, show_hours
from plugins.service_map.interfaces import navigation_link
from saleor_o2o.ordering.interfaces import PickupPlace

from ..models import CounterSale
from ..places import place_of_sale


def pickup_place(order_id: int) -> PickupPlace | None:
    """The outlet where an order is fetched; None where it is nobody's below the county. One to three statements."""
    told = OrderAttribution.objects.select_related("unit").filter(order_id=order_id).first()
    if told is None or told.unit.level < Level.BRANCH:
        return None
    if told.channel_type:
        sale = CounterSale.objects.select_related("unit").filter(order_id=order_id).first()
        if sale is not None:
            place = place_of_sale(sale)
            return _told(sale.unit, place.name, place.address)
    return _told(told.unit, told.unit.name, told.unit.address)


def _told(unit: OrgUnit, name: str, address: str) -> PickupPlace:
    # the pin is the unit's own: another address has none
    own = address == unit.address and unit.lng is not None and unit.lat is not None
    return PickupPlace(
        name, address, unit.duty_phone, show_hours(unit.business_hours or {}),
        navigation_link(unit.lng or 0.0, unit.lat or 0.0, name) if own else "",
    )  # fmt: skip
