"""Pages of the ticketing kernel: orders, the issue desk, suppliers, fee rules, refunds, changes, statements."""

from . import changes, desk, insurances, orders, refunds, rules, statements, suppliers

__all__ = ["changes", "desk", "insurances", "orders", "refunds", "rules", "statements", "suppliers"]
