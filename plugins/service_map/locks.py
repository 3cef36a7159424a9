"""Named locks of the map. Taken before any unit's row."""

from __future__ import annotations

from saleor_o2o.kernel.locks import AdvisoryKey, advisory_lock


class MapLock(AdvisoryKey):
    """AREAS: whoever saves a service area after looking at the neighbours'. One at a time, for a moment."""

    AREAS = "service_map.areas"


def lock_areas() -> None:
    """Take the lock of the areas until the transaction ends. Raises LockTimeout."""
    advisory_lock(MapLock.AREAS)
