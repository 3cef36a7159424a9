"""Charging a card and moving its money, each as one errand: written, sent, believed, booked."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from saleor.payment import PaymentError
from saleor.payment.models import Payment, Transaction

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.ordering.interfaces import OutcomeUnknown

from ..booking import book_charge, book_move
from ..configuration import load_account
from ..declines import words
from ..models import ChargeState, MoveKind, StripeCharge
from .asking import ask, secret_of, send
from .charges import write_charge
from .moving import send_move, settled, write_move


def pay(payment: Payment, store_source: bool) -> Transaction:
    """Charge the card, or confirm once the bank has asked its question; the transaction that stock booked.

    Of several requests at once one sends; the others ask. Raises PaymentError for a no, in the payer's words, and
    OutcomeUnknown where Stripe has not answered. Calls Stripe: no transaction may be open.
    """
    charge = write_charge(payment, _auto_capture())
    card = customer_id = None
    if charge.state == ChargeState.WRITTEN:
        if _claim(charge):
            charge, customer_id, card = send(charge, payment, store_source)
        else:  # another request of the same payment is at work, or its answer was lost
            charge = ask(charge)
    if charge.state == ChargeState.WRITTEN:
        raise OutcomeUnknown(
            _("银行还没有答复这次付款（编号 %(number)s）。系统会继续查询，请勿重复付款，稍后在订单中查看结果")
            % {"number": charge.number}
        )
    written = book_charge(payment, charge, card, customer_id)
    if charge.state == ChargeState.ACTION:
        written.confirmation_data = secret_of(charge)
    return written


def move_money(payment: Payment, kind: MoveKind, amount: Decimal) -> Transaction:
    """Capture, void or refund ``amount`` yuan; the transaction that stock booked.

    Raises PaymentError for a no and MoveUnknown where Stripe has not answered; both in the clerk's words.
    """
    row = settled(send_move(write_move(payment, kind, amount)))
    written = book_move(payment, row)
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
