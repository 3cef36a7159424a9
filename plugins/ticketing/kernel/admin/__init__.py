"""Pages of the ticketing kernel: orders, issue desk, suppliers, rules, refunds, changes, insurances, statements."""

from . import changes, desk, insurances, notices, orders, refunds, rules, statements, suppliers

__all__ = [
    "changes",
    "desk",
    "insurances",
    "notices",
    "orders",
    "refunds",
    "rules",
    "statements",
    "suppliers",
]
