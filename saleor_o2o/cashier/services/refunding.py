"""Refunds: written and booked first, sent by a task, asked for until known. The same number always; never a new one."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from saleor.order.events import payment_failed_event
from saleor.payment import ChargeStatus, TransactionKind
from saleor.payment.models import Payment, Transaction

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import refund_shares, to_fen
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.request import current
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..backoff import next_query
from ..error_codes import CashierErrorCode
from ..errors import CashierError
from ..events import RefundFailed, RefundRequested, RefundSucceeded
from ..locking import lock_intent, lock_trade
from ..models import (
    AttemptState,
    OrderRefund,
    OrderRefundState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundReason,
    RefundState,
    SubTrade,
)
from ..ports import ProviderRefused, ProviderUnknown, RefundFact, RefundRequest
from ..ports import RefundState as FactState
from ..registry import provider_of

logger = logging.getLogger(__name__)

REFUND_FAILED = audit.action("cashier.refund_failed", _("退款失败，已恢复可退金额"))
REFUND_ABNORMAL = audit.action("cashier.refund_abnormal", _("退款异常，需改用其他方式退回"))

#: Refusals after which the same refund can still succeed: not enough money in the account, too often, busy.
_PASSING_REFUSALS = frozenset(
    {"NOT_ENOUGH", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "SYSTEM_ERROR", "USER_ACCOUNT_ABNORMAL"}
)
#: Refunds in these count against what their trade can still give.
LIVE = (RefundState.REQUESTED, RefundState.PROCESSING, RefundState.SUCCEEDED, RefundState.ABNORMAL)


def check_refundable(attempt: PaymentAttempt, amount: Decimal, sub_trade: SubTrade | None = None) -> None:
    """Refuse what this trade cannot give back. `amount` in yuan; exact for whoever holds the attempt's lock.

    Raises CashierError: INVALID_AMOUNT, ORDER_NOT_PAID, REFUND_TOO_LARGE (all live refunds of the attempt together
    never exceed what was paid), REFUND_TOO_MANY, REFUND_TOO_LATE (the provider's own limits).
    """
    provider = provider_of(attempt.intent.gateway)
    if to_fen(amount) <= 0:
        raise CashierError(CashierErrorCode.INVALID_AMOUNT, field="amount")
    if attempt.state != AttemptState.PAID or attempt.paid_at is None:
        raise CashierError(CashierErrorCode.ORDER_NOT_PAID)
    live = attempt.refunds.filter(state__in=LIVE)
    if sub_trade is not None:
        live = live.filter(sub_trade=sub_trade)
    already = live.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    if already + amount > (attempt if sub_trade is None else sub_trade).amount:
        raise CashierError(CashierErrorCode.REFUND_TOO_LARGE, field="amount")
    one_trade = sub_trade is not None or not attempt.is_combined
    if one_trade and live.count() >= provider.refund_count:
        raise CashierError(CashierErrorCode.REFUND_TOO_MANY)
    if now() > attempt.paid_at + timedelta(days=provider.refund_days):
        raise CashierError(CashierErrorCode.REFUND_TOO_LATE)


def write_refunds(
    attempt: PaymentAttempt,
    amount: Decimal,
    reason: RefundReason,
    whole: OrderRefund | None = None,
    seller: str | None = None,
) -> list[Refund]:
    """Write the refund of a paid, *locked* attempt over its trades, in exact shares of what is left of each.

    A single trade gives one refund; a combined one gives one per part that has a share (``seller``: of this seller's
    parts only). The first one's number is the batch of all. Errors as :func:`check_refundable`; all or nothing.
    """
    if not attempt.is_combined:
        return [write_refund(attempt, amount, reason, whole)]
    parts = list(attempt.sub_trades.order_by("pk"))
    if seller is not None:
        parts = [part for part in parts if part.seller == seller]
    gone = dict(
        attempt.refunds.filter(state__in=LIVE)
        .values("sub_trade")
        .annotate(total=Sum("amount"))
        .values_list("sub_trade", "total")
    )
    back = [gone.get(part.pk, Decimal(0)) for part in parts]
    if to_fen(amount) <= 0:
        raise CashierError(CashierErrorCode.INVALID_AMOUNT, field="amount")
    if not parts or amount > sum((part.amount for part in parts), Decimal(0)) - sum(back, Decimal(0)):
        raise CashierError(CashierErrorCode.REFUND_TOO_LARGE, field="amount")
    shares = refund_shares(amount, [part.amount for part in parts], back)
    made: list[Refund] = []
    for part, share in zip(parts, shares, strict=True):
        if share:
            made.append(write_refund(attempt, share, reason, whole, part, made[0].number if made else ""))
    return made


def write_refund(
    attempt: PaymentAttempt,
    amount: Decimal,
    reason: RefundReason,
    whole: OrderRefund | None = None,
    sub_trade: SubTrade | None = None,
    batch: str = "",
) -> Refund:
    """Write one refund of a paid, *locked* attempt, or of one part of it; it is sent after the commit. Yuan.

    `whole` is the order's refund that this is the provider's share of. Raises CashierError as `check_refundable`.
    """
    check_refundable(attempt, amount, sub_trade)
    provider = provider_of(attempt.intent.gateway)
    number = external_number("RF")
    refund = Refund.objects.create(
        attempt=attempt,
        order_refund=whole,
        sub_trade=sub_trade,
        number=number,
        batch=batch or number,
        amount=amount,
        reason=reason,
        requested_by=current().actor,
        next_try_at=_earliest(attempt, sub_trade, provider.refund_gap),
    )
    publish(
        RefundRequested(
            refund_id=refund.pk,
            order_id=attempt.intent.order_id,
            amount=amount,
            key=whole.key if whole is not None else "",
        ),
        key=f"order:{attempt.intent.order_id}",
    )
    from ..tasks import send_refund

    transaction.on_commit(lambda: send_refund.delay(refund.pk), robust=True)
    return refund


def _earliest(attempt: PaymentAttempt, sub_trade: SubTrade | None, gap: float) -> datetime:
    """When the provider takes another refund of this trade: a gap after the last one, or after the last that waits."""
    last = attempt.refunds.filter(sub_trade=sub_trade).order_by("-created_at", "-pk").first()
    if last is None:
        return now()
    waits = last.next_try_at if last.state == RefundState.REQUESTED else None
    return max(now(), max(last.created_at, waits or last.created_at) + timedelta(seconds=gap))


def drive_refund(refund_pk: int) -> Refund:
    """Send a refund that waits, or ask for one that is under way, and act on the answer.

    Sending twice is harmless: the number is the same. Locks nothing during the call.
    """
    refund = Refund.objects.select_related("attempt__intent", "sub_trade").get(pk=refund_pk)
    if refund.state in (RefundState.SUCCEEDED, RefundState.FAILED):
        return refund
    if refund.next_try_at is not None and refund.next_try_at > now():
        return refund
    Refund.objects.filter(pk=refund_pk).update(
        try_count=refund.try_count + 1, next_try_at=next_query(refund.try_count)
    )
    provider = provider_of(refund.attempt.intent.gateway)
    try:
        if refund.state == RefundState.REQUESTED:
            fact = provider.refund(
                RefundRequest(
                    number=refund.number,
                    trade_number=refund.trade_number,
                    amount_fen=to_fen(refund.amount),
                    total_fen=to_fen(refund.trade_amount),
                    account=refund.account,
                    reason=refund.get_reason_display(),
                )
            )
        else:
            fact = provider.query_refund(refund.ref)
    except ProviderUnknown as silence:
        Refund.objects.filter(pk=refund_pk).update(last_error=silence.code[:64])
        return Refund.objects.get(pk=refund_pk)
    except ProviderRefused as refusal:
        return _refused(refund, refusal)
    return apply_refund_fact(fact)


def _refused(refund: Refund, refusal: ProviderRefused) -> Refund:
    logger.warning("refund %s: %s", refund.number, refusal.code)
    if refusal.code in _PASSING_REFUSALS or refund.state != RefundState.REQUESTED:
        Refund.objects.filter(pk=refund.pk).update(last_error=refusal.code[:64])
        return Refund.objects.get(pk=refund.pk)
    # A definite no to sending may still hide an earlier sending that worked and whose answer was lost: ask first.
    try:
        fact = provider_of(refund.attempt.intent.gateway).query_refund(refund.ref)
    except (ProviderRefused, ProviderUnknown) as failure:
        Refund.objects.filter(pk=refund.pk).update(last_error=failure.code[:64])
        return Refund.objects.get(pk=refund.pk)
    if fact.state is FactState.ABSENT:
        return _fail(refund.pk, refusal.code)
    return apply_refund_fact(fact)


def apply_refund_fact(fact: RefundFact) -> Refund:
    """Act on a provider's statement about the refund ``fact.number``; repeating it changes nothing.

    The last share to arrive concludes the order's refund.
    Locks: the intent, then the refund (for a failed one the whole trade). Raises CashierError NOT_FOUND for a number
    that is not ours.
    """
    from .order_refunds import conclude

    refund = Refund.objects.select_related("attempt__intent").filter(number=fact.number).first()
    if refund is None:
        raise CashierError(CashierErrorCode.NOT_FOUND)
    if fact.state is FactState.CLOSED:
        return _fail(refund.pk, "CLOSED")
    with transaction.atomic():
        intent = lock_intent(refund.attempt.intent_id)
        refund = lock_rows(Refund.objects.select_related("attempt__intent").filter(pk=refund.pk))[0]
        if refund.state in (RefundState.SUCCEEDED, RefundState.FAILED):
            return refund
        if fact.state is FactState.SUCCEEDED:
            move(
                refund,
                "mark_succeeded",
                provider_ref=fact.provider_ref,
                finished_at=fact.finished_at or now(),
            )
            if intent.attention == "REFUND_ABNORMAL":  # it arrived after all, on another way
                _call_people(intent, "")
            publish(
                RefundSucceeded(
                    refund_id=refund.pk,
                    order_id=intent.order_id,
                    amount=refund.amount,
                    key=_key_of(refund),
                ),
                key=f"order:{intent.order_id}",
            )
            if refund.order_refund_id is not None:
                conclude(refund.order_refund_id, intent)
        elif fact.state is FactState.ABNORMAL and refund.state != RefundState.ABNORMAL:
            move(refund, "mark_abnormal", provider_ref=fact.provider_ref)
            audit.record(REFUND_ABNORMAL, refund)
            _call_people(intent, "REFUND_ABNORMAL")
        elif fact.state is FactState.PROCESSING and refund.state == RefundState.REQUESTED:
            move(refund, "mark_processing", provider_ref=fact.provider_ref)
    return refund


@transaction.atomic
def _fail(refund_pk: int, code: str) -> Refund:
    """The money stays with us: take the booking back so that the order shows it as refundable again."""
    refund = Refund.objects.select_related("attempt__intent").get(pk=refund_pk)
    trade = lock_trade(refund.attempt.intent_id, refund.attempt_id)
    refund = lock_rows(Refund.objects.select_related("attempt__intent").filter(pk=refund_pk))[0]
    if refund.state in (RefundState.SUCCEEDED, RefundState.FAILED):
        return refund
    move(refund, "mark_failed", code=code)
    if refund.books_order:
        _take_booking_back(refund, trade.payment)
        payment_failed_event(
            order=trade.order,
            user=None,
            payment=trade.payment,
            message=f"退款 {refund.amount} 元失败，已恢复可退金额",
        )
    audit.record(REFUND_FAILED, refund, after={"code": code})
    _call_people(trade.intent, "REFUND_FAILED")
    publish(
        RefundFailed(
            refund_id=refund.pk,
            order_id=trade.order.pk,
            amount=refund.amount,
            code=code,
            key=_key_of(refund),
        ),
        key=f"order:{trade.order.pk}",
    )
    return refund


def _take_booking_back(refund: Refund, payment: Payment) -> None:
    """The provider's share is the order's again; internal shares of the same refund have arrived and stay booked."""
    payment.captured_amount += refund.amount
    complete = payment.captured_amount >= payment.total
    payment.charge_status = ChargeStatus.FULLY_CHARGED if complete else ChargeStatus.PARTIALLY_REFUNDED
    payment.is_active = True
    payment.save(update_fields=["captured_amount", "charge_status", "is_active", "modified"])
    whole = refund.order_refund
    if whole is not None and whole.state == OrderRefundState.FAILED:
        _lower_the_rest(whole, refund, payment)
        return
    token = whole.number if whole is not None else refund.number
    payment.transactions.filter(token=token).update(is_success=False)
    if whole is None:
        return
    move(whole, "fail")
    internal = whole.amount - refund.amount
    if internal > 0:
        Transaction.objects.create(
            payment=payment,
            kind=TransactionKind.REFUND,
            token=f"{whole.number}-P",
            is_success=True,
            amount=internal,
            currency=payment.currency,
            gateway_response={},
        )


def _lower_the_rest(whole: OrderRefund, refund: Refund, payment: Payment) -> None:
    """Another part of a combined trade failed before: what was booked of the rest is less by this one."""
    rest = payment.transactions.filter(token=f"{whole.number}-P", is_success=True).first()
    if rest is None:
        return
    if rest.amount > refund.amount:
        rest.amount -= refund.amount
    else:
        rest.is_success = False
    rest.save(update_fields=["amount", "is_success"])


def _key_of(refund: Refund) -> str:
    return refund.order_refund.key if refund.order_refund is not None else ""


def _call_people(intent: PaymentIntent, what: str) -> None:
    intent.attention = what
    intent.save(update_fields=["attention"])


def drive_due_refunds(limit: int = 100) -> int:
    """Drive every refund whose time has come; returns how many."""
    due = Refund.objects.filter(
        state__in=(RefundState.REQUESTED, RefundState.PROCESSING, RefundState.ABNORMAL),
        next_try_at__lte=now(),
    )
    return drive_each(due.order_by("next_try_at").values_list("pk", flat=True)[:limit], drive_refund)
