"""Pages of the ticketing kernel: orders, issue desk, suppliers, rules, refunds, changes, insurances, statements."""

from . import (
    batches,
    changes,
    desk,
    insurances,
    notices,
    orders,
    refunds,
    replies,
    rules,
    statements,
    suppliers,
)

__all__ = [
    "batches",
    "changes",
    "desk",
    "insurances",
    "notices",
    "orders",
    "refunds",
    "replies",
    "rules",
    "statements",
    "suppliers",
]
