"""What stayed open is brought to its end: asked for, booked, its order finished or undone. Twice changes nothing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from saleor.order.actions import order_captured, order_refunded, order_voided
from saleor.order.models import Order
from saleor.payment import PaymentError
from saleor.payment.models import Payment

from saleor_o2o.cashier.backoff import next_query
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.sweeping import drive_each
from saleor_o2o.ordering.interfaces import Settled, recover

from ..booking import book_charge, book_move
from ..models import ChargeState, MoveKind, MoveState, StripeCharge, StripeMove
from ..selectors import newest_charge
from .asking import ask, cancel_intent, send
from .charges import call_people
from .moving import ask_move, give_back_late, send_move

logger = logging.getLogger(__name__)

#: How long a charge that never arrived is looked for: Stripe keeps its idempotency keys for a day.
LOOKED_FOR = timedelta(hours=1)
#: Looks without an answer after which people are told.
PATIENCE = 6


def settle_payment(payment: Payment) -> Settled:
    """What became of an order's card payment, for ordering's recovery: asked at Stripe where it is open, and booked."""
    charge = newest_charge(payment.pk)
    if charge is None:
        return Settled.NOT_CHARGED  # nothing is sent before it is written
    if charge.state == ChargeState.WRITTEN:
        charge = ask(charge)
    if charge.state == ChargeState.WRITTEN and charge.confirmations and charge.intent_ref:
        charge = send(charge, payment, False)[0]  # the confirmation did not arrive: the same key again
    if charge.state == ChargeState.WRITTEN:
        return Settled.UNKNOWN
    try:
        book_charge(payment, charge)
    except PaymentError:
        return Settled.NOT_CHARGED
    paid = charge.state in (ChargeState.PAID, ChargeState.AUTHORIZED)
    return Settled.CHARGED if paid else Settled.NOT_CHARGED


def settle_charge(charge_pk: int) -> None:
    """Bring one charge as far as it goes now. Calls Stripe without holding a lock."""
    charge = StripeCharge.objects.select_related("payment").get(pk=charge_pk)
    _later(StripeCharge, charge.pk, charge.check_count)
    _call_about_unknown(charge)
    if charge.state == ChargeState.LATE:
        give_back_late(charge)
        return
    if charge.state == ChargeState.ACTION:
        _expire(charge)
        return
    order = Order.objects.filter(checkout_token=str(charge.payment.checkout_id or "-")).first()
    if order is not None:
        recover(order)
    elif charge.state == ChargeState.WRITTEN or not charge.booked:
        settle_payment(charge.payment)
    _stop_watching(charge.pk)


def _call_about_unknown(charge: StripeCharge) -> None:
    """What stays unanswered for long is shown to people, and taken off their list once it is known."""
    if charge.state == ChargeState.WRITTEN and charge.check_count > PATIENCE and not charge.attention:
        with transaction.atomic():
            locked = lock_rows(StripeCharge.objects.filter(pk=charge.pk))[0]
            if locked.state == ChargeState.WRITTEN:
                call_people(locked, "UNKNOWN")
    elif charge.state != ChargeState.WRITTEN and charge.attention == "UNKNOWN":
        StripeCharge.objects.filter(pk=charge.pk, attention="UNKNOWN").update(attention="")


def _expire(charge: StripeCharge) -> None:
    """The payer never came back: the intent is given up, so that it cannot take money any more."""
    if charge.expires_at is not None and charge.expires_at > now():
        StripeCharge.objects.filter(pk=charge.pk).update(next_check_at=charge.expires_at)
        return
    charge = cancel_intent(charge)
    if charge.state in (ChargeState.CANCELLED, ChargeState.REFUSED):
        StripeCharge.objects.filter(pk=charge.pk).update(code="EXPIRED")
        Payment.objects.filter(pk=charge.payment_id).update(to_confirm=False)
    _stop_watching(charge.pk)


def _stop_watching(charge_pk: int) -> None:
    """Nothing more to find out: booked, or given up. What never seemed to arrive is looked for a little longer."""
    charge = StripeCharge.objects.get(pk=charge_pk)
    over = charge.state in (ChargeState.PAID, ChargeState.AUTHORIZED) and charge.booked
    if charge.state in (ChargeState.REFUSED, ChargeState.CANCELLED):
        if charge.code == "ABSENT" and now() - charge.created_at < LOOKED_FOR:
            ask(charge)
        else:
            over = True
    if over:
        StripeCharge.objects.filter(pk=charge_pk).update(next_check_at=None)


def settle_move(move_pk: int) -> None:
    """Bring one capture, void or refund as far as it goes now, and book it on its order."""
    row = StripeMove.objects.select_related("charge__payment").get(pk=move_pk)
    _later(StripeMove, row.pk, row.check_count)
    row.check_count += 1
    if row.state == MoveState.WRITTEN:
        row = ask_move(row)
    if row.state == MoveState.WRITTEN:
        row = send_move(row)
    if row.state != MoveState.DONE:
        return
    payment = Payment.objects.select_related("order").get(pk=row.charge.payment_id)
    if not row.booked:
        book_move(payment, row)
        _tell(payment, row)
    StripeMove.objects.filter(pk=row.pk).update(next_check_at=None)


def _tell(payment: Payment, row: StripeMove) -> None:
    """The order's history, as stock's mutations write it when the answer comes at once."""
    if payment.order is None:
        return
    if row.kind == MoveKind.REFUND:
        order_refunded(payment.order, None, row.amount, payment)
    elif row.kind == MoveKind.CAPTURE:
        order_captured(payment.order, None, row.amount, payment)
    else:
        order_voided(payment.order, None, payment)


def _later(model: type[StripeCharge] | type[StripeMove], pk: int, count: int) -> datetime:
    """Write the next look down before this one, so that a row that cannot be settled keeps nobody waiting."""
    due = next_query(count)
    model.objects.filter(pk=pk).update(check_count=F("check_count") + 1, next_check_at=due)
    return due


def settle_due(limit: int = 100) -> int:
    """Settle every charge and move whose time has come; returns how many."""
    charges = StripeCharge.objects.filter(next_check_at__lte=now()).order_by("next_check_at")
    moves = StripeMove.objects.filter(next_check_at__lte=now()).order_by("next_check_at")
    done = drive_each(charges.values_list("pk", flat=True)[:limit], settle_charge)
    return done + drive_each(moves.values_list("pk", flat=True)[:limit], settle_move)
