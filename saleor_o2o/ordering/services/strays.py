"""Ordering's checks for orphans: orders without a payment, stock without an order, states that stayed behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.models import Fulfillment, Order, OrderLine
from saleor.payment.models import Payment
from saleor.warehouse.models import Allocation

from saleor_o2o.cashier.interfaces import is_deferred, is_paid, open_intent, register_check
from saleor_o2o.cashier.services.orphans import LIMIT, Check, Stray
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..choices import State
from ..models import OrderProfile
from .syncing import money_of, sync_order

#: What is younger is still being worked on.
YOUNG = timedelta(minutes=10)
#: How far back is looked for what goes wrong when an order is made, and for money of orders that were cancelled.
WINDOW, LONG = timedelta(days=7), timedelta(days=90)
OVER = (OrderStatus.CANCELED, OrderStatus.DRAFT)


def _subject(order_id: int) -> str:
    return f"order.Order:{order_id}"


def _order_without_intent() -> Iterator[Stray]:
    """To be paid later, and nobody would ever ask for it or free its stock."""
    moment = now()
    waiting = OrderProfile.objects.filter(
        state=State.PENDING_PAYMENT, placed_at__range=(moment - WINDOW, moment - YOUNG)
    )
    payments = (
        Payment.objects.filter(
            order__in=waiting.values("order"), is_active=True, intent__isnull=True, captured_amount=0
        )
        .exclude(order__status__in=OVER)
        .order_by("pk")[:LIMIT]
    )
    for payment in payments:
        if is_deferred(payment.gateway):
            yield Stray(
                _subject(payment.order_id), payment.pk, payment.order_id, payment.total, payment.gateway
            )


@transaction.atomic
def _open(stray: Stray) -> bool:
    """Locks the order. From now on it is paid or closed as any other."""
    assert stray.order_id is not None  # noqa: S101 - found by its order
    order = lock_rows(Order.objects.filter(pk=stray.order_id))[0]
    payment = Payment.objects.get(pk=stray.key)
    if order.status in OVER or not payment.is_active or payment.captured_amount:
        return False
    grace = now() + timedelta(minutes=settings.O2O_CASHIER["PAY_MINUTES"])
    planned = OrderProfile.objects.values_list("pay_by", flat=True).get(pk=order.pk)
    open_intent(order, payment, expires_at=max(planned or grace, grace))
    return True


def _stock_of_cancelled() -> Iterator[Stray]:
    held = (
        Allocation.objects.filter(quantity_allocated__gt=0, order_line__order__status=OrderStatus.CANCELED)
        .order_by()
        .values_list("order_line__order")
        .annotate(pieces=Sum("quantity_allocated"))
    )
    for order_id, pieces in held.order_by("order_line__order")[:LIMIT]:
        yield Stray(_subject(order_id), order_id, order_id, None, str(_("占用 %(n)s 件") % {"n": pieces}))


@transaction.atomic
def _free(stray: Stray) -> bool:
    """Locks the order, then its allocations."""
    order = lock_rows(Order.objects.filter(pk=stray.key))[0]
    if order.status != OrderStatus.CANCELED:
        return False
    rows = lock_rows(Allocation.objects.filter(order_line__order=order, quantity_allocated__gt=0))
    Allocation.objects.filter(pk__in=[row.pk for row in rows]).update(quantity_allocated=0)
    return True


def _stock_beyond_line() -> Iterator[Stray]:
    """More is held than is still to be sent: people look, for goods may be packed already."""
    held = (
        Allocation.objects.filter(order_line=OuterRef("pk"), quantity_allocated__gt=0)
        .order_by()
        .values("order_line")
        .annotate(pieces=Sum("quantity_allocated"))
        .values("pieces")
    )
    live = Allocation.objects.filter(quantity_allocated__gt=0).values("order_line")
    lines = OrderLine.objects.filter(pk__in=live).exclude(order__status__in=OVER)
    lines = lines.annotate(held=Coalesce(Subquery(held, output_field=IntegerField()), 0))
    for line in lines.filter(held__gt=F("quantity") - F("quantity_fulfilled")).order_by("pk")[:LIMIT]:
        left = line.quantity - line.quantity_fulfilled
        note = _("占用 %(held)s 件，待发 %(left)s 件") % {"held": line.held, "left": left}
        yield Stray(f"order.OrderLine:{line.pk}", line.pk, line.order_id, None, str(note))


def _paid_but_waiting() -> Iterator[Stray]:
    """The money is here, and the order still asks for it."""
    waiting = OrderProfile.objects.filter(state=State.PENDING_PAYMENT, placed_at__gte=now() - WINDOW)
    paid = waiting.filter(order__payment_intents__state="paid").exclude(order__status__in=OVER)
    for profile in paid.order_by("pk")[:LIMIT]:
        yield Stray(_subject(profile.pk), profile.pk, profile.pk, profile.total, profile.number)


def _sync(stray: Stray) -> bool:
    """Locks as `sync_order`."""
    sync_order(stray.key)
    return is_paid(stray.key) and OrderProfile.objects.get(pk=stray.key).state != State.PENDING_PAYMENT


def _money_of_cancelled() -> Iterator[Stray]:
    """Cancelled with nothing handed over, and the money is still ours: people give it back, or say why not."""
    moment = now()
    sent = Fulfillment.objects.filter(order=OuterRef("order"), status=FulfillmentStatus.FULFILLED)
    closed = OrderProfile.objects.filter(
        state=State.CLOSED,
        closed_at__range=(moment - LONG, moment - YOUNG),
        order__status=OrderStatus.CANCELED,
    )
    owing = closed.filter(order__payments__captured_amount__gt=0).exclude(Exists(sent)).distinct()
    for profile in owing.order_by("pk")[:LIMIT]:
        yield Stray(
            _subject(profile.pk), profile.pk, profile.pk, money_of(profile.pk).captured, profile.number
        )


CHECKS = (
    Check("order_without_intent", _("有单无支付单"), _order_without_intent, _open),
    Check("stock_of_cancelled", _("已取消订单占着库存"), _stock_of_cancelled, _free),
    Check("stock_beyond_line", _("占用多于待发"), _stock_beyond_line),
    Check("paid_but_waiting", _("已付款订单仍待付款"), _paid_but_waiting, _sync),
    Check("money_of_cancelled", _("订单已取消，款项未退"), _money_of_cancelled),
)


def register_checks() -> None:
    """Have the cashier's job ask these."""
    for check in CHECKS:
        register_check(check)
