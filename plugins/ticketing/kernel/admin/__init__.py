"""Pages of the ticketing kernel: fee rules, refunds."""

from .refunds import BatchAdmin, MoneyBackAdmin, RefundAdmin
from .rules import FeeRuleAdmin

__all__ = ["BatchAdmin", "FeeRuleAdmin", "MoneyBackAdmin", "RefundAdmin"]
