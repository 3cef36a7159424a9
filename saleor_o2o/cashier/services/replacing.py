"""An order is paid another way than its intent says: the open trades are closed at the provider, the order stays."""

from __future__ import annotations

from saleor.payment import TransactionKind
from saleor.payment.models import Transaction

from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..locking import lock_trade
from ..models import OPEN_STATES, REPLACED, IntentState, PaymentIntent
from .closing import begin_closing, close_attempt, drive_closing, settle_by_query
from .settling import release_parts


def close_open_attempts(intent_pk: int) -> None:
    """Close every open trade of a pending intent at the provider; the intent stays payable.

    Calls the provider: no transaction may be open. Raises CashierError ALREADY_PAID when the payer was quicker, and
    PROVIDER_UNREACHABLE when a trade may still take money: nothing else may be booked for the order then.
    """
    intent = PaymentIntent.objects.get(pk=intent_pk)
    closed = [close_attempt(one) for one in intent.attempts.filter(state__in=OPEN_STATES).order_by("pk")]
    if PaymentIntent.objects.filter(pk=intent_pk, state__in=(IntentState.PAID, IntentState.REVIEW)).exists():
        raise CashierError(CashierErrorCode.ALREADY_PAID)
    if not all(closed):
        raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE)


def replace_intent(intent_pk: int) -> None:
    """Close a pending intent without cancelling its order, in the transaction that books the other payment.

    Parts that are held go back to the payer. Locks: intent, parts, order, Saleor payment, tenders' rows. Money that
    comes later is refunded by itself, as for any closed intent. Raises CashierError: ALREADY_PAID, PAYMENT_CLOSED
    (its deadline was quicker), PROVIDER_UNREACHABLE while a trade is open (call `close_open_attempts` first).
    """
    trade = lock_trade(intent_pk)
    intent, payment = trade.intent, trade.payment
    if intent.state in (IntentState.PAID, IntentState.REVIEW):
        raise CashierError(CashierErrorCode.ALREADY_PAID)
    if intent.state != IntentState.PENDING:
        raise CashierError(CashierErrorCode.PAYMENT_CLOSED)
    if intent.attempts.filter(state__in=OPEN_STATES).exists():
        raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE)
    move(intent, "start_closing", close_reason=REPLACED, reason=REPLACED)
    move(intent, "close", reason=REPLACED)
    release_parts(trade)
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


def cancel_intent(intent_pk: int, reason: str) -> IntentState:
    """Close an intent with its order, as its deadline would, and say how far that came.

    Calls the provider: no transaction may be open. PAID: the payer was quicker; CLOSING: the provider did not answer,
    the sweep goes on; CLOSED: no money can come, the order is cancelled.
    """
    begin_closing(intent_pk, reason)
    return IntentState(drive_closing(intent_pk).state)


def ask_now(intent_pk: int) -> IntentState:
    """Ask the provider for the intent's open trades now, act on the answers, and say where the intent stands."""
    for attempt in PaymentIntent.objects.get(pk=intent_pk).attempts.filter(state__in=OPEN_STATES):
        settle_by_query(attempt)
    return IntentState(PaymentIntent.objects.get(pk=intent_pk).state)
