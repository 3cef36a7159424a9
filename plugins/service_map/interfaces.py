"""What other plugins may use of the map.

- who serves a place: `areas_at` (branches whose area holds a position), `unit_of_address` (from data at hand);
- where an address is: `known_position` (from answers kept earlier), `locate` (asks the provider: never under a lock,
  never in a transaction), whose errors are `MapError`s;
- `nearest`: the places of a kind (`PlaceKind`) nearest to a position, and whether they are open;
- `navigation_link`: the way there.
"""

from __future__ import annotations

from .errors import MapError
from .finding import USABLE
from .kinds import PlaceKind
from .lookup import known_position, locate
from .nearest import Found, navigation_link, nearest
from .ports import Located, NotConfigured, ProviderDown, ProviderLimit
from .serving import Basis, Serving, areas_at, unit_of_address

__all__ = [
    "USABLE",
    "Basis",
    "Found",
    "Located",
    "MapError",
    "NotConfigured",
    "PlaceKind",
    "ProviderDown",
    "ProviderLimit",
    "Serving",
    "areas_at",
    "known_position",
    "locate",
    "navigation_link",
    "nearest",
    "unit_of_address",
]
