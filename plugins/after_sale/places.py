"""Where goods are sent back to."""

from __future__ import annotations

from plugins.org_hierarchy.interfaces import OrgUnit

from .models import AfterSale
from .selectors import unit_of


def counter_address(unit: OrgUnit) -> str:
    """A unit's own: name, address and telephone in one line."""
    return " ".join(one for one in (unit.name, unit.address, unit.duty_phone) if one)[:200]


def return_address(row: AfterSale) -> str:
    """The warehouse that sent them, or the unit whose order it is: name, address and telephone in one line."""
    shelf = row.sub_order.warehouse
    if shelf is not None and shelf.address is not None:
        at = shelf.address
        street = f"{at.country_area}{at.city}{at.city_area}{at.street_address_1}{at.street_address_2}"
        phone = str(at.phone.national_number) if at.phone else ""
        return " ".join(one for one in (shelf.company_name or shelf.name, street, phone) if one)[:200]
    return counter_address(unit_of(row.order_id))
