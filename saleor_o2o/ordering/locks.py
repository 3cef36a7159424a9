"""Ordering's locks: an order's sub-orders, together, last of all.

The whole order of locks is the cashier's with these at its end: intent → attempt → order → Saleor payment → refund →
sub-orders. Whoever holds them and reads the facts afterwards sees what every earlier holder committed.
"""

from __future__ import annotations

from saleor_o2o.kernel.locks import lock_rows

from .models import SubOrder


def lock_sub_orders(order_id: int) -> list[SubOrder]:
    """Lock all sub-orders of an order, in primary-key order. Needs a transaction. Raises LockTimeout."""
    return lock_rows(SubOrder.objects.filter(order_id=order_id))
