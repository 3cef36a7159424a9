"""Figures of orders: the funnel, timeouts, how long shipping and receiving take, why orders are closed.

They read what each order kept: its path, business line and moments. Orders moved to another unit later stay where they
were made. Every number is of the rows that the caller may see. Refund reasons, methods and fees are the cashier's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncDate

from saleor_o2o.kernel.clock import midnight

from .choices import CancelReason, State
from .models import OrderProfile

#: What people promise: sent within two days of the money, received within seven of sending.
SHIP_WITHIN = timedelta(hours=48)
RECEIVE_WITHIN = timedelta(days=7)
#: A report is of so many days, at most.
MOST_DAYS = 92


@dataclass(slots=True)
class Row:
    """The figures of one group of orders; amounts in yuan, durations in hours."""

    name: str = ""
    placed: int = 0
    paid: int = 0
    shipped: int = 0
    received: int = 0
    completed: int = 0
    closed: int = 0
    timeout: int = 0
    on_time: int = 0
    taken: int = 0
    worth: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    ship_hours: float | None = None
    receive_hours: float | None = None

    @property
    def timeout_rate(self) -> float | None:
        """Of a hundred orders, those that nobody paid in time."""
        return round(100 * self.timeout / self.placed, 1) if self.placed else None

    @property
    def ship_rate(self) -> float | None:
        """Of a hundred sent orders, those sent in time."""
        return round(100 * self.on_time / self.shipped, 1) if self.shipped else None

    @property
    def receive_rate(self) -> float | None:
        """Of a hundred received orders, those received in time."""
        return round(100 * self.taken / self.received, 1) if self.received else None


@dataclass(slots=True)
class Report:
    """The whole, by day, by business line, by unit, and why orders were closed."""

    whole: Row
    days: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    units: list[tuple[str, Row]] = field(default_factory=list)
    reasons: list[tuple[str, int]] = field(default_factory=list)


def report(rows: QuerySet[OrderProfile], first: date, last: date, below: Sequence[str] = ()) -> Report:
    """The figures of orders placed from `first` to `last` (both included), among `rows`, the caller's reach.

    `below`: paths under which the units are told apart, one level down (the whole city's areas without any). Five
    statements, whatever the number of orders.
    """
    last = min(last, first + timedelta(days=MOST_DAYS - 1))
    found = rows.filter(
        placed_at__gte=midnight(first), placed_at__lt=midnight(last + timedelta(days=1))
    ).order_by()
    whole = next(iter(_rows(found.annotate(every=Value("")), "every")), Row())
    by_day = {row.name: row for row in _rows(found.annotate(day=TruncDate("placed_at")), "day")}
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return Report(
        whole=whole,
        days=[by_day.get(str(day), Row(str(day))) for day in days],
        lines=_rows(found, "line"),
        units=_units(found, below),
        reasons=_reasons(found),
    )


def _rows(found: QuerySet[Any], by: str) -> list[Row]:
    to_ship = ExpressionWrapper(F("shipped_at") - F("paid_at"), output_field=DurationField())
    to_receive = ExpressionWrapper(F("received_at") - F("shipped_at"), output_field=DurationField())
    rows = (
        found.values(by)
        .annotate(
            n_placed=Count("pk"),
            n_paid=Count("pk", filter=Q(paid_at__isnull=False)),
            n_shipped=Count("pk", filter=Q(shipped_at__isnull=False, paid_at__isnull=False)),
            n_received=Count("pk", filter=Q(received_at__isnull=False)),
            n_completed=Count("pk", filter=Q(state=State.COMPLETED)),
            n_closed=Count("pk", filter=Q(state=State.CLOSED)),
            n_timeout=Count("pk", filter=Q(state=State.CLOSED, cancel_reason=CancelReason.TIMEOUT)),
            n_on_time=Count(
                "pk", filter=Q(paid_at__isnull=False, shipped_at__lte=F("paid_at") + SHIP_WITHIN)
            ),
            n_taken=Count("pk", filter=Q(received_at__lte=F("shipped_at") + RECEIVE_WITHIN)),
            n_worth=Sum("total", filter=Q(paid_at__isnull=False)),
            n_refunded=Sum("refunded"),
            n_ship=Avg(to_ship, filter=Q(paid_at__isnull=False, shipped_at__isnull=False)),
            n_receive=Avg(to_receive, filter=Q(received_at__isnull=False)),
        )
        .order_by(by)
    )
    return [
        Row(
            name=str(row[by]),
            placed=row["n_placed"],
            paid=row["n_paid"],
            shipped=row["n_shipped"],
            received=row["n_received"],
            completed=row["n_completed"],
            closed=row["n_closed"],
            timeout=row["n_timeout"],
            on_time=row["n_on_time"],
            taken=row["n_taken"],
            worth=row["n_worth"] or Decimal(0),
            refunded=row["n_refunded"] or Decimal(0),
            ship_hours=_hours(row["n_ship"]),
            receive_hours=_hours(row["n_receive"]),
        )
        for row in rows
    ]


def _hours(length: timedelta | None) -> float | None:
    return round(length.total_seconds() / 3600, 1) if length is not None else None


def _units(found: QuerySet[Any], below: Sequence[str]) -> list[tuple[str, Row]]:
    """By the unit one level below the asked one: the orders' own paths, cut to that length and added up."""
    sums: dict[str, Row] = {}
    weights: dict[str, list[tuple[float, int, float, int]]] = {}
    for row in _rows(found, "org_path"):
        path = _cut(row.name, below)
        if not path:
            continue
        into = sums.setdefault(path, Row(path))
        for name in (
            "placed", "paid", "shipped", "received", "completed", "closed", "timeout", "on_time", "taken", "worth",
            "refunded",
        ):  # fmt: skip
            setattr(into, name, getattr(into, name) + getattr(row, name))
        weights.setdefault(path, []).append(
            (row.ship_hours or 0.0, row.shipped, row.receive_hours or 0.0, row.received)
        )
    for path, row in sums.items():
        row.ship_hours = _mean([(hours, count) for hours, count, _h, _c in weights[path]])
        row.receive_hours = _mean([(hours, count) for _h, _c, hours, count in weights[path]])
    return sorted(sums.items(), key=lambda pair: -pair[1].placed)


def _mean(pairs: Sequence[tuple[float, int]]) -> float | None:
    count = sum(number for _value, number in pairs)
    return round(sum(value * number for value, number in pairs) / count, 1) if count else None


def _cut(path: str, below: Sequence[str]) -> str:
    parts = [part for part in path.split("/") if part]
    for root in below:
        if path.startswith(root):
            length = len([part for part in root.split("/") if part]) + 1
            return "/" + "/".join(parts[:length]) + "/"
    return "/" + "/".join(parts[:2]) + "/" if parts and not below else ""


def _reasons(found: QuerySet[Any]) -> list[tuple[str, int]]:
    rows = (
        found.filter(state=State.CLOSED).values_list("cancel_reason").annotate(n=Count("pk")).order_by("-n")
    )
    words = dict(CancelReason.choices)
    return [(str(words.get(reason, "未说明")), number) for reason, number in rows]
