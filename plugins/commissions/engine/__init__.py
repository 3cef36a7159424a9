"""The arithmetic of commissions: pure functions over facts and rules, no database."""

from .compute import compute
from .facts import LineFacts, Part, Place, Result, Rule, RuleTier
from .refunds import take_back

__all__ = ["LineFacts", "Part", "Place", "Result", "Rule", "RuleTier", "compute", "take_back"]
