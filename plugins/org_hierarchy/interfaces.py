"""What other plugins may use of the organisation."""

from .access.grants import EVERYWHERE, Access, Reach, Seat, access_of, staff_of
from .access.policy import within
from .access.registry import declare, permissions, rule_of, scoped
from .attribution import Claim, register_source
from .datum import check_position, city_bounds, convert
from .errors import OrgError, OrgErrorCode
from .geometry import area_km2, as_geojson, check_polygon, contains, distance_m, shape_of
from .levels import BusinessScope, Datum, Level, UnitStatus
from .models import OrderAttribution, OrgUnit, Role, Staff, StaffStatus

__all__ = [
    "EVERYWHERE",
    "Access",
    "BusinessScope",
    "Claim",
    "Datum",
    "Level",
    "OrderAttribution",
    "OrgError",
    "OrgErrorCode",
    "OrgUnit",
    "Reach",
    "Role",
    "Seat",
    "Staff",
    "StaffStatus",
    "UnitStatus",
    "access_of",
    "area_km2",
    "as_geojson",
    "check_polygon",
    "check_position",
    "city_bounds",
    "contains",
    "convert",
    "declare",
    "distance_m",
    "permissions",
    "register_source",
    "rule_of",
    "scoped",
    "shape_of",
    "staff_of",
    "within",
]
