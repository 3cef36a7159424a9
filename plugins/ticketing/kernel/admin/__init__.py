"""Pages of the ticketing kernel: fee rules."""

from .rules import FeeRuleAdmin

__all__ = ["FeeRuleAdmin"]
