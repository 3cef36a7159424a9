"""What we sold of buses, and how well holds and issues went; rows of whoever looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from plugins.ticketing.kernel.choices import (
    CallKind,
    CallState,
    OrderState,
    RefundCause,
    RefundState,
    TicketState,
    Trade,
)
from plugins.ticketing.kernel.models import RefundItem, SupplierCall, Ticket, TicketOrder
from saleor_o2o.kernel.clock import days_drawn, midnight
from saleor_o2o.kernel.scope import rows_for

from ..models import PaperCount, ShiftDay
from ..services.papers import apart

#: Tickets that were sold, whatever became of them later.
SOLD = (
    TicketState.ISSUED, TicketState.PART_USED, TicketState.USED, TicketState.REFUNDING, TicketState.REFUNDED,
    TicketState.CHANGING, TicketState.CHANGED, TicketState.EXPIRED,
)  # fmt: skip
ZERO = Decimal("0.00")
#: No unit in particular.
EVERYWHERE = Q()


def sold_on(user: Any, day: ShiftDay) -> list[tuple[str, int]]:
    """How many tickets of a bus, by state. One statement."""
    rows = rows_for(user, Ticket).filter(ticket_order__coach_trip__shift_day=day)
    counted = rows.order_by("state").values_list("state").annotate(Count("pk"))
    return [(str(TicketState(state).label), count) for state, count in counted]


def tickets_sold(user: Any, first: date, last: date, right: str, within: Q = EVERYWHERE) -> Any:
    """Coach tickets that were sold in these days (both included). `within`, here and below: of which units."""
    rows = rows_for(user, Ticket, right).filter(
        ticket_order__trade=Trade.COACH, state__in=SOLD, ticket_order__made_at__gte=midnight(first),
        ticket_order__made_at__lt=midnight(last + timedelta(days=1)),
    )  # fmt: skip
    return rows.filter(within)


def by(rows: Any, name: str) -> list[tuple[str, int, Decimal, Decimal, int]]:
    """Tickets, face value, service charges and how many went back, by what `name` says. One statement."""
    found: dict[str, list[Any]] = defaultdict(lambda: [0, ZERO, ZERO, 0])
    told = rows.order_by().values_list(name, "state").annotate(Count("pk"), Sum("face"), Sum("service"))
    for key, state, count, face, service in told:
        one = found[key or "—"]
        one[0] += count
        one[1] += face
        one[2] += service
        one[3] += count if state == TicketState.REFUNDED else 0
    return [(key, *told) for key, told in sorted(found.items(), key=lambda pair: (-pair[1][1], pair[0]))]


def by_day(rows: Any, first: date, last: date) -> list[tuple[date, int, int]]:
    """Tickets sold and of these given back, for every day of a span of a year or less, else for those with
    any. One statement."""
    told = (
        rows.order_by()
        .annotate(on=TruncDate("ticket_order__made_at"))
        .values_list("on", "state")
        .annotate(Count("pk"))
    )
    found = {on: [0, 0] for on in days_drawn(first, last)}
    for on, state, count in told:
        one = found.setdefault(on, [0, 0])
        one[0] += count
        one[1] += count if state == TicketState.REFUNDED else 0
    return [(on, sold, back) for on, (sold, back) in sorted(found.items())]


def refunds(
    user: Any, first: date, last: date, right: str, within: Q = EVERYWHERE
) -> list[tuple[str, str, int, Decimal, Decimal, Decimal]]:
    """Tickets asked back in these days by cause and state: how many, fees, what customers and suppliers give. Yuan."""
    rows = rows_for(user, RefundItem, right).filter(
        kept=False, refund__ticket_order__trade=Trade.COACH, refund__asked_at__gte=midnight(first),
        refund__asked_at__lt=midnight(last + timedelta(days=1)),
    )  # fmt: skip
    rows = rows.filter(within)
    told = (
        rows.order_by("refund__cause", "refund__state")
        .values_list("refund__cause", "refund__state")
        .annotate(Count("pk"), Sum("fee"), Sum("due"), back=Sum("supplier_back"))
    )
    return [
        (
            str(RefundCause(cause).label), str(RefundState(state).label), count, fee or ZERO, due or ZERO, back or ZERO,
        )
        for cause, state, count, fee, due, back in told
    ]  # fmt: skip


def success(
    user: Any, first: date, last: date, right: str, within: Q = EVERYWHERE
) -> list[tuple[str, str, int, int, str, str]]:
    """By network and call: how many, how many were done, the share, and the mean seconds to the answer."""
    calls = rows_for(user, SupplierCall, right).filter(
        ticket_order__trade=Trade.COACH, kind__in=(CallKind.LOCK, CallKind.ISSUE, CallKind.REFUND),
        sent_at__gte=midnight(first), sent_at__lt=midnight(last + timedelta(days=1)),
    )  # fmt: skip
    rows = (
        calls.filter(within)
        .order_by()
        .values_list("supplier__name", "kind", "state")
        .annotate(Count("pk"), took=Sum(F("answered_at") - F("sent_at")))
    )
    found: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, 0, timedelta(0)])
    for name, kind, state, count, took in rows:
        one = found[name, kind]
        one[0] += count
        if state == CallState.DONE:
            one[1] += count
            one[2] += took or timedelta(0)
    return [
        (
            name, str(CallKind(kind).label), total, done, f"{done * 100 / total:.1f}%",
            f"{took.total_seconds() / done:.1f}" if done else "—",
        )
        for (name, kind), (total, done, took) in sorted(found.items())
    ]  # fmt: skip


#: Orders that did not become tickets, or wait for them.
ODD = (OrderState.HOLD_FAILED, OrderState.ISSUE_FAILED, OrderState.PAID, OrderState.ISSUING)


def odd_counts(
    user: Any, first: date, last: date, right: str, within: Q = EVERYWHERE
) -> list[tuple[str, int]]:
    """How many orders of these days did not become tickets, or wait for them, by state. One statement."""
    rows = (
        _odd(user, first, last, right)
        .filter(within)
        .order_by("state")
        .values_list("state")
        .annotate(Count("pk"))
    )
    return [(str(OrderState(state).label), count) for state, count in rows]


def _odd(user: Any, first: date, last: date, right: str) -> Any:
    return rows_for(user, TicketOrder, right).filter(
        trade=Trade.COACH,
        made_at__gte=midnight(first),
        made_at__lt=midnight(last + timedelta(days=1)),
        state__in=ODD,
    )


def abnormal(
    user: Any, first: date, last: date, right: str, within: Q = EVERYWHERE
) -> Iterable[tuple[str, str, str, str]]:
    """Orders that did not become tickets, or wait too long; the newest hundred."""
    rows = _odd(user, first, last, right).filter(within)
    return [
        (one.number, one.title, str(one.get_state_display()), one.why)
        for one in rows.order_by("-pk").select_related("supplier")[:100]
    ]


def papers(rows: Any) -> list[tuple[str, int, int, int]]:
    """Paper tickets by unit: sheets in stock, in clerks' hands, used."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    told = rows.order_by().values_list("unit__name", "state", "first", "last", "next")
    for name, state, first, last, upcoming in told:
        one = found[name]
        one[1 if state == "in_use" else 0] += last - upcoming + 1
        one[2] += upcoming - first
    return [(name, stored, held, used) for name, (stored, held, used) in sorted(found.items())]


def counted_apart(
    user: Any, first: date, last: date, right: str, within: Q = EVERYWHERE
) -> list[tuple[str, str, str, int, str, str]]:
    """Counts of paper tickets of these days that found something else than the system: unit, clerk, sheets, difference,
    why, what became of it; the newest hundred."""
    rows = rows_for(user, PaperCount, right).filter(
        within, at__gte=midnight(first), at__lt=midnight(last + timedelta(days=1))
    )
    found = apart(rows).select_related("range__unit", "by").order_by("-pk")[:100]
    return [
        (
            one.range.unit.name, one.by.first_name, str(one.range), one.difference, one.note,
            one.settled_note or "—",
        )
        for one in found
    ]  # fmt: skip
