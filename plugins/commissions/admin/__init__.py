"""Pages of commissions: plans and rules, changes under dual control, categories, the calculator, orders explained."""

from .categories import BusinessCategoryAdmin
from .changes import RateChangeAdmin
from .plans import CommissionPlanAdmin
from .rules import CommissionRuleAdmin
from .snapshots import CommissionSnapshotAdmin

__all__ = [
    "BusinessCategoryAdmin",
    "CommissionPlanAdmin",
    "CommissionRuleAdmin",
    "CommissionSnapshotAdmin",
    "RateChangeAdmin",
]
