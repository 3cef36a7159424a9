"""Money has arrived: book it once, whoever says so first and however often it is said."""

from __future__ import annotations

import logging
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..events import LateMoneyReceived
from ..locking import LockedTrade, lock_trade
from ..models import RISK_REFUSED, AttemptState, IntentState, PaymentAttempt, RefundReason
from ..ports import TradeFact, TradeState
from .refunding import write_refunds
from .settling import is_payable, settle

logger = logging.getLogger(__name__)

AMOUNT_MISMATCH = audit.action("cashier.amount_mismatch", _("到账金额与应付不符"))


class Confirmation(StrEnum):
    """What a statement "paid" led to."""

    PAID = "PAID"
    REVIEW = "REVIEW"
    ALREADY = "ALREADY"
    REFUNDED = "REFUNDED"
    MISMATCH = "MISMATCH"


def confirm_paid(fact: TradeFact) -> Confirmation:
    """Act on a provider's statement that the trade ``fact.number`` is paid.

    Locks intent, parts, attempt, order and Saleor payment, looks, and does one of four things: captures the order's
    payment with all its parts (once; or keeps it for people to look, REVIEW), nothing (known already), refunds by
    itself (order closed, paid by another attempt, or paid in another composition by now), or marks the intent for
    people (amount or currency differ from the attempt's; nothing is captured). Raises CashierError NOT_FOUND for a
    number that is not ours, LockTimeout when others hold the rows.
    """
    if fact.state is not TradeState.PAID:
        raise ValueError("confirm_paid needs a statement of payment")
    known = PaymentAttempt.objects.filter(number=fact.number).values_list("pk", "intent_id").first()
    if known is None:
        raise CashierError(CashierErrorCode.NOT_FOUND)
    attempt_pk, intent_pk = known
    with transaction.atomic():
        trade = lock_trade(intent_pk, attempt_pk)
        return _decide(trade, fact)


def _decide(trade: LockedTrade, fact: TradeFact) -> Confirmation:
    attempt, intent = trade.attempt, trade.intent
    assert attempt is not None  # noqa: S101 - lock_trade was given its key
    if attempt.state == AttemptState.PAID:
        return Confirmation.ALREADY
    if not _matches(attempt, fact) or fact.currency != intent.currency:
        if intent.attention != "AMOUNT_MISMATCH":
            intent.attention = "AMOUNT_MISMATCH"
            intent.save(update_fields=["attention"])
            audit.record(
                AMOUNT_MISMATCH,
                intent,
                before={"fen": to_fen(attempt.amount), "currency": intent.currency},
                after={"fen": fact.amount_fen, "currency": fact.currency},
            )
            logger.error("payment %s: the provider reports another amount than asked", intent.number)
        return Confirmation.MISMATCH
    paid_at = fact.paid_at or now()
    for part in fact.subs:
        attempt.sub_trades.filter(number=part.number).update(provider_ref=part.provider_ref)
    move(attempt, "mark_paid", paid_at=paid_at, provider_ref=fact.provider_ref)
    payable = is_payable(trade) and intent.close_reason != RISK_REFUSED
    fits = attempt.amount == intent.remote_due and all(part.is_ready for part in trade.parts)
    if payable and fits:
        return Confirmation(settle(trade, paid_at).name)
    if intent.state in (IntentState.PAID, IntentState.REVIEW):
        reason = RefundReason.DUPLICATE_PAYMENT
    else:
        reason = RefundReason.RECOMPOSED if payable else RefundReason.LATE_PAYMENT
    for refund in write_refunds(attempt, attempt.amount, reason):
        publish(
            LateMoneyReceived(
                intent_id=intent.pk, order_id=trade.order.pk, refund_id=refund.pk, amount=refund.amount
            ),
            key=f"order:{trade.order.pk}",
        )
    return Confirmation.REFUNDED


def _matches(attempt: PaymentAttempt, fact: TradeFact) -> bool:
    """True when the statement is about what was asked: the amount, the account, and every part of a combined trade."""
    if fact.amount_fen != to_fen(attempt.amount) or fact.account not in ("", attempt.account):
        return False
    asked = (
        {part.number: to_fen(part.amount) for part in attempt.sub_trades.all()} if attempt.is_combined else {}
    )
    return asked == {part.number: part.amount_fen for part in fact.subs}
