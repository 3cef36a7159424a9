"""Models of the map."""

from .area import ServiceArea
from .calendar import CalendarDay
from .community import Community
from .geocoding import GeocodeAnswer, GeocodeBatch, GeocodeRow
from .pin import PinCorrection
from .place import Place

__all__ = [
    "CalendarDay",
    "Community",
    "GeocodeAnswer",
    "GeocodeBatch",
    "GeocodeRow",
    "PinCorrection",
    "Place",
    "ServiceArea",
]
