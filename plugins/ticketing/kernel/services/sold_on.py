"""How much is sold of one trip, in orders, tickets and money: what comes back where it does not take place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, DecimalField, F, QuerySet, Sum
from django.db.models.functions import Cast

from saleor_o2o.kernel.money import round_yuan

from ..choices import OrderState
from ..legs import orders_on, tickets_on
from ..models import Ticket, TicketOrder
from .refunding import LIVE

_LEFT = Cast(F("uses") - F("used") - F("back"), DecimalField(max_digits=12, decimal_places=4))
#: What live tickets cost, but for those of their people who went in or went back.
DUE = Sum(F("price") * _LEFT / F("uses"), output_field=DecimalField(max_digits=16, decimal_places=4))


@dataclass(frozen=True, slots=True)
class Sold:
    """Orders and live tickets of a trip; `due`: what these cost, in yuan (what coupons took off is not given back);
    `waiting`: orders that are paid and have no tickets yet."""

    orders: int
    tickets: int
    due: Decimal
    waiting: int


def sold_on(trade: str, key: str, starts_at: datetime) -> Sold:
    """What is sold of a trip (`TicketOrder.key` and its beginning) now. Three statements."""
    found = _live(trade, key, starts_at).aggregate(
        orders=Count("ticket_order", distinct=True), tickets=Count("pk"), due=DUE
    )
    waiting = TicketOrder.objects.filter(
        orders_on(trade, key, starts_at), state__in=(OrderState.PAID, OrderState.ISSUING)
    ).count()
    return Sold(found["orders"], found["tickets"], round_yuan(found["due"] or Decimal(0)), waiting)


def due_on(trade: str, key: str, starts_at: datetime) -> Decimal:
    """What the live tickets of a trip cost now, in yuan: `Sold.due` alone. One statement."""
    return round_yuan(_live(trade, key, starts_at).aggregate(due=DUE)["due"] or Decimal(0))


def _live(trade: str, key: str, starts_at: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.filter(
        tickets_on(trade, key, starts_at), ticket_order__state=OrderState.ISSUED, state__in=LIVE
    )
