"""Payments that stay silent are asked for: a lost notification must not lose a payment."""

from __future__ import annotations

from saleor_o2o.kernel.clock import now

from ..backoff import next_query
from ..models import AttemptState, IntentState, PaymentAttempt
from .closing import settle_by_query


def query_silent(limit: int = 100) -> int:
    """Query every open attempt whose time has come; returns how many. Locks nothing during a call."""
    due = PaymentAttempt.objects.select_related("intent").filter(
        state__in=(AttemptState.CREATED, AttemptState.OPEN),
        intent__state=IntentState.PENDING,
        next_query_at__lte=now(),
    )
    attempts = list(due.order_by("next_query_at")[:limit])
    for attempt in attempts:
        query_now(attempt)
    return len(attempts)


def query_now(attempt: PaymentAttempt) -> None:
    """Query one open attempt and act on the answer."""
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        query_count=attempt.query_count + 1, next_query_at=next_query(attempt.query_count + 1)
    )
    settle_by_query(attempt)
