"""What other plugins may use of the organisation."""

from .access.asking import may, rows
from .access.core_rules import tie_customers
from .access.desks import desk_of, may_at, may_for_city
from .access.grants import EVERYWHERE, Access, Reach, Seat, access_of, staff_of
from .access.policy import within
from .access.registry import declare, permissions, rule_of, scoped
from .area_checks import register_area_check
from .attribution import Claim, register_source
from .blockers import BlockedError, Blocker, Takes, blockers_of, register_blocker
from .customers_barred import Deed, bar, is_barred
from .customers_leaving import (
    ClosingBlocker,
    closing_blockers,
    customer_erasures,
    register_closing_blocker,
    register_customer_erasure,
)
from .customers_moving import customer_moves, move_label, register_customer_move
from .datum import check_position, city_bounds, convert
from .duty import people_with
from .errors import OrgError, OrgErrorCode
from .geometry import area_km2, as_geojson, check_polygon, contains, distance_m, shape_of
from .levels import BusinessScope, Datum, Level, UnitStatus
from .limits import limit_at, require_limit, who_may
from .locks import lock_units
from .login_facts import register_login_facts
from .masking import may_unmask, phone_for, register_secret
from .models import OrderAttribution, OrgUnit, Role, Staff, StaffStatus
from .paths import keys_of
from .selectors import order_figures, path_at, paths_of, unit_at
from .services.editing import edit_unit
from .services.holdings import Holding, register_holding
from .services.hours import KINDS as DAY_KINDS
from .services.hours import Calendar, check_hours, open_at, show_hours, spans_of
from .services.staffing import disable as disable_staff

__all__ = [
    "DAY_KINDS",
    "EVERYWHERE",
    "Access",
    "BlockedError",
    "Blocker",
    "BusinessScope",
    "Calendar",
    "Claim",
    "ClosingBlocker",
    "Datum",
    "Deed",
    "Holding",
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
    "Takes",
    "UnitStatus",
    "access_of",
    "area_km2",
    "as_geojson",
    "bar",
    "blockers_of",
    "check_hours",
    "check_polygon",
    "check_position",
    "city_bounds",
    "closing_blockers",
    "contains",
    "convert",
    "customer_erasures",
    "customer_moves",
    "declare",
    "desk_of",
    "disable_staff",
    "distance_m",
    "edit_unit",
    "is_barred",
    "keys_of",
    "limit_at",
    "lock_units",
    "may",
    "may_at",
    "may_for_city",
    "may_unmask",
    "move_label",
    "open_at",
    "order_figures",
    "path_at",
    "paths_of",
    "people_with",
    "permissions",
    "phone_for",
    "register_area_check",
    "register_blocker",
    "register_closing_blocker",
    "register_customer_erasure",
    "register_customer_move",
    "register_holding",
    "register_login_facts",
    "register_secret",
    "register_source",
    "require_limit",
    "rows",
    "rule_of",
    "scoped",
    "shape_of",
    "show_hours",
    "spans_of",
    "staff_of",
    "tie_customers",
    "unit_at",
    "who_may",
    "within",
]
