"""Captures, voids and refunds: written first, sent through stock's gateway, asked for until known, booked once."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import stripe
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from saleor.payment import PaymentError
from saleor.payment.gateways import stripe as stock
from saleor.payment.models import Payment

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.request import current
from saleor_o2o.kernel.states import move

from ..configuration import load_account
from ..declines import code_of, staff_words
from ..errors import MoveUnknown
from ..models import ChargeState, MoveKind, MoveState, StripeCharge, StripeMove
from ..wire import NUMBER_KEY, Call, speaking
from .asking import find_intent, information_for
from .charges import OWN_TIME, call_people

logger = logging.getLogger(__name__)

_SENDS = {MoveKind.CAPTURE: stock.capture, MoveKind.VOID: stock.void, MoveKind.REFUND: stock.refund}
_FROM = {
    MoveKind.CAPTURE: ChargeState.AUTHORIZED,
    MoveKind.VOID: ChargeState.AUTHORIZED,
    MoveKind.REFUND: ChargeState.PAID,
}
_LIVE = (MoveState.WRITTEN, MoveState.DONE)


def write_move(payment: Payment, kind: MoveKind, amount: Decimal) -> StripeMove:
    """Write a move; commits before it returns. ``amount`` in yuan. Locks: the payment, then its charge.

    Raises PaymentError: nothing to move, more than there is (all refunds that live, the unanswered too, never exceed
    what was captured), or another capture or void is under way.
    """
    with transaction.atomic():
        lock_rows(Payment.objects.filter(pk=payment.pk))
        charges = lock_rows(StripeCharge.objects.filter(payment_id=payment.pk, state=_FROM[kind]))
        if not charges:
            raise PaymentError(_("这笔银行卡付款当前不能这样处理，请刷新查看"))
        charge = charges[0]
        live = charge.moves.filter(state__in=_LIVE)
        if kind == MoveKind.REFUND:
            already = live.filter(kind=MoveKind.REFUND).aggregate(total=Sum("amount"))["total"] or Decimal(0)
            if already + amount > charge.captured:
                raise PaymentError(_("退款金额超过可退余额，请核对已退和处理中的退款"))
        elif live.exists():
            raise PaymentError(_("这笔授权正在请款或撤销，请稍后刷新查看"))
        return StripeMove.objects.create(
            charge=charge,
            number=external_number("SM"),
            kind=kind,
            amount=amount,
            requested_by=current().actor,
            next_check_at=now() + OWN_TIME,
        )


def send_move(row: StripeMove) -> StripeMove:
    """Send a move, under its one number however often; silence is followed by a question. Locks nothing during it."""
    charge = StripeCharge.objects.select_related("payment").get(pk=row.charge_id)
    try:
        account = load_account()
    except CashierError:
        return _refused(row.pk, "NOT_CONFIGURED")
    call = Call(account, row.number, step=row.kind)
    if row.kind == MoveKind.CAPTURE:
        call.more = {"amount_to_capture": str(to_fen(row.amount))}
    else:
        call.more = {f"metadata[{NUMBER_KEY}]": row.number}
    with speaking(call):
        try:
            _SENDS[MoveKind(row.kind)](information_for(charge, charge.payment, row.amount), account.stock)
        except Exception:  # what Stripe answered decides
            logger.exception("move %s: stock's gateway failed over the answer", row.number)
    if call.silence:
        return ask_move(row)
    if call.moved:
        return _done(row.pk, call.intent)
    if row.check_count or (call.refusal and row.kind != MoveKind.REFUND):
        # an earlier try, or somebody in Stripe's dashboard, may have done it and made this one impossible
        row = ask_move(row)
        if row.state != MoveState.WRITTEN:
            return row
    if call.refusal:
        return _refused(row.pk, code_of(call.refusal))
    return _refused(row.pk, "UNREACHABLE") if call.unsent and not row.check_count else row


def ask_move(row: StripeMove) -> StripeMove:
    """Ask whether a move has been done; WRITTEN still where Stripe knows nothing of it, or says nothing."""
    charge = StripeCharge.objects.get(pk=row.charge_id)
    try:
        intent = find_intent(charge)
        if intent is None:
            return row
        if row.kind == MoveKind.REFUND:
            with speaking(Call(load_account())):
                refunds = stripe.Refund.list(payment_intent=charge.intent_ref, limit=100)
                if any(
                    (one.metadata or {}).get(NUMBER_KEY) == row.number for one in refunds.auto_paging_iter()
                ):
                    return _done(row.pk, intent)
            return row
    except (CashierError, stripe.error.StripeError) as failure:
        logger.warning("move %s: no answer to a question (%s)", row.number, type(failure).__name__)
        return row
    if row.kind == MoveKind.CAPTURE and intent["status"] == "succeeded":
        return _done(row.pk, intent)
    if row.kind == MoveKind.VOID and intent["status"] == "canceled":
        return _done(row.pk, intent)
    if intent["status"] != "requires_capture":
        return _refused(row.pk, "payment_intent_unexpected_state")
    return row


@transaction.atomic
def _done(move_pk: int, intent: dict[str, Any]) -> StripeMove:
    found = StripeMove.objects.get(pk=move_pk)
    charge = lock_rows(StripeCharge.objects.filter(pk=found.charge_id))[0]
    row = lock_rows(StripeMove.objects.filter(pk=move_pk))[0]
    if row.state != MoveState.WRITTEN:
        return row
    move(row, "finish")
    if row.kind == MoveKind.CAPTURE:
        if charge.state == ChargeState.AUTHORIZED:
            move(charge, "pay")
        taken = Decimal(int(intent.get("amount_received") or to_fen(row.amount))).scaleb(-2)
        charge.captured = taken
        charge.save(update_fields=["captured"])
        if taken != row.amount:
            call_people(charge, "AMOUNT_MISMATCH")
        elif charge.attention == "CAPTURED_ELSEWHERE":
            charge.attention = ""
            charge.save(update_fields=["attention"])
    elif row.kind == MoveKind.VOID and charge.state == ChargeState.AUTHORIZED:
        move(charge, "cancel", code="VOIDED")
    elif row.kind == MoveKind.REFUND and charge.state == ChargeState.LATE:
        move(charge, "give_back")
    return row


@transaction.atomic
def _refused(move_pk: int, code: str) -> StripeMove:
    row = lock_rows(StripeMove.objects.filter(pk=move_pk))[0]
    if row.state == MoveState.WRITTEN:
        move(row, "refuse", code=code)
    return row


def settled(row: StripeMove) -> StripeMove:
    """A move whose answer is a yes. Raises PaymentError for a no, :class:`MoveUnknown` for no answer."""
    if row.state == MoveState.REFUSED:
        raise PaymentError(staff_words(row.code))
    if row.state == MoveState.WRITTEN:
        raise MoveUnknown(row.number)
    return row


def give_back_late(charge: StripeCharge) -> None:
    """Return money that came without an order: release what is only authorised, refund what was taken; once."""
    intent = find_intent(charge)
    if intent is None:
        return
    if intent["status"] == "requires_capture":
        with speaking(Call(load_account(), charge.number, step="late")):
            stripe.PaymentIntent.retrieve(charge.intent_ref).cancel()
        with transaction.atomic():
            locked = lock_rows(StripeCharge.objects.filter(pk=charge.pk))[0]
            if locked.state == ChargeState.LATE:
                move(locked, "give_back")
        return
    with transaction.atomic():
        locked = lock_rows(StripeCharge.objects.filter(pk=charge.pk))[0]
        rows = list(locked.moves.filter(kind=MoveKind.REFUND, state__in=_LIVE))
        if not rows:
            row = StripeMove.objects.create(
                charge=locked,
                number=external_number("SM"),
                kind=MoveKind.REFUND,
                amount=locked.amount,
                booked=True,  # it was never on an order's books
                requested_by="system",
                next_check_at=now() + OWN_TIME,
            )
        else:
            row = rows[0]
    if row.state == MoveState.WRITTEN:
        send_move(row)
