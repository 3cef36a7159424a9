"""The payer chooses how to pay: one open attempt at a time, its number written before the provider is called."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from saleor.order import OrderStatus

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.states import move_once

from ..backoff import next_query
from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..locking import LockedTrade, lock_trade
from ..models import AttemptState, IntentState, PaymentAttempt, PaymentIntent
from ..ports import Method, PayInstructions, PayRequest, ProviderRefused, ProviderUnknown, TradeState
from ..registry import provider_of
from .closing import close_attempt, settle_by_query

OPEN_STATES = (AttemptState.CREATED, AttemptState.OPEN)


@dataclass(frozen=True)
class Started:
    """An attempt and what the payer's device does with it."""

    attempt: PaymentAttempt
    instructions: PayInstructions


def start_payment(
    intent: PaymentIntent, method: Method, payer_id: str = "", payer_ip: str | None = None
) -> Started:
    """Start (or resume) paying an intent by ``method``.

    The same method and payer again resumes the open attempt under the same number; another one closes it at the
    provider first. Locks: intent and order, only while writing, never during a call. Raises CashierError
    (ALREADY_PAID, PAYMENT_CLOSED, METHOD_NOT_OFFERED, PAYER_REQUIRED, PROVIDER_REFUSED, PROVIDER_UNREACHABLE);
    nothing is charged in any of these cases.
    """
    provider = provider_of(intent.gateway)
    if method not in provider.methods:
        raise CashierError(CashierErrorCode.METHOD_NOT_OFFERED, field="method")
    if method is Method.WECHAT_JSAPI and not payer_id:
        raise CashierError(CashierErrorCode.PAYER_REQUIRED, field="payerId")
    for other in intent.attempts.filter(state__in=OPEN_STATES).order_by("pk"):
        if (other.method, other.payer_id) != (method.value, payer_id) and not close_attempt(other):
            _refuse_unless_payable(PaymentIntent.objects.get(pk=intent.pk))
            raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE)
    attempt = _claim_attempt(intent, method, payer_id, payer_ip)
    request = PayRequest(
        number=attempt.number,
        method=method,
        amount_fen=to_fen(attempt.amount),
        description=f"{_shop_name()} 订单 {intent.order_id}",
        expires_at=attempt.expires_at,
        payer_id=attempt.payer_id,
        payer_ip=attempt.payer_ip or "",
    )
    try:
        instructions = provider.start(request)
    except ProviderRefused as refusal:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=refusal.code[:64])
        # The refusal may mean "already paid": the trade's state decides, not the code.
        paid = settle_by_query(attempt) is TradeState.PAID
        code = CashierErrorCode.ALREADY_PAID if paid else CashierErrorCode.PROVIDER_REFUSED
        raise CashierError(code) from refusal
    except ProviderUnknown as silence:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(last_error=silence.code[:64])
        raise CashierError(CashierErrorCode.PROVIDER_UNREACHABLE) from silence
    if attempt.state == AttemptState.CREATED:
        move_once(attempt, "mark_open")
    return Started(attempt, instructions)


@transaction.atomic
def _claim_attempt(
    intent: PaymentIntent, method: Method, payer_id: str, payer_ip: str | None
) -> PaymentAttempt:
    trade: LockedTrade = lock_trade(intent.pk)
    _refuse_unless_payable(trade.intent)
    if trade.order.status == OrderStatus.CANCELED:
        raise CashierError(CashierErrorCode.PAYMENT_CLOSED)
    attempt = trade.intent.attempts.filter(
        state__in=OPEN_STATES, method=method.value, payer_id=payer_id
    ).first()
    if attempt is not None:
        return attempt
    return PaymentAttempt.objects.create(
        intent=trade.intent,
        number=external_number("WX" if method.value.startswith("WECHAT") else "PY"),
        method=method.value,
        payer_id=payer_id,
        payer_ip=payer_ip,
        amount=trade.intent.amount,
        expires_at=trade.intent.expires_at,
        next_query_at=next_query(0),
    )


def _refuse_unless_payable(intent: PaymentIntent) -> None:
    if intent.state == IntentState.PAID:
        raise CashierError(CashierErrorCode.ALREADY_PAID)
    if intent.state != IntentState.PENDING or intent.expires_at <= now():
        raise CashierError(CashierErrorCode.PAYMENT_CLOSED)


def _shop_name() -> str:
    from django.contrib.sites.models import Site

    return Site.objects.get_current().name
