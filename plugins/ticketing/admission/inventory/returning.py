"""Tickets that are given back, at once or at the product's time of day, and what was held too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.locks import lock_rows, require_transaction
from saleor_o2o.kernel.sweeping import sum_each

from ..choices import SeatState, TakingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import AdmissionProduct, Returning, SessionSeat, Taking
from .holding import release, units_of
from .quotas import put_back

#: How long after its end a hold is swept: its order closes it before, this is for those that died.
GRACE = timedelta(minutes=10)


def returns_at(product: AdmissionProduct, moment: datetime) -> datetime | None:
    """When what is given back now is sold again: the product's next time of day; None: at once."""
    if product.returns_daily_at is None:
        return None
    local = moment.astimezone(SHANGHAI)
    due = datetime.combine(local.date(), product.returns_daily_at, tzinfo=SHANGHAI)
    return due if due > moment else due + timedelta(days=1)


def release_tickets(
    hold: str, ticket_class: int, quantity: int, *, seats: Sequence[int] = (), at_once: bool = False
) -> datetime | None:
    """Give back so many tickets of a class that a hold has, with the seats (keys of the map's) that belong to them.

    Returns when they are sold again; None: now. `at_once` for what the buyers must not wait for. Locks: the hold's
    records, seats, quotas. Raises HOLD_LOST for more than it has, SEAT_UNKNOWN for seats that it has not.
    """
    require_transaction()
    rows = lock_rows(
        Taking.objects.filter(hold=hold, ticket_class=ticket_class)
        .exclude(state=TakingState.RELEASED)
        .select_related("ticket_class__product")
    )
    if sum(row.quantity for row in rows) < quantity or quantity < 1:
        raise AdmissionError(Code.HOLD_LOST, _("没有这么多票可以退回"), "quantity", _("请刷新后核对"))
    product = rows[0].ticket_class.product
    due = None if at_once else returns_at(product, now())
    if seats:
        own = SessionSeat.objects.filter(hold=hold, ticket_class=ticket_class, seat__in=seats)
        fresh = SeatState.FREE if due is None else SeatState.RETURNING
        if own.update(state=fresh, hold="", until=due, ticket_class=None) != len(set(seats)):
            raise AdmissionError(Code.SEAT_UNKNOWN, _("座位与票不符"), "seats", _("请刷新后核对"))
    left = quantity
    parts: list[tuple[list[int], int]] = []
    for row in rows:
        some = min(row.quantity, left)
        left -= some
        if some:
            gone = {"state": TakingState.RELEASED} if some == row.quantity else {}
            Taking.objects.filter(pk=row.pk).update(
                quantity=row.quantity if gone else F("quantity") - some, **gone
            )
            parts.append((row.quotas, some))
    if due is None:
        put_back(units_of(parts))
        return None
    Returning.objects.bulk_create(
        Returning(hold=hold, quotas=quotas, quantity=count, due_at=due) for quotas, count in parts if quotas
    )
    return due


@transaction.atomic
def return_due(moment: datetime | None = None) -> int:
    """Sell again what was given back and whose time has come; returns how many seats and units.

    Locks: what is due, skipping what others work on; seats; quotas.
    """
    when = moment or now()
    rows = list(
        Returning.objects.filter(due_at__lte=when, done_at=None)
        .order_by("pk")
        .select_for_update(skip_locked=True, of=("self",))[:500]
    )
    Returning.objects.filter(pk__in=[row.pk for row in rows]).update(done_at=when)
    seats = SessionSeat.objects.filter(state=SeatState.RETURNING, until__lte=when).update(
        state=SeatState.FREE, until=None
    )
    put_back(units_of((row.quotas, row.quantity) for row in rows))
    return seats + sum(row.quantity for row in rows)


def sweep_expired(moment: datetime | None = None) -> int:
    """Let go of holds whose time was over a while ago; returns how many units. One transaction per hold."""
    when = (moment or now()) - GRACE
    due = Taking.objects.filter(state=TakingState.HELD, until__lt=when).order_by("until")

    @transaction.atomic
    def let_go(hold: str) -> int:
        # its time may have been extended since it was looked up
        return release(hold) if lock_rows(due.filter(hold=hold)) else 0

    return sum_each(dict.fromkeys(due.values_list("hold", flat=True)[:500]), let_go, "end of hold")
