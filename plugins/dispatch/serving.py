"""Where an address is: from what the map said before, or from the map itself."""

from __future__ import annotations

from plugins.service_map.interfaces import USABLE, known_position, locate

from .placing import Address


def kept_position(address: Address) -> tuple[float, float] | None:
    """Longitude and latitude (GCJ-02) from an earlier answer that was exact enough; asks nobody. One statement."""
    found = known_position(address.street, address.district)
    return (found.lng, found.lat) if found is not None and found.confidence >= USABLE else None


def ask_position(address: Address) -> tuple[float, float] | None:
    """The same, asking the map; None when it does not know it exactly enough.

    A remote call: never under a lock, never in a transaction. Raises ProviderDown, ProviderLimit, NotConfigured.
    """
    found = locate(address.street, address.district)
    return (found.lng, found.lat) if found is not None and found.confidence >= USABLE else None
