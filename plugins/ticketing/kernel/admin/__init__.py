"""Pages of the ticketing kernel: orders, issue desk, suppliers, what they pay, rules, refunds, changes, statements."""

from . import (
    agency,
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
    "agency",
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
