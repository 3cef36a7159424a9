"""What other plugins may use of commissions. The money is finance's: it moves a snapshot's state."""

from .calculating import Sale, calculate
from .choices import Rank, SettlementState
from .engine import LineFacts, Part, Place, Result, Rule, compute, take_back
from .errors import CommissionError, CommissionErrorCode
from .explaining import LineExplained, OrderExplained, explain_line, explain_order
from .models import CommissionPlan, CommissionSnapshot
from .snapshots import results_of, snapshot_of

__all__ = [
    "CommissionError",
    "CommissionErrorCode",
    "CommissionPlan",
    "CommissionSnapshot",
    "LineExplained",
    "LineFacts",
    "OrderExplained",
    "Part",
    "Place",
    "Rank",
    "Result",
    "Rule",
    "Sale",
    "SettlementState",
    "calculate",
    "compute",
    "explain_line",
    "explain_order",
    "results_of",
    "snapshot_of",
    "take_back",
]
