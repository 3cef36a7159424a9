"""What other plugins may use of the map.

- who serves a place: `areas_at` (branches whose area holds a position), `unit_of_address` (from data at hand);
- where an address is: `known_position` (from answers kept earlier), `locate` (asks the provider: never under a lock,
  never in a transaction), whose errors are `MapError`s;
- `navigation_link`: the way there.
"""

from __future__ import annotations

from .errors import MapError
from .finding import USABLE
from .lookup import known_position, locate
from .nearest import navigation_link
from .ports import Located, NotConfigured, ProviderDown, ProviderLimit
from .serving import Basis, Serving, areas_at, unit_of_address

__all__ = [
    "USABLE",
    "Basis",
    "Located",
    "MapError",
    "NotConfigured",
    "ProviderDown",
    "ProviderLimit",
    "Serving",
    "areas_at",
    "known_position",
    "locate",
    "navigation_link",
    "unit_of_address",
]
