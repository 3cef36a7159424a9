"""What other plugins may use of the organisation."""

from .access.grants import EVERYWHERE, Access, Reach, Seat, access_of, staff_of
from .access.policy import within
from .access.registry import declare, permissions, rule_of, scoped
from .attribution import Claim, register_source
from .errors import OrgError, OrgErrorCode
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
    "declare",
    "permissions",
    "register_source",
    "rule_of",
    "scoped",
    "staff_of",
    "within",
]
