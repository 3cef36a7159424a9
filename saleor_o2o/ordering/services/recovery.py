"""Orders whose process died between being written and being paid: finished or undone, never left hanging."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.payment import gateway
from saleor.payment.models import Payment

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from .finishing import finish_order, undo_order
from .outcomes import Settled, settled

logger = logging.getLogger(__name__)

#: How long a payment step may take before its order counts as left behind.
IN_FLIGHT = timedelta(minutes=5)
#: Mark of an order whose outcome only a person can find out at the gateway (private metadata).
ATTENTION_KEY = "o2o.payment_outcome_unknown"
OUTCOME_UNKNOWN = audit.action("ordering.payment_outcome_unknown", _("支付结果不明，需人工核对"))


def left_behind(limit: int = 50) -> list[Order]:
    """Orders that still have their checkout and are older than :data:`IN_FLIGHT`: their payment step never ended."""
    tokens = Checkout.objects.annotate(text=Cast("pk", CharField())).values("text")
    candidates = Order.objects.filter(created__lt=now() - IN_FLIGHT, checkout_token__in=tokens).exclude(
        private_metadata__has_key=ATTENTION_KEY
    )
    return list(candidates.order_by("pk")[:limit])


def recover(order: Order) -> str:
    """Decide one left-behind order: ``finished``, ``undone``, ``waiting`` or ``unknown``.

    A gateway that can be asked is asked, and the order waits until it knows (it may call the provider: no transaction
    may be open). Else the payment's record decides: a successful transaction finishes it, a failed one undoes it.
    Without any record the gateway may or may not have charged: the order keeps its stock and is marked for people,
    since undoing it could lose a customer's money.
    """
    checkout = Checkout.objects.filter(pk=order.checkout_token).first()
    if checkout is None:
        return "finished"
    payment: Payment | None = checkout.get_last_active_payment()
    told = settled(payment) if payment is not None else None
    if told is Settled.UNKNOWN:
        return "waiting"
    if told is Settled.CHARGED:
        finish_order(order, checkout, checkout.user or AnonymousUser(), "")
        return "finished"
    if told is Settled.NOT_CHARGED:
        undo_order(order)
        return "undone"
    last = payment.get_last_transaction() if payment is not None else None
    if payment is None or (last is not None and last.is_success and not last.action_required):
        if payment is not None:
            gateway.gateway_postprocess(last, payment)  # in case we died before booking; counts a charge once
        finish_order(order, checkout, checkout.user or AnonymousUser(), "")
        return "finished"
    if last is not None:
        undo_order(order)
        return "undone"
    with transaction.atomic():
        rows = lock_rows(Order.objects.filter(pk=order.pk))
        if not rows or not Checkout.objects.filter(pk=checkout.pk).exists():
            return "finished"
        rows[0].store_value_in_private_metadata({ATTENTION_KEY: True})
        rows[0].save(update_fields=["private_metadata"])
        audit.record(OUTCOME_UNKNOWN, order)
    logger.error("payment outcome of order %s is unknown: check it at the gateway", order.pk)
    return "unknown"
