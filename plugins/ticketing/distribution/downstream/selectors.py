"""Reads for pages of resellers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder

from .choices import EntryKind
from .models import ResellerEntry, ResellerOrder

ZERO = Decimal("0.00")


def is_resold(order: TicketOrder) -> bool:
    """Whether a reseller bought a ticket order: it answers to its own customers, and only it gives back."""
    return ResellerOrder.objects.filter(ticket_order=order).exists()


@dataclass(frozen=True, slots=True)
class Statement:
    """A reseller's deposit over some days, in yuan: `opening` + all movements = `closing`."""

    name: str
    opening: Decimal
    top_up: Decimal
    order: Decimal
    release: Decimal
    refund: Decimal
    adjust: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.top_up + self.order + self.release + self.refund + self.adjust


def statements(rows: QuerySet[ResellerEntry], first: date, last: date) -> list[Statement]:
    """A statement for each reseller with entries until the last day, both days included. One statement."""
    within = Q(day__gte=first, day__lte=last)
    sums: dict[str, Any] = {
        f"sum_{kind.value}": Sum("amount", filter=within & Q(kind=kind), default=ZERO) for kind in EntryKind
    }
    found: Any = (
        rows.filter(day__lte=last)
        .order_by("reseller__name", "reseller")
        .values("reseller", "reseller__name")
        .annotate(opening=Sum("amount", filter=Q(day__lt=first), default=ZERO), **sums)
    )
    return [
        Statement(
            one["reseller__name"], one["opening"],
            *(one[f"sum_{kind}"] for kind in ("top_up", "order", "release", "refund", "adjust")),
        )
        for one in found
    ]  # fmt: skip


def classes_sold(entries: QuerySet[ResellerEntry]) -> Sequence[tuple[Any, ...]]:
    """Of orders paid for by these entries: reseller, trip, class, tickets, price, cost, tickets given back."""
    orders = entries.filter(kind=EntryKind.ORDER).order_by().values("order")
    rows = Ticket.objects.filter(
        ticket_order__order__in=orders, ticket_order__o2o_resale__isnull=False
    ).exclude(state__in=(TicketState.HELD, TicketState.VOID))
    return list(
        rows.order_by("ticket_order__o2o_resale__reseller__name", "ticket_order__title", "fare_name").values_list(
            "ticket_order__o2o_resale__reseller__name", "ticket_order__title", "fare_name"
        ).annotate(Count("pk"), Sum("price"), Sum("cost"), back_count=Count("pk", filter=Q(state=TicketState.REFUNDED)))
    )  # fmt: skip
