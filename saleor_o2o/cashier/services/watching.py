"""Payments that stay silent are asked for: a lost notification must not lose a payment."""

from __future__ import annotations

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.sweeping import drive_each

from ..backoff import next_query
from ..models import OPEN_STATES, IntentState, PaymentAttempt
from ..ports import Method, TradeState
from .closing import close_attempt, settle_by_query


def query_silent(limit: int = 100) -> int:
    """Query every open attempt whose time has come; returns how many. Locks nothing during a call."""
    due = PaymentAttempt.objects.filter(
        state__in=OPEN_STATES,
        intent__state=IntentState.PENDING,
        next_query_at__lte=now(),
    )
    return drive_each(due.order_by("next_query_at").values_list("pk", flat=True)[:limit], query_now)


def query_now(attempt_pk: int) -> None:
    """Query one attempt and act on the answer; the next query is written down before this one."""
    attempt = PaymentAttempt.objects.select_related("intent").get(pk=attempt_pk)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        query_count=attempt.query_count + 1, next_query_at=next_query(attempt.query_count + 1)
    )
    state = settle_by_query(attempt)
    if attempt.method == Method.WECHAT_CODE and attempt.expires_at <= now() and state is not TradeState.PAID:
        close_attempt(attempt)  # the payer's time is over: taken back, so that it can never be paid
