"""Models of the organisation."""

from .attribution import OrderAttribution
from .customer import CustomerHome
from .exchange import ImportState, StaffImport, UnitImport
from .role import DataScope, GrantSource, GrantState, Role, RoleGrant
from .staff import Department, HandedOver, Post, Staff, StaffPost, StaffStatus
from .unit import OrgUnit, PlannedMove, SettlementAccount, UnitVersion

__all__ = [
    "CustomerHome",
    "DataScope",
    "Department",
    "GrantSource",
    "GrantState",
    "HandedOver",
    "ImportState",
    "OrderAttribution",
    "OrgUnit",
    "PlannedMove",
    "Post",
    "Role",
    "RoleGrant",
    "SettlementAccount",
    "Staff",
    "StaffImport",
    "StaffPost",
    "StaffStatus",
    "UnitImport",
    "UnitVersion",
]
