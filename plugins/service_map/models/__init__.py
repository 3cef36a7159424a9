"""Models of the map."""

from .area import ServiceArea
from .calendar import CalendarDay
from .community import Community
from .exchange import MapImport
from .geocoding import GeocodeAnswer, GeocodeBatch, GeocodeRow
from .pin import PinCorrection
from .place import Place

__all__ = [
    "CalendarDay",
    "Community",
    "GeocodeAnswer",
    "GeocodeBatch",
    "GeocodeRow",
    "MapImport",
    "PinCorrection",
    "Place",
    "ServiceArea",
]
