"""Closing an unpaid order: at the provider first, then here. Stock is free only when no money can come any more."""

from __future__ import annotations

import logging
from contextlib import suppress

from django.db import transaction
from django.db.models import F
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.actions import cancel_order
from saleor.payment import TransactionKind
from saleor.payment.models import Transaction

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import IllegalMove, move, move_once
from saleor_o2o.kernel.sweeping import drive_each

from ..backoff import next_query
from ..events import PaymentClosed
from ..locking import lock_intent, lock_trade
from ..models import OPEN_STATES, AttemptState, IntentState, PaymentAttempt, PaymentIntent
from ..ports import ProviderRefused, ProviderUnknown, TradeState
from ..registry import provider_of, release_all
from .settling import release_parts

logger = logging.getLogger(__name__)


@transaction.atomic
def begin_closing(intent_pk: int, reason: str) -> bool:
    """Take no more payments for a pending intent. Locks: the intent. False when it was not pending any more."""
    intent = lock_intent(intent_pk)
    if intent.state != IntentState.PENDING:
        return False
    move(intent, "start_closing", close_reason=reason, reason=reason)
    return True


def drive_closing(intent_pk: int) -> PaymentIntent:
    """Bring a closing intent as far as it goes now: closed, paid, or to be tried again later.

    Calls the provider without holding a lock. Running it twice, or in two workers, changes nothing. The next try is
    written down before this one, so that an intent that cannot be closed never keeps the others waiting.
    """
    intent = PaymentIntent.objects.get(pk=intent_pk)
    if intent.state != IntentState.CLOSING:
        return intent
    PaymentIntent.objects.filter(pk=intent_pk, state=IntentState.CLOSING).update(
        check_count=F("check_count") + 1, next_check_at=next_query(intent.check_count)
    )
    closed = [
        close_attempt(attempt) for attempt in intent.attempts.filter(state__in=OPEN_STATES).order_by("pk")
    ]
    if all(closed):
        _finish(intent_pk)
    return PaymentIntent.objects.get(pk=intent_pk)


def close_attempt(attempt: PaymentAttempt) -> bool:
    """Close one attempt at the provider. True when it can take no more money; paid money is confirmed on the way.

    No code of a refused closing is trusted: the trade is asked for and its state decides.
    """
    provider = provider_of(attempt.intent.gateway)
    try:
        provider.close(attempt.ref)
    except (ProviderRefused, ProviderUnknown) as failure:
        logger.warning("closing %s: %s", attempt.number, failure.code)
    else:
        if _mark_closed_unless_opened(attempt):
            return True
        return close_attempt(PaymentAttempt.objects.select_related("intent").get(pk=attempt.pk))
    return settle_by_query(attempt) in (TradeState.PAID, TradeState.CLOSED)


def settle_by_query(attempt: PaymentAttempt) -> TradeState:
    """Ask the provider for a trade and act on the answer; UNPAID also stands for "no usable answer"."""
    from .confirming import confirm_paid

    try:
        fact = provider_of(attempt.intent.gateway).query(attempt.ref)
    except (ProviderRefused, ProviderUnknown) as failure:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=failure.code[:64])
        return TradeState.UNPAID
    if fact.state is TradeState.PAID:
        confirm_paid(fact)
        return TradeState.PAID
    if fact.state is TradeState.CLOSED:
        _mark_closed(attempt)
    return fact.state


@transaction.atomic
def _mark_closed_unless_opened(attempt: PaymentAttempt) -> bool:
    """Note that an attempt was closed; False when it was opened while we asked.

    Providers also close a number that they do not know. Of an attempt that was not open when we asked, the closing may
    have come first and the trade after it: it is open there, and has to be closed once more. Locks: the attempt.
    """
    [row] = lock_rows(PaymentAttempt.objects.filter(pk=attempt.pk))
    if attempt.state == AttemptState.CREATED and row.state == AttemptState.OPEN:
        return False
    _mark_closed(attempt)
    return True


def _mark_closed(attempt: PaymentAttempt) -> None:
    with suppress(IllegalMove):  # paid in the meantime: what matters is that it is not open
        move_once(attempt, "mark_closed")


@transaction.atomic
def _finish(intent_pk: int) -> None:
    trade = lock_trade(intent_pk)
    intent, order, payment = trade.intent, trade.order, trade.payment
    if intent.state != IntentState.CLOSING or intent.attempts.filter(state__in=OPEN_STATES).exists():
        return
    move(intent, "close", reason=intent.close_reason)
    release_parts(trade)
    if payment.is_active:
        Transaction.objects.create(
            payment=payment,
            kind=TransactionKind.VOID,
            token=intent.number,
            is_success=True,
            amount=payment.total,
            currency=payment.currency,
            gateway_response={},
        )
        payment.is_active = False
        payment.save(update_fields=["is_active", "modified"])
    shipped = order.fulfillments.filter(status=FulfillmentStatus.FULFILLED).exists()
    if order.status not in (OrderStatus.CANCELED, OrderStatus.DRAFT) and not shipped:
        cancel_order(order, None)
    release_all(order)
    publish(
        PaymentClosed(intent_id=intent.pk, order_id=order.pk, reason=intent.close_reason),
        key=f"order:{order.pk}",
    )


def expire_due(limit: int = 100) -> int:
    """Start closing pending intents whose deadline is over, and drive all closings that are due; returns how many."""
    due = PaymentIntent.objects.filter(state=IntentState.PENDING, expires_at__lte=now())
    drive_each(due.order_by("expires_at").values_list("pk", flat=True)[:limit], _expire)
    closing = PaymentIntent.objects.filter(state=IntentState.CLOSING, next_check_at__lte=now())
    return drive_each(closing.order_by("next_check_at").values_list("pk", flat=True)[:limit], drive_closing)


def _expire(intent_pk: int) -> None:
    begin_closing(intent_pk, "EXPIRED")
