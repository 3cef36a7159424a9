"""Pages of the ticketing kernel: fee rules, refunds, changes, statements."""

from .changes import ChangeAdmin
from .refunds import BatchAdmin, MoneyBackAdmin, RefundAdmin
from .rules import FeeRuleAdmin
from .statements import StatementAdmin

__all__ = ["BatchAdmin", "ChangeAdmin", "FeeRuleAdmin", "MoneyBackAdmin", "RefundAdmin", "StatementAdmin"]
