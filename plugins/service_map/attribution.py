"""Whose order it is when nobody else claims it: the branch or county that serves the shipping address."""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import Claim, register_source

from .serving import unit_of_address


def install() -> None:
    """Register the source `serving_unit`; called once when the app is ready."""
    register_source("serving_unit", 60, claim)


def claim(order: Any, _origin: Any) -> Claim | None:
    """The serving unit of the order's address: one statement, and no question to anybody outside."""
    address = order.shipping_address or order.billing_address
    if address is None:
        return None
    found = unit_of_address(address.city, f"{address.street_address_1}{address.street_address_2}")
    return Claim(found.unit, found.basis) if found is not None else None
