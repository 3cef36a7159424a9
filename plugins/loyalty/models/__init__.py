"""The ledger and its purses, the rules that fill them, the levels, and what people ask for."""

from .adjustments import Adjustment
from .balance import Balance, Recharge, RechargePackage
from .burns import Burn
from .consents import Consent
from .earning import LineBack, OrderEarning
from .ledger import Draw, Entry, Line, Lot, Purse
from .levels import Level, LevelMove, MemberLevel
from .prices import MemberPrice, MemberPriceEntry, MemberPriceRule
from .rules import DeductRule, EarnRule, SettlementRate
from .terms import LoyaltyTerms

__all__ = [
    "Adjustment",
    "Balance",
    "Burn",
    "Consent",
    "DeductRule",
    "Draw",
    "EarnRule",
    "Entry",
    "Level",
    "LevelMove",
    "Line",
    "LineBack",
    "Lot",
    "LoyaltyTerms",
    "MemberLevel",
    "MemberPrice",
    "MemberPriceEntry",
    "MemberPriceRule",
    "OrderEarning",
    "Purse",
    "Recharge",
    "RechargePackage",
    "SettlementRate",
]
