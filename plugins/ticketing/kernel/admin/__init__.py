"""Pages of the ticketing kernel: fee rules, refunds, changes, statements, insurances."""

from .changes import ChangeAdmin
from .insurances import InsuranceAdmin, InsuranceProductAdmin
from .refunds import BatchAdmin, MoneyBackAdmin, RefundAdmin
from .rules import FeeRuleAdmin
from .statements import StatementAdmin

__all__ = [
    "BatchAdmin",
    "ChangeAdmin",
    "FeeRuleAdmin",
    "InsuranceAdmin",
    "InsuranceProductAdmin",
    "MoneyBackAdmin",
    "RefundAdmin",
    "StatementAdmin",
]
