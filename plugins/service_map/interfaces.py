"""What other plugins may use of the map.

- who serves a place: `areas_at` (branches whose area holds a position), `serve_at` (the one that serves it),
  `unit_of_address` (from data at hand), `serving_of_address` (may ask the provider: never under a lock);
- `Community`: the dictionary of communities; `district_code`: the division a district's name means;
- where an address is: `known_position` (from answers kept earlier), `locate` (asks the provider: never under a lock,
  never in a transaction), whose errors are `MapError`s;
- `nearest`: the places of a kind (`PlaceKind`) nearest to a position, and whether they are open;
- `navigation_link`: the way there.
"""

from __future__ import annotations

from .errors import MapError
from .finding import USABLE, serving_of_address
from .kinds import PlaceKind
from .lookup import known_position, locate
from .models import Community
from .nearest import Found, navigation_link, nearest
from .ports import Located, NotConfigured, ProviderDown, ProviderLimit
from .regions import city_name, district_code, district_name
from .serving import Basis, Serving, areas_at, serve_at, unit_of_address

__all__ = [
    "USABLE",
    "Basis",
    "Community",
    "Found",
    "Located",
    "MapError",
    "NotConfigured",
    "PlaceKind",
    "ProviderDown",
    "ProviderLimit",
    "Serving",
    "areas_at",
    "city_name",
    "district_code",
    "district_name",
    "known_position",
    "locate",
    "navigation_link",
    "nearest",
    "serve_at",
    "serving_of_address",
    "unit_of_address",
]
