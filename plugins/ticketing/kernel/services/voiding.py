"""An order whose money went back another way (the dashboard, the till, a cancellation) leaves no valid tickets."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.ordering.interfaces import CancelReason, sync_order

from ..choices import ChangeState, DeskKind, RefundCause
from ..models import ChangeRequest, MoneyBack, Ticket, TicketOrder
from .attention import call_people
from .refunding import LIVE, left_of, refund_without_asking
from .replies import waiting

logger = logging.getLogger(__name__)


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

    A part that went back past us is looked at by people: they know for which ticket it was. So is a ticket order that
    cannot be taken back, which keeps no other one valid. How many ticket orders were taken back; again: none. Locks as
    `refund_without_asking`, order by order. Raises LockTimeout, after the others.
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
    elsewhere = profile.refunded > _by_us(order_id)
    whole = 0 < found[0].order.total_gross_amount <= profile.refunded and elsewhere  # type: ignore[union-attr]
    # an order also closes where we gave back all of its money: what cost nothing beside it still counts
    if profile.closed_at is not None and (elsewhere or profile.cancel_reason != CancelReason.REFUNDED):
        whole = True
    done = 0
    busy: LockTimeout | None = None
    for order in found:
        live = [one for one in Ticket.objects.filter(ticket_order=order, state__in=LIVE) if left_of(one)]
        # a refund that a merchant has not agreed to gives way to money that is back already
        asked = whole and waiting(Q(ticket_order=order)).exists()
        if not live and not asked:
            continue
        if whole:
            try:
                done += _void(order, order_id)
            except LockTimeout as timeout:
                busy = timeout
            except DomainError as refusal:
                logger.warning("tickets of %s are not taken back: %s", order.number, refusal.code)
                with transaction.atomic():
                    why = _("订单已退款或取消，票没有收回：%(why)s") % {"why": refusal.in_words}
                    call_people(order, DeskKind.REFUND, why)
        elif elsewhere:
            with transaction.atomic():
                call_people(order, DeskKind.REFUND, _("订单在别处退过部分款，请核对是否退票"))
    if busy is not None:
        raise busy
    return done


def _void(order: TicketOrder, order_id: Any) -> bool:
    key = f"void:{order_id}:{order.pk}:{order.refunds.count()}"
    reason = _("订单已退款或取消")
    return refund_without_asking(order, key, cause=RefundCause.ORDER, reason=reason) is not None


def _by_us(order_id: int) -> Decimal:
    """What we have asked the cashier to give back; of what was asked for again (`giving_back.try_again`) once."""
    asked: dict[str, Decimal] = {}
    for one in MoneyBack.objects.filter(order_id=order_id, asked_at__isnull=False):
        stem = one.key.partition("#")[0]
        asked[stem] = max(asked.get(stem, Decimal(0)), one.amount)
    return sum(asked.values(), Decimal(0))
