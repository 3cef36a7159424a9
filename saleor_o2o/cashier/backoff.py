"""When to ask again: soon at first, then less and less often."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from saleor_o2o.kernel.clock import now

#: Multiples of ``O2O_CASHIER["QUERY_AFTER_SECONDS"]`` between two queries of a silent payment or refund.
_STEPS = (1, 1, 1, 2, 2, 5, 10, 30, 60)


def next_query(count: int) -> datetime:
    """The moment of query number ``count`` (0 is the first)."""
    step = _STEPS[min(count, len(_STEPS) - 1)]
    return now() + timedelta(seconds=step * settings.O2O_CASHIER["QUERY_AFTER_SECONDS"])
