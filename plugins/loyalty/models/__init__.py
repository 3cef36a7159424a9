"""The ledger and its purses, the rules that fill them, the levels, and what people ask for."""

from .adjustments import Adjustment
from .burns import Burn
from .earning import LineBack, OrderEarning
from .ledger import Draw, Entry, Line, Lot, Purse
from .levels import Level, LevelMove, MemberLevel
from .rules import EarnRule, SettlementRate

__all__ = [
    "Adjustment",
    "Burn",
    "Draw",
    "EarnRule",
    "Entry",
    "Level",
    "LevelMove",
    "Line",
    "LineBack",
    "Lot",
    "MemberLevel",
    "OrderEarning",
    "Purse",
    "SettlementRate",
]
