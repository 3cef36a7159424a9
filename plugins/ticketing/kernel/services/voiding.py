"""An order whose money went back another way (the dashboard, the till, a cancellation) leaves no valid tickets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from saleor_o2o.ordering.interfaces import sync_order

from ..choices import ChangeState, DeskKind, RefundCause
from ..models import ChangeRequest, MoneyBack, Ticket, TicketOrder
from .attention import call_people
from .refunding import LIVE, left_of, refund_without_asking
from .replies import waiting


def orders_of(order_id: int) -> list[TicketOrder]:
    """The ticket orders that an order bought, and what they were changed to since."""
    found = list(TicketOrder.objects.filter(order_id=order_id).order_by("pk"))
    known = {one.pk for one in found}
    while True:
        more = TicketOrder.objects.filter(change_of__ticket_order__in=known).exclude(pk__in=known)
        fresh = list(more.order_by("pk"))
        if not fresh:
            return found
        found += fresh
        known |= {one.pk for one in fresh}


def void_if_repaid(order_id: Any) -> int:
    """Where all of an order's money is back, or it was cancelled, its tickets go back to the supplier too.

    A part that went back past us is looked at by people: they know for which ticket it was. How many ticket orders
    were taken back; again: none. Locks as `refund_without_asking`, order by order.
    """
    found = orders_of(order_id)
    changes = ChangeRequest.objects.filter(difference_order=order_id, state=ChangeState.DONE)
    differences = list(changes.select_related("ticket_order"))
    if not found and not differences:
        return 0
    profile = sync_order(order_id)
    if profile is None:
        return 0
    if differences and profile.refunded > _by_us(order_id):
        with transaction.atomic():
            for one in differences:
                call_people(one.ticket_order, DeskKind.REFUND, _("改签差价在别处退过款，请核对新票是否收回"))
    if not found:
        return 0
    whole = profile.closed_at is not None or 0 < found[0].order.total_gross_amount <= profile.refunded  # type: ignore[union-attr]
    done = 0
    for order in found:
        live = [one for one in Ticket.objects.filter(ticket_order=order, state__in=LIVE) if left_of(one)]
        # a refund that a merchant has not agreed to gives way to money that is back already
        asked = whole and waiting(Q(ticket_order=order)).exists()
        if not live and not asked:
            continue
        if whole:
            key = f"void:{order_id}:{order.pk}:{order.refunds.count()}"
            reason = _("订单已退款或取消")
            if refund_without_asking(order, key, cause=RefundCause.ORDER, reason=reason) is not None:
                done += 1
        elif profile.refunded > _by_us(order_id):
            with transaction.atomic():
                call_people(order, DeskKind.REFUND, _("订单在别处退过部分款，请核对是否退票"))
    return done


def _by_us(order_id: int) -> Decimal:
    rows = MoneyBack.objects.filter(order_id=order_id, asked_at__isnull=False)
    return sum((one.amount for one in rows), Decimal(0))
