"""The job behind `repaid`: whoever should have looked after its commit died, and tickets count whose money is back."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.sweeping import sum_each
from saleor_o2o.ordering.interfaces import CancelReason

from ..choices import DeskKind, DeskState
from ..models import DeskTask, Ticket, TicketOrder
from .refunding import LIVE
from .voiding import void_if_repaid

#: Where the last run ended; lost, the next one begins with the first.
_AT = "o2o.ticketing.left_valid"
#: From what a trip was changed: followed as often as there were changes, it ends at the order that bought the tickets.
_BEFORE = "change_of__ticket_order__"
#: A trip that is over for so long is of no use to anybody.
OVER = timedelta(days=7)
#: What people looked at is left to them for so long.
THEIRS = timedelta(days=1)


def look_at_left(most: int = 50) -> int:
    """Take tickets back whose money is back (`voiding`); how many ticket orders. So many orders in a run.

    The next run goes on behind them: one that breaks each time keeps no other one waiting. What people have on their
    desk, or had within a day, is theirs. Two statements for each of the most changes in a row, and those of each order.
    Locks as `void_if_repaid`.
    """
    after = int(cache.get(_AT) or 0)
    found = _left(after, most)
    done = sum_each(found, void_if_repaid)
    cache.set(_AT, found[-1] if len(found) == most else 0, None)
    return done


def _left(after: int, most: int) -> list[int]:
    """Keys of orders behind `after` whose money is back, or that were cancelled, while tickets of theirs count."""
    looked_at = DeskTask.objects.filter(ticket_order=OuterRef("pk"), kind=DeskKind.REFUND).filter(
        ~Q(state=DeskState.DONE) | Q(done_at__gt=now() - THEIRS)
    )
    rows = TicketOrder.objects.filter(
        Exists(Ticket.objects.filter(ticket_order=OuterRef("pk"), state__in=LIVE)), ~Exists(looked_at),
        ends_at__gt=now() - OVER,
    )  # fmt: skip
    found: set[int] = set()
    way = ""
    while not way or rows.filter(**{f"{way}isnull": False}).exists():
        order = f"{way}order"
        back = Q(**{f"{order}__o2o_profile__refunded__gte": F(f"{order}__total_gross_amount")})
        ended = Q(**{f"{order}__o2o_profile__closed_at__isnull": False}) & ~Q(
            **{f"{order}__o2o_profile__cancel_reason": CancelReason.REFUNDED}
        )
        some = rows.filter(
            back | ended, **{f"{order}__gt": after, f"{order}__total_gross_amount__gt": 0}
        ).order_by(f"{order}_id")
        found.update(some.values_list(f"{order}_id", flat=True).distinct()[:most])
        way += _BEFORE
    return sorted(found)[:most]
