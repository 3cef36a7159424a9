"""The order has another price: its intent follows, before anything is paid."""

from __future__ import annotations

from decimal import Decimal

from saleor.payment import TransactionKind

from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..locking import lock_trade
from ..models import OPEN_STATES, IntentState
from .settling import release_parts


def reprice_intent(intent_pk: int, amount: Decimal) -> None:
    """Ask for another amount (yuan) for an order, in the transaction that writes its new price.

    Parts that are held go back to the payer, who chooses anew. Locks: intent, parts, order, Saleor payment, tenders'
    rows. Money that was on its way for the old amount is refunded when it comes. Raises
    CashierError: INVALID_AMOUNT, ALREADY_PAID, PAYMENT_CLOSED (being closed, or closed), PROVIDER_UNREACHABLE while a
    trade for the old amount is open (call `close_open_attempts` first).
    """
    if amount <= 0:
        raise CashierError(CashierErrorCode.INVALID_AMOUNT, field="amount")
    trade = lock_trade(intent_pk)
    intent, payment = trade.intent, trade.payment
    if intent.state in (IntentState.PAID, IntentState.REVIEW):
        raise CashierError(CashierErrorCode.ALREADY_PAID)
    if intent.state != IntentState.PENDING:
        raise CashierError(CashierErrorCode.PAYMENT_CLOSED)
    if intent.attempts.filter(state__in=OPEN_STATES).exists():
        raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE)
    release_parts(trade)
    intent.amount = amount
    intent.save(update_fields=["amount"])
    payment.total = amount
    payment.save(update_fields=["total", "modified"])
    # No money moved: stock shows this as what the payer has been asked for.
    payment.transactions.filter(kind=TransactionKind.AUTH, is_success=True).update(amount=amount)
