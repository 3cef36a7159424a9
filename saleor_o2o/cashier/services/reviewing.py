"""Money that waits for people: released, it counts; refused, it goes back whole and the order is cancelled."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..locking import LockedTrade, lock_trade
from ..models import RISK_REFUSED, AttemptState, IntentState, PaymentIntent, RefundReason
from .closing import drive_closing
from .order_refunds import winning_attempt
from .refunding import write_refunds
from .settling import settle

RISK = "payment.risk"
RELEASED = audit.action("cashier.review_released", _("风控放行"))
REFUSED = audit.action("cashier.review_refused", _("风控拒绝并退款"))


def release_review(user: Any, intent_pk: int, note: str = "") -> PaymentIntent:
    """Let the money of an intent in review count: captured as any other. Again: no change.

    Locks: intent, parts, order, Saleor payment, tenders' rows. Raises OutOfScope, NotAllowed, CashierError
    PAYMENT_CLOSED when the order was cancelled meanwhile (its money goes back then).
    """
    found = get_row(user, PaymentIntent, pk=intent_pk)
    require(user, RISK, found)
    with transaction.atomic():
        trade = lock_trade(intent_pk)
        if trade.intent.state == IntentState.PAID:
            return trade.intent
        if trade.intent.state != IntentState.REVIEW or trade.order.status == OrderStatus.CANCELED:
            raise CashierError(Code.PAYMENT_CLOSED, message=_("订单已取消，款项正在退回"))
        settle(trade, now(), note.strip()[:200])
        audit.record(RELEASED, trade.intent, after={"note": note.strip()[:200]})
    return PaymentIntent.objects.get(pk=intent_pk)


def refuse_review(user: Any, intent_pk: int, reason: str) -> PaymentIntent:
    """Do not let it count: everything goes back, the order is cancelled, its stock is free. Again: no change.

    Raises OutOfScope, NotAllowed, CashierError REASON_REQUIRED, ALREADY_PAID (released by somebody else).
    """
    found = get_row(user, PaymentIntent, pk=intent_pk)
    require(user, RISK, found)
    if not reason.strip():
        raise CashierError(Code.REASON_REQUIRED, field="reason", message=_("请填写拒绝原因"))
    if not give_back_reviewed(intent_pk, reason.strip()[:200]):
        intent = PaymentIntent.objects.get(pk=intent_pk)
        if intent.state == IntentState.PAID:
            raise CashierError(Code.ALREADY_PAID, message=_("已由他人放行，如需退回请使用退款"))
        return intent
    return drive_closing(intent_pk)


@transaction.atomic
def give_back_reviewed(intent_pk: int, reason: str) -> bool:
    """Begin to close an intent in review, its trade's money on its way back; the closing sweep does the rest.

    Locks: intent, parts, attempt, order, Saleor payment. False when it was not in review any more.
    """
    attempt = winning_attempt(PaymentIntent.objects.get(pk=intent_pk))
    trade: LockedTrade = lock_trade(intent_pk, attempt.pk if attempt is not None else None)
    if trade.intent.state != IntentState.REVIEW:
        return False
    if trade.attempt is not None and trade.attempt.state == AttemptState.PAID:
        write_refunds(trade.attempt, trade.attempt.amount, RefundReason.RISK_REFUSED)
    move(trade.intent, "start_closing", close_reason=RISK_REFUSED, reason=reason)
    audit.record(REFUSED, trade.intent, after={"reason": reason})
    return True
