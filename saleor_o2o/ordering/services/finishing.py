"""After the payment step: finish an order, or undo one whose payment failed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from saleor.checkout.models import Checkout
from saleor.discount.utils import decrease_voucher_usage, remove_voucher_usage_by_customer
from saleor.giftcard.models import GiftCard
from saleor.order.actions import handle_fully_paid_order, order_created
from saleor.order.emails import send_order_confirmation, send_staff_order_confirmation
from saleor.order.models import Order
from saleor.warehouse.models import Allocation

from saleor_o2o.cashier.interfaces import is_deferred
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows

from ..deductions.keeping import release
from ..events import OrderPlaced
from .placement import GIFT_CARDS_KEY, remove_checkout


@transaction.atomic
def finish_order(order: Order, checkout: Checkout, user: Any, redirect_url: str) -> Order:
    """Announce a placed order once: hooks, mails, the event, and "fully paid" where the money is already there.

    Locks: the order's row; a second call for the same checkout finds no checkout and does nothing. The confirmation
    mail of an order that is paid later waits for the money (``cashier.receivers``).
    """
    order = lock_rows(Order.objects.filter(pk=order.pk))[0]
    payment = checkout.get_last_active_payment()
    if not remove_checkout(checkout.pk, order):
        return order
    announce_order(order, payment, user, redirect_url)
    return order


def announce_order(order: Order, payment: Any, user: Any, redirect_url: str) -> None:
    """Tell of a new order: hooks, mails, the event, and "fully paid" where the money is already there.

    Call once per order, in the transaction that writes or finishes it.
    """
    order_created(order=order, user=user)
    deferred = payment is not None and is_deferred(payment.gateway)
    if not deferred:
        user_pk = getattr(user, "pk", None)
        transaction.on_commit(
            lambda: send_order_confirmation.delay(order.pk, redirect_url, user_pk), robust=True
        )
        transaction.on_commit(
            lambda: send_staff_order_confirmation.delay(order.pk, redirect_url), robust=True
        )
        if order.is_fully_paid():
            handle_fully_paid_order(order)
    publish(
        OrderPlaced(
            order_id=order.pk,
            total=order.total.gross.amount,
            gateway=payment.gateway if payment is not None else "",
        ),
        key=f"order:{order.pk}",
    )


@transaction.atomic
def undo_order(order: Order) -> None:
    """Take back an order whose payment failed: stock, voucher and gift cards are free again, the checkout remains.

    Locks: the order's row, then gift cards in primary-key order. Does nothing for an order that is gone.
    """
    rows = lock_rows(Order.objects.filter(pk=order.pk))
    if not rows:
        return
    order = rows[0]
    Allocation.objects.filter(order_line__order=order).delete()
    give_back(order)
    order.payments.update(order=None)
    order.delete()


def give_back(order: Order) -> None:
    """Undo what a *locked*, unpaid order used up besides stock: its deductions, gift cards' money, its voucher's use.

    Call once per order: a second call finds the cards' money gone from its notes, but would count the voucher again.
    Locks: the rows of sources of deductions, gift cards in primary-key order, then the voucher.
    """
    release(order)
    used = order.private_metadata.get(GIFT_CARDS_KEY, {})
    if used:
        for card in lock_rows(GiftCard.objects.filter(pk__in=used)):
            card.current_balance_amount += Decimal(used[str(card.pk)])
            card.save(update_fields=["current_balance_amount"])
        order.delete_value_from_private_metadata(GIFT_CARDS_KEY)
        order.save(update_fields=["private_metadata"])
    if order.voucher is not None:
        decrease_voucher_usage(order.voucher)
        remove_voucher_usage_by_customer(order.voucher, order.user_email)
