"""Charging a card and moving its money, each as one errand: written, sent, believed, booked."""

from __future__ import annotations

from decimal import Decimal

import stripe
from django.utils.translation import gettext as _
from saleor.payment import PaymentError
from saleor.payment.models import Payment, Transaction

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.ordering.interfaces import OutcomeUnknown

from ..booking import book_charge, book_move
from ..configuration import load_account
from ..declines import words
from ..errors import MoveUnknown
from ..models import ChargeState, MoveKind, StripeCharge
from .asking import ask, secret_of, send
from .charges import write_charge
from .moving import send_move, settled, write_move


def pay(payment: Payment, store_source: bool) -> Transaction:
    """Charge the card, or confirm once the bank has asked its question; the transaction that stock booked.

    Of several requests at once one sends; the others ask. Raises PaymentError for a no, in the payer's words, and
    OutcomeUnknown where Stripe has not answered. Calls Stripe: no transaction may be open.
    """
    try:
        charge = write_charge(payment, _auto_capture())
    except LockTimeout as busy:  # nothing was sent
        raise PaymentError(str(busy.message)) from busy
    card = customer_id = None
    if charge.state == ChargeState.WRITTEN:
        if _claim(charge):
            charge, customer_id, card = send(charge, payment, store_source)
        else:  # another request of the same payment is at work, or its answer was lost
            charge = ask(charge)
    if charge.state == ChargeState.WRITTEN:
        raise _unknown(charge)
    try:
        written = book_charge(payment, charge, card, customer_id)
    except LockTimeout as busy:  # the sweep books what is known
        raise _unknown(charge) from busy
    if charge.state == ChargeState.ACTION:
        written.confirmation_data = _secret(charge)
    return written


def _unknown(charge: StripeCharge) -> OutcomeUnknown:
    return OutcomeUnknown(
        _("银行还没有答复这次付款（编号 %(number)s）。系统会继续查询，请勿重复付款，稍后在订单中查看结果")
        % {"number": charge.number}
    )


def _secret(charge: StripeCharge) -> dict[str, str] | None:
    """The client secret; None where Stripe does not say: completing once more asks again."""
    try:
        return secret_of(charge)
    except (stripe.error.StripeError, CashierError):
        return None


def move_money(payment: Payment, kind: MoveKind, amount: Decimal) -> Transaction:
    """Capture, void or refund ``amount`` yuan; the transaction that stock booked.

    Raises PaymentError for a no and MoveUnknown where Stripe has not answered; both in the clerk's words.
    """
    try:
        written_down = write_move(payment, kind, amount)
    except LockTimeout as busy:
        raise PaymentError(str(busy.message)) from busy
    row = settled(send_move(written_down))
    try:
        written = book_move(payment, row)
    except LockTimeout as busy:  # the sweep books it
        raise MoveUnknown(row.number) from busy
    payment.refresh_from_db()
    return written


def _claim(charge: StripeCharge) -> bool:
    """True for the one request that may send: the first to take a freshly written charge."""
    return bool(StripeCharge.objects.filter(pk=charge.pk, check_count=0).update(check_count=1))


def _auto_capture() -> bool:
    try:
        return load_account().auto_capture
    except CashierError as missing:
        raise PaymentError(words("NOT_CONFIGURED")) from missing
