"""The fee rules' arithmetic: pure, without rows and without the clock."""

from .price import Fee, open_until, price_of, total_of
from .rules import VERSION, Changed, Charge, Facts, Part, Rule, Tier, Window

__all__ = [
    "VERSION",
    "Changed",
    "Charge",
    "Facts",
    "Fee",
    "Part",
    "Rule",
    "Tier",
    "Window",
    "open_until",
    "price_of",
    "total_of",
]
