"""What the papers need of an address."""

from __future__ import annotations

from typing import Any

from django import template

from saleor_o2o.backoffice.privacy import masked_address

register = template.Library()


@register.simple_tag
def receiver(address: Any, masked: bool) -> str:
    """Name, telephone and address in a line; masked unless it is printed."""
    if address is None:
        return "—"
    if masked:
        return masked_address(address)  # with name and telephone
    place = (address.country_area, address.city, address.street_address_1, address.street_address_2)
    return f"{address.last_name}{address.first_name} {address.phone} {' '.join(filter(None, place))}"
