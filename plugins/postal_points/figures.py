"""Figures for accountants: what services gave, by unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from saleor_o2o.kernel.clock import midnight

from .kinds import BusinessState as State
from .kinds import Service
from .models import PostalBusiness


@dataclass(frozen=True, slots=True)
class Row:
    """Of a name (a unit, a service): businesses that stand and their yuan, points that count, wait, were taken back."""

    name: str
    businesses: int
    amount: Decimal
    counted: int
    waiting: int
    reversed: int


def by_unit(rows: QuerySet[PostalBusiness], first: date, last: date) -> list[Row]:
    """Of the businesses done from the first to the last day, both included. One statement."""
    return _sums(rows, first, last, "unit__name")


def by_service(rows: QuerySet[PostalBusiness], first: date, last: date) -> list[Row]:
    """The same by service."""
    labels = {str(value): str(label) for value, label in Service.choices}
    found = _sums(rows, first, last, "service")
    return [
        Row(
            labels.get(row.name, row.name), row.businesses, row.amount, row.counted, row.waiting, row.reversed
        )
        for row in found
    ]


def _sums(rows: QuerySet[PostalBusiness], first: date, last: date, name: str) -> list[Row]:
    span = rows.filter(happened_at__gte=midnight(first), happened_at__lt=midnight(last + timedelta(days=1)))
    told = (
        span.order_by()
        .values_list(name)
        .annotate(
            businesses=Count("pk", filter=~Q(state=State.REVERSED)),
            sum_=Sum("amount", filter=~Q(state=State.REVERSED), default=Decimal(0)),
            counted=Sum("points", filter=Q(state=State.COUNTED), default=0),
            waiting=Sum("points", filter=Q(state=State.WAITING), default=0),
            back=Sum("points", filter=Q(state=State.REVERSED, back_entry__isnull=False), default=0),
        )
        .order_by(name)
    )
    return [Row(*row) for row in told]
