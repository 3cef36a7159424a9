"""What the cashier itself does when money has arrived: the mails that had to wait for it."""

from __future__ import annotations

from django.db import transaction
from saleor.order.emails import send_order_confirmation, send_staff_order_confirmation
from saleor.order.models import Order

from saleor_o2o.kernel.events import receives

from .events import PaymentConfirmed
from .models import PaymentIntent


@receives(PaymentConfirmed, order=50, plugin="cashier")
def confirm_order_by_mail(event: PaymentConfirmed) -> None:
    """Send the order confirmation to customer and staff once the order is paid."""
    intent = PaymentIntent.objects.get(pk=event.intent_id)
    order = Order.objects.get(pk=event.order_id)
    if order.get_customer_email():
        transaction.on_commit(
            lambda: send_order_confirmation.delay(order.pk, intent.redirect_url, order.user_id), robust=True
        )
    transaction.on_commit(
        lambda: send_staff_order_confirmation.delay(order.pk, intent.redirect_url), robust=True
    )
