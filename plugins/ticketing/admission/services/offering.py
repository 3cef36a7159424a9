"""缺货登记: what is there is offered to who waits, first come first served, for some hours; then to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..choices import ProductState, SaleChannel, WaitingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..events import TicketsOffered, WaitingOver
from ..inventory import Wish, release, take
from ..models import TicketClass, Waiting
from .keeping import Place, place_for, waits_for
from .lots import draws_of, sells_freely
from .wishing import span_of

#: Served of one class and time in one go at most.
MOST = 500
_PLACE = ("ticket_class", "session", "slot", "day")


def offer_all(moment: datetime | None = None) -> int:
    """Offer what is there to those who wait, in the order in which they came; returns for how many something changed.

    Per class and time only the first ones who can be served: nobody overtakes somebody who wants more. Every class and
    time has its turn, however many wait for another one. One transaction per offer. What cannot be bought any more ends
    the waiting.
    """
    when = moment or now()
    waiting = Waiting.objects.filter(state=WaitingState.WAITING)
    places = list(waiting.order_by().values(*_PLACE).annotate(first=Min("made_at")).order_by("first"))
    count = 0
    for place in places:
        at = Q(
            **{name if place[name] is not None else f"{name}__isnull": place[name] or True for name in _PLACE}
        )
        rows = waiting.filter(at).select_related("ticket_class__product", "session", "slot")
        for row in rows.order_by("made_at", "pk")[:MOST]:
            if not _offer(row, when):
                break
            count += 1
    return count


@transaction.atomic
def _offer(row: Waiting, when: datetime) -> bool:
    """Offer somebody what he waits for, or end his waiting; False: not yet, nor to anybody behind him."""
    locked = lock_rows(Waiting.objects.filter(pk=row.pk, state=WaitingState.WAITING))
    if not locked:
        return True
    [fresh] = locked
    kind = row.ticket_class
    if kind.product.state == ProductState.PAUSED:
        return False
    place = place_for(kind, row.session, row.slot, row.day)
    try:
        if kind.product.state != ProductState.ON_SALE or not kind.active:
            raise AdmissionError(Code.NOT_ON_SALE, _("已停止销售"))
        span = span_of(waits_for(kind, place), when)
    except AdmissionError as error:
        if error.code in {Code.NOT_YET_OPEN, Code.SESSION_STATE}:
            return False
        _end(fresh, kind, error.message)
        return True
    if not all(sells_freely(one, when) for one in draws_of(place[0], [kind])):
        return False
    until = when + timedelta(hours=kind.product.waiting_hours or 1)
    if span.latest is not None:
        until = min(until, span.latest)
    return give_offer(fresh, kind, place, until)


def give_offer(row: Waiting, kind: TicketClass, place: Place, until: datetime) -> bool:
    """Keep tickets for somebody whose row is *locked*, until a moment, and tell him; False: there are too few."""
    session, slot, _day = place
    hold = f"HB{row.pk}"
    wish = Wish(
        product=kind.product_id, ticket_class=kind.pk, quantity=row.quantity, channel=SaleChannel.ONLINE,
        session=session.pk if session is not None else None, slot=slot.pk if slot is not None else None,
        day=waits_for(kind, place).day, seat_map=session.seat_map_id if session is not None else None,
        category=kind.category,
    )  # fmt: skip
    try:
        take(hold, [wish], until)
    except AdmissionError:
        return False
    row.hold, row.offered_until = hold, until
    move_locked(row, "offer")
    publish(
        TicketsOffered(waiting_id=row.pk, user_id=row.user_id, product=kind.product.name, until=until),
        key=f"waiting:{row.pk}",
    )
    return True


def end_offers(moment: datetime | None = None) -> int:
    """Let go of what was offered and not ordered in time; returns how many. One transaction each."""
    when = moment or now()
    due = Waiting.objects.filter(state=WaitingState.OFFERED, offered_until__lte=when)
    keys: Sequence[int] = list(due.order_by("offered_until").values_list("pk", flat=True)[:500])
    count = 0
    for pk in keys:
        with transaction.atomic():
            rows = lock_rows(due.filter(pk=pk))
            if rows:
                release(rows[0].hold)
                move_locked(rows[0], "expire")
                count += 1
    return count


def end_session(session: int, why: Text) -> int:
    """Nobody waits for a session that does not take place, and what was offered is let go; they are told.

    Returns how many. One transaction each; again: nothing.
    """
    live = Waiting.objects.filter(session=session, state__in=(WaitingState.WAITING, WaitingState.OFFERED))
    count = 0
    for pk in list(live.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            rows: Any = lock_rows(live.filter(pk=pk).select_related("ticket_class__product"))
            for row in rows:
                if row.hold:
                    release(row.hold)
                _end(row, row.ticket_class, why)
                count += 1
    return count


def _end(row: Waiting, kind: TicketClass, why: Text) -> None:
    """A *locked* row ends without tickets; he is told."""
    move_locked(row, "cancel", reason=str(why))
    publish(
        WaitingOver(waiting_id=row.pk, user_id=row.user_id, product=kind.product.name, why=str(why)),
        key=f"waiting:{row.pk}",
    )
