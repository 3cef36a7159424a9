"""Money of an order goes back in exact shares of what it was paid with; whatever refunds an order ends here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Sum
from saleor.order.actions import order_refunded
from saleor.order.models import Order
from saleor.payment import PaymentError
from saleor.payment import gateway as stock_gateway
from saleor.payment.models import Payment

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import InvalidAmount, refund_shares, to_fen
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.request import current
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..events import OrderRefunded, OrderRefundRequested
from ..locking import lock_intent, lock_parts
from ..models import (
    NOT_BOOKED,
    AttemptState,
    IntentState,
    OrderRefund,
    OrderRefundState,
    PartState,
    PaymentAttempt,
    PaymentIntent,
    PaymentPart,
    RefundReason,
    RefundState,
    ShareState,
)
from ..registry import provider_of
from ..tenders import in_order, lock_tenders
from .handing_back import write_share
from .refunding import LIVE, check_refundable, write_refunds

ORDER_REFUND = number_kind("order_refund", "TK")


@dataclass(frozen=True, slots=True)
class Share:
    """What goes back over one part; `part` is None for the provider's. Amounts in yuan."""

    kind: str
    label: str
    amount: Decimal
    left: Decimal
    part: PaymentPart | None = None


@dataclass(slots=True)
class _Request:
    """Why stock's refund is being called, for the gateway that it calls; and what came of it."""

    reason: str
    key: str
    by: str
    at_counter: bool
    written: OrderRefund | None = None
    refusal: DomainError | None = None


_request: ContextVar[_Request | None] = ContextVar("o2o_order_refund", default=None)


@contextmanager
def _asking(request: _Request) -> Iterator[None]:
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def winning_attempt(intent: PaymentIntent) -> PaymentAttempt | None:
    """The trade whose money the order has; late and double ones go back by themselves."""
    paid = intent.attempts.filter(state=AttemptState.PAID)
    return paid.exclude(refunds__reason__in=NOT_BOOKED).order_by("paid_at").first()


def plan_refund(intent: PaymentIntent, amount: Decimal) -> list[Share]:
    """Divide `amount` yuan over what is left of an intent's parts: the provider's first, then ours in their order.

    Reads only: exact for whoever holds the intent's lock, otherwise what it would be now. Raises CashierError:
    INVALID_AMOUNT, ORDER_NOT_PAID, REFUND_TOO_LARGE, and the provider's own limits for its share.
    """
    attempt = winning_attempt(intent)
    held = intent.parts.filter(state__in=(PartState.CAPTURED, PartState.REFUNDED)) if intent.covered else []
    return _divide(intent, attempt, list(held), amount)


def _divide(
    intent: PaymentIntent, attempt: PaymentAttempt | None, parts: list[PaymentPart], amount: Decimal
) -> list[Share]:
    if intent.state != IntentState.PAID:
        raise CashierError(Code.ORDER_NOT_PAID)
    paid: list[Decimal] = []
    back: list[Decimal] = []
    if attempt is not None:
        paid.append(attempt.amount)
        live = attempt.refunds.filter(state__in=LIVE)
        back.append(live.aggregate(total=Sum("amount"))["total"] or Decimal(0))
    parts = in_order([part for part in parts if part.state != PartState.HELD])
    paid += [part.amount for part in parts]
    back += [part.refunded for part in parts]
    if to_fen(amount) <= 0:
        raise CashierError(Code.INVALID_AMOUNT, field="amount")
    try:
        amounts = refund_shares(amount, paid, back)
    except InvalidAmount as refusal:
        raise CashierError(Code.REFUND_TOO_LARGE, field="amount") from refusal
    shares = []
    if attempt is not None:
        if amounts[0] > 0:
            check_refundable(attempt, amounts[0])
        title = provider_of(intent.gateway).title
        shares.append(Share(attempt.method, title, amounts[0], paid[0] - back[0]))
    for part, share in zip(parts, amounts[len(shares) :], strict=True):
        shares.append(Share(part.kind, part.label, share, part.left, part))
    return shares


@transaction.atomic
def refund_order(
    order_id: int,
    amount: Decimal,
    *,
    reason: str,
    key: str,
    by: str = "",
    user: Any = None,
    at_counter: bool = False,
) -> OrderRefund:
    """Give `amount` yuan of a paid order back, in exact shares over all it was paid with, once per `key`.

    Internal shares are done (or left to people) in this transaction, the provider's is sent after the commit.
    Books Saleor's payment and its order event as stock's `orderRefund` does. `by` is an actor label (default: the
    request's); `user` is named in Saleor's event; `at_counter` says that the customer stands there.
    Locks: intent, parts, attempt, order, Saleor payment, tenders' rows. Raises CashierError: ORDER_NOT_PAID,
    INVALID_AMOUNT, REFUND_TOO_LARGE, REFUND_TOO_MANY, REFUND_TOO_LATE, KEY_REUSED (the key with another order or
    amount), REFUND_ELSEWHERE (the order's money did not come through the cashier); nothing is booked then.
    """
    known = _known(order_id, amount, key)
    if known is not None:
        return known
    paid = PaymentIntent.objects.filter(order_id=order_id, state=IntentState.PAID).order_by("-pk")
    intent_pk = paid.values_list("pk", flat=True).first()
    if intent_pk is None:
        elsewhere = Payment.objects.filter(order_id=order_id, captured_amount__gt=0).exists()
        raise CashierError(Code.REFUND_ELSEWHERE if elsewhere else Code.ORDER_NOT_PAID)
    intent = lock_intent(intent_pk)
    known = _known(order_id, amount, key)  # somebody was asking for the same while we waited
    if known is not None:
        return known
    lock_parts(intent)
    order = lock_rows(Order.objects.filter(pk=order_id))[0]
    payment = lock_rows(Payment.objects.filter(pk=intent.payment_id))[0]
    plan_refund(intent, amount)  # refuses in our words what stock would refuse in its own
    request = _Request(reason.strip()[:200], key, by or current().actor, at_counter)
    try:
        with _asking(request):
            stock_gateway.refund(payment, amount)
    except PaymentError as refusal:
        raise request.refusal or CashierError(Code.PROVIDER_REFUSED, message=str(refusal)) from refusal
    order_refunded(order, user, amount, payment)
    if request.written is None:
        raise CashierError(Code.REFUND_ELSEWHERE)
    return request.written


def _known(order_id: int, amount: Decimal, key: str) -> OrderRefund | None:
    known = OrderRefund.objects.select_related("intent").filter(key=key).first()
    if known is not None and (known.intent.order_id, known.amount) != (order_id, amount):
        raise CashierError(Code.KEY_REUSED, field="amount")
    return known


def write_order_refund(payment: Payment, amount: Decimal) -> OrderRefund:
    """Write the refund of an order's Saleor payment, whose intent is *locked*, as stock's refund asks for it.

    Locks: parts, attempt, tenders' rows. Errors as `refund_order`.
    """
    request = _request.get() or _Request("", f"stock:{uuid4().hex}", current().actor, at_counter=False)
    try:
        request.written = _write(payment, amount, request)
    except DomainError as refusal:
        request.refusal = refusal
        raise
    return request.written


def came_back(key: str) -> tuple[Decimal, bool]:
    """What of a refund (by its key) the provider gave back to us for good, in yuan, and whether more is on its way.

    Internal shares of a refund that failed in part have arrived: only this sum may be asked for anew.
    """
    shares = OrderRefund.objects.get(key=key).remote.values_list("state", "amount")
    failed = sum((amount for state, amount in shares if state == RefundState.FAILED), Decimal(0))
    return failed, any(state not in (RefundState.FAILED, RefundState.SUCCEEDED) for state, _amount in shares)


def _write(payment: Payment, amount: Decimal, request: _Request) -> OrderRefund:
    intent = PaymentIntent.objects.get(payment=payment)
    parts = lock_parts(intent)
    attempt = winning_attempt(intent)
    if attempt is not None:
        attempt = lock_rows(PaymentAttempt.objects.filter(pk=attempt.pk).select_related("intent"))[0]
    shares = [share for share in _divide(intent, attempt, parts, amount) if share.amount > 0]
    whole = OrderRefund.objects.create(
        intent=intent,
        number=next_number(ORDER_REFUND),
        key=request.key,
        amount=amount,
        reason=request.reason,
        requested_by=request.by,
    )
    publish(
        OrderRefundRequested(
            order_refund_id=whole.pk, order_id=intent.order_id, amount=amount, key=request.key
        ),
        key=f"order:{intent.order_id}",
    )
    lock_tenders({(share.part.kind, share.part.ref) for share in shares if share.part is not None})
    for share in shares:
        if share.part is not None:
            _give_back(share.part, share.amount, whole, at_counter=request.at_counter)
        elif attempt is not None:
            write_refunds(attempt, share.amount, RefundReason.STAFF, whole)
    return conclude(whole.pk, intent)


def _give_back(part: PaymentPart, amount: Decimal, whole: OrderRefund, *, at_counter: bool) -> None:
    part.refunded += amount
    part.save(update_fields=["refunded"])
    write_share(part, amount, whole, at_counter=at_counter)
    if part.left == 0:
        move(part, "mark_refunded")


def conclude(order_refund_pk: int, intent: PaymentIntent) -> OrderRefund:
    """Say that an order's refund has arrived once every share has; the intent is *locked*. Again: no change."""
    whole = lock_rows(OrderRefund.objects.filter(pk=order_refund_pk))[0]
    if whole.state != OrderRefundState.PROCESSING:
        return whole
    if whole.remote.exclude(state=RefundState.SUCCEEDED).exists():
        return whole
    if whole.shares.exclude(state=ShareState.DONE).exists():
        return whole
    move(whole, "succeed")
    publish(
        OrderRefunded(order_refund_id=whole.pk, order_id=intent.order_id, amount=whole.amount, key=whole.key),
        key=f"order:{intent.order_id}",
    )
    return whole
