"""Opening the intent of an order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from saleor.order.models import Order
from saleor.payment.models import Payment

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.numbering import next_number, number_kind

from ..models import PaymentIntent

PAYMENT_NUMBER = number_kind("payment", "ZF")


@transaction.atomic
def open_intent(
    order: Order, payment: Payment, redirect_url: str = "", expires_at: datetime | None = None
) -> PaymentIntent:
    """Write down what an order has to be paid and until when; once per Saleor payment.

    Call in the transaction that writes the order. Without a deadline it is ``O2O_CASHIER["PAY_MINUTES"]``
    from now.
    """
    moment = now()
    intent, _created = PaymentIntent.objects.get_or_create(
        payment=payment,
        defaults={
            "number": next_number(PAYMENT_NUMBER),
            "order": order,
            "gateway": payment.gateway,
            "amount": payment.total,
            "currency": payment.currency,
            "redirect_url": redirect_url,
            "created_at": moment,
            "expires_at": expires_at or moment + timedelta(minutes=settings.O2O_CASHIER["PAY_MINUTES"]),
        },
    )
    return intent
