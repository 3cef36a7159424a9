"""Models of the map."""

from .area import ServiceArea
from .community import Community
from .geocoding import GeocodeAnswer, GeocodeBatch, GeocodeRow
from .pin import PinCorrection
from .place import Place

__all__ = [
    "Community",
    "GeocodeAnswer",
    "GeocodeBatch",
    "GeocodeRow",
    "PinCorrection",
    "Place",
    "ServiceArea",
]
