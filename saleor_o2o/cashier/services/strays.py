"""The cashier's checks for orphans: money that no order has, payments that no sweep would ever find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.payment import ChargeStatus
from saleor.payment import gateway as stock_gateway
from saleor.payment.models import Payment

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.models import EventRecord

from ..events import LateMoneyReceived, PaymentConfirmed
from ..locking import lock_trade
from ..models import (
    NOT_BOOKED,
    OPEN_STATES,
    AttemptState,
    IntentState,
    Notification,
    NotificationState,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    RefundReason,
    RefundState,
)
from ..registry import gateway_title
from .closing import close_attempt
from .orphans import LIMIT, Check, Stray, register_check
from .refunding import write_refunds

#: What is younger is still being worked on.
YOUNG = timedelta(minutes=10)
#: How far back is looked: whatever goes wrong is found within minutes.
WINDOW = timedelta(days=7)
#: A refund that takes longer needs somebody to ask the provider.
SLOW_REFUND = timedelta(hours=24)
UNDER_WAY = (RefundState.REQUESTED, RefundState.PROCESSING, RefundState.ABNORMAL)
DECIDED = (IntentState.PAID, IntentState.REVIEW, IntentState.CLOSED)


def subject_of(row: Model) -> str:
    """How a finding names a row."""
    return f"{row._meta.label}:{row.pk}"


def _money_without_order() -> Iterator[Stray]:
    old = Payment.objects.filter(order__isnull=True, captured_amount__gt=0, created__lte=now() - YOUNG)
    for payment in old.order_by("pk")[:LIMIT]:
        yield Stray(
            subject_of(payment), payment.pk, None, payment.captured_amount, gateway_title(payment.gateway)
        )


def _trade_of_nobody() -> Iterator[Stray]:
    """Paid trades of a closed payment that are not on their way back."""
    moment = now()
    closed = PaymentIntent.objects.filter(state=IntentState.CLOSED, closed_at__gte=moment - WINDOW)
    paid = PaymentAttempt.objects.filter(intent__in=closed, state=AttemptState.PAID, refunds__isnull=True)
    for attempt in paid.filter(paid_at__lte=moment).select_related("intent").order_by("pk")[:LIMIT]:
        yield Stray(subject_of(attempt), attempt.pk, attempt.intent.order_id, attempt.amount, attempt.number)


@transaction.atomic
def _give_back(stray: Stray) -> bool:
    """Locks intent, parts, attempt, order, Saleor payment."""
    intent_pk = PaymentAttempt.objects.values_list("intent_id", flat=True).get(pk=stray.key)
    trade = lock_trade(intent_pk, stray.key)
    attempt = trade.attempt
    if attempt is None or attempt.state != AttemptState.PAID or trade.intent.state != IntentState.CLOSED:
        return False
    if attempt.refunds.exists():
        return True
    for refund in write_refunds(attempt, attempt.amount, RefundReason.LATE_PAYMENT):
        publish(
            LateMoneyReceived(
                intent_id=trade.intent.pk,
                order_id=trade.order.pk,
                refund_id=refund.pk,
                amount=refund.amount,
            ),
            key=f"order:{trade.order.pk}",
        )
    return True


def _paid_but_not_booked() -> Iterator[Stray]:
    paid = PaymentIntent.objects.filter(state=IntentState.PAID, paid_at__gte=now() - WINDOW)
    off = paid.filter(payment__charge_status=ChargeStatus.NOT_CHARGED)
    for intent in off.order_by("pk")[:LIMIT]:
        yield Stray(subject_of(intent), intent.pk, intent.order_id, intent.amount, intent.number)


@transaction.atomic
def _book(stray: Stray) -> bool:
    """Locks intent, parts, order, Saleor payment. Stock's bookkeeping counts a charge once."""
    trade = lock_trade(stray.key)
    intent = trade.intent
    if intent.state != IntentState.PAID or trade.order.status == OrderStatus.CANCELED:
        return False
    if trade.payment.charge_status == ChargeStatus.NOT_CHARGED:
        stock_gateway.capture(trade.payment, intent.amount)
    key = f"order:{trade.order.pk}"
    if not EventRecord.objects.filter(name=PaymentConfirmed.name, key=key).exists():
        publish(
            PaymentConfirmed(
                intent_id=intent.pk,
                order_id=trade.order.pk,
                amount=intent.amount,
                gateway=intent.gateway,
                paid_at=intent.paid_at or now(),
            ),
            key=key,
        )
    return True


def _refund_never_sent() -> Iterator[Stray]:
    """Under way, and no sweep will find it."""
    for refund in _with_order(Refund.objects.filter(state__in=UNDER_WAY, next_try_at__isnull=True)):
        yield _of_refund(refund)


def _send_again(stray: Stray) -> bool:
    return bool(
        Refund.objects.filter(pk=stray.key, state__in=UNDER_WAY, next_try_at__isnull=True).update(
            next_try_at=now()
        )
    )


def _refund_takes_long() -> Iterator[Stray]:
    for refund in _with_order(
        Refund.objects.filter(state__in=UNDER_WAY, created_at__lte=now() - SLOW_REFUND)
    ):
        yield _of_refund(refund)


def _with_order(rows: QuerySet[Refund]) -> QuerySet[Refund]:
    return rows.select_related("attempt__intent").order_by("pk")[:LIMIT]


def _of_refund(refund: Refund) -> Stray:
    note = f"{refund.number} {refund.get_state_display()} {refund.last_error}".strip()
    return Stray(subject_of(refund), refund.pk, refund.attempt.intent.order_id, refund.amount, note)


def _trade_never_asked_for() -> Iterator[Stray]:
    waiting = (IntentState.PENDING,)
    rows = PaymentAttempt.objects.filter(
        state__in=OPEN_STATES, intent__state__in=waiting, next_query_at__isnull=True
    )
    for attempt in rows.select_related("intent").order_by("pk")[:LIMIT]:
        yield _of_attempt(attempt)


def _ask_again(stray: Stray) -> bool:
    rows = PaymentAttempt.objects.filter(pk=stray.key, state__in=OPEN_STATES, next_query_at__isnull=True)
    return bool(rows.update(next_query_at=now()))


def _closing_never_driven() -> Iterator[Stray]:
    rows = PaymentIntent.objects.filter(state=IntentState.CLOSING, next_check_at__isnull=True)
    for intent in rows.order_by("pk")[:LIMIT]:
        yield Stray(subject_of(intent), intent.pk, intent.order_id, intent.amount, intent.number)


def _drive_again(stray: Stray) -> bool:
    rows = PaymentIntent.objects.filter(pk=stray.key, state=IntentState.CLOSING, next_check_at__isnull=True)
    return bool(rows.update(next_check_at=now()))


def _notification_never_read() -> Iterator[Stray]:
    rows = Notification.objects.filter(state=NotificationState.RECEIVED, next_attempt_at__isnull=True)
    for row in rows.defer("body", "headers").order_by("pk")[:LIMIT]:
        yield Stray(subject_of(row), row.pk, None, None, f"{gateway_title(row.gateway)} {row.kind}")


def _read_again(stray: Stray) -> bool:
    rows = Notification.objects.filter(
        pk=stray.key, state=NotificationState.RECEIVED, next_attempt_at__isnull=True
    )
    return bool(rows.update(next_attempt_at=now()))


def _open_trade_of_decided() -> Iterator[Stray]:
    """A trade that could still take money although its payment is decided."""
    rows = PaymentAttempt.objects.filter(
        state__in=OPEN_STATES, intent__state__in=DECIDED, created_at__lte=now() - YOUNG
    )
    for attempt in rows.select_related("intent").order_by("pk")[:LIMIT]:
        yield _of_attempt(attempt)


def _close(stray: Stray) -> bool:
    """Calls the provider; money that came after all goes back by itself."""
    attempt = PaymentAttempt.objects.select_related("intent").get(pk=stray.key)
    return attempt.state not in OPEN_STATES or close_attempt(attempt)


def _of_attempt(attempt: PaymentAttempt) -> Stray:
    return Stray(subject_of(attempt), attempt.pk, attempt.intent.order_id, attempt.amount, attempt.number)


def _paid_twice_and_kept() -> Iterator[Stray]:
    """Two trades of one paid order, and neither goes back: people see which one is the order's."""
    recent = PaymentIntent.objects.filter(state=IntentState.PAID, paid_at__gte=now() - WINDOW)
    kept = PaymentAttempt.objects.filter(intent__in=recent, state=AttemptState.PAID)
    twice = (
        kept.exclude(refunds__reason__in=NOT_BOOKED)
        .order_by()
        .values("intent")
        .annotate(trades=Count("pk", distinct=True))
        .filter(trades__gt=1)
    )
    rows = PaymentIntent.objects.filter(pk__in=twice.values("intent")).order_by("pk")
    for intent in rows[:LIMIT]:
        yield Stray(subject_of(intent), intent.pk, intent.order_id, intent.amount, intent.number)


CHECKS = (
    Check("money_without_order", _("有款无单"), _money_without_order),
    Check("trade_of_nobody", _("关闭的支付单收到款未退"), _trade_of_nobody, _give_back),
    Check("paid_twice_and_kept", _("重复付款未退"), _paid_twice_and_kept),
    Check("paid_but_not_booked", _("已付款未入账"), _paid_but_not_booked, _book),
    Check("refund_never_sent", _("退款没有发出"), _refund_never_sent, _send_again),
    Check("refund_takes_long", _("退款超过 24 小时未到账"), _refund_takes_long),
    Check("trade_never_asked_for", _("支付无人查询"), _trade_never_asked_for, _ask_again),
    Check("closing_never_driven", _("关单无人跟进"), _closing_never_driven, _drive_again),
    Check("notification_never_read", _("通知无人处理"), _notification_never_read, _read_again),
    Check("open_trade_of_decided", _("已了结的支付单还能付款"), _open_trade_of_decided, _close),
)


def register_checks() -> None:
    """Have the job ask these."""
    for check in CHECKS:
        register_check(check)
