"""缺货登记: who waits is offered what comes back, first come first served, for some hours; then the next one is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows, require_transaction
from saleor_o2o.kernel.scope import OutOfScope
from saleor_o2o.kernel.states import move_locked

from ..candidates import Visit
from ..choices import SaleChannel, WaitingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..events import TicketsOffered
from ..inventory import Wish, release, take
from ..models import Session, Slot, TicketClass, Waiting
from .wishing import span_of

#: Somebody who waits is offered so many at a time at most.
MOST = 6


def _visit(kind: TicketClass, session: Session | None, slot: Slot | None, day: date | None) -> Visit:
    return Visit(kind.product, [kind], SaleChannel.ONLINE, session, slot, day)


@transaction.atomic
def wait(
    user: Any, kind: TicketClass, quantity: int, *, session: Session | None = None, slot: Slot | None = None,
    day: date | None = None,
) -> Waiting:  # fmt: skip
    """Wait for tickets of something that is on sale and has none left.

    Raises SIGN_IN_REQUIRED, COUNT, WAITING_CLOSED, ALREADY_WAITING, and what says that it cannot be bought at all.
    """
    if not getattr(user, "is_authenticated", False):
        raise AdmissionError(Code.SIGN_IN_REQUIRED, _("请先登录，有票时通知您"))
    if kind.product.waiting_hours is None:
        raise AdmissionError(Code.WAITING_CLOSED, _("这个产品没有开放缺货登记"))
    if not 1 <= quantity <= min(MOST, kind.max_per_order):
        raise AdmissionError(
            Code.COUNT,
            _("缺货登记每次 1 至 %(most)d 张") % {"most": min(MOST, kind.max_per_order)},
            "quantity",
        )
    if {one.product_id for one in (session, slot) if one is not None} - {kind.product_id}:
        raise AdmissionError(Code.NOT_FOUND, _("没有这个场次或时段"), "session")
    span_of(_visit(kind, session, slot, day), now())
    try:
        with transaction.atomic():
            return Waiting.objects.create(
                user=user, ticket_class=kind, session=session, slot=slot, day=day, quantity=quantity
            )
    except IntegrityError:
        raise AdmissionError(
            Code.ALREADY_WAITING, _("您已登记过，有票时会通知您"), hint=_("可在“我的票务”里查看或取消")
        ) from None


@transaction.atomic
def give_up(user: Any, pk: int) -> Waiting:
    """Wait no more; what was offered goes to the next one. Locks: the row. Raises OutOfScope, IllegalMove."""
    rows = lock_rows(Waiting.objects.filter(pk=pk, user=user if user.is_authenticated else None))
    if not rows:
        raise OutOfScope
    [row] = rows
    if row.hold:
        release(row.hold)
    move_locked(row, "cancel")
    return row


def claim(user: Any, pk: int, ask: Visit, quantity: int, order_number: str) -> Waiting:
    """Let go of an offer in the transaction that takes it for an order, so that nobody comes between.

    What is let go is locked by this transaction until it commits. Locks: the row, the offer's hold. Raises OFFER_OVER.
    """
    require_transaction()
    rows = lock_rows(Waiting.objects.filter(pk=pk, user_id=getattr(user, "pk", None) or 0))
    row = rows[0] if rows else None
    same = row is not None and (row.session_id, row.slot_id) == (
        ask.session.pk if ask.session is not None else None, ask.slot.pk if ask.slot is not None else None,
    )  # fmt: skip
    if (
        row is None
        or not same
        or row.state != WaitingState.OFFERED
        or row.offered_until is None
        or row.offered_until <= now()
        or quantity > row.quantity
        or row.ticket_class_id not in {one.pk for one in ask.classes}
    ):
        raise AdmissionError(
            Code.OFFER_OVER, _("为您保留的票已过时限，或与登记的不同"), hint=_("可以重新登记")
        )
    release(row.hold)
    row.order_number = order_number
    move_locked(row, "buy")
    return row


def offer_all(moment: datetime | None = None) -> int:
    """Offer what is there to those who wait, in the order in which they came; returns to how many.

    Per class and time only the first ones who can be served: nobody overtakes somebody who wants more. One transaction
    per offer. What cannot be bought any more ends the waiting.
    """
    when = moment or now()
    groups: set[tuple[Any, ...]] = set()
    count = 0
    rows = Waiting.objects.filter(state=WaitingState.WAITING).order_by("made_at", "pk")
    for row in rows.select_related("ticket_class__product", "session", "slot")[:500]:
        group = (row.ticket_class_id, row.session_id, row.slot_id, row.day)
        if group in groups:
            continue
        if _offer(row, when):
            count += 1
        else:
            groups.add(group)
    return count


@transaction.atomic
def _offer(row: Waiting, when: datetime) -> bool:
    locked = lock_rows(Waiting.objects.filter(pk=row.pk, state=WaitingState.WAITING))
    if not locked:
        return True
    [fresh] = locked
    kind = row.ticket_class
    try:
        span = span_of(_visit(kind, row.session, row.slot, row.day), when)
    except AdmissionError as error:
        if error.code in {Code.NOT_YET_OPEN, Code.SESSION_STATE}:
            return False
        move_locked(fresh, "cancel", reason=error.message)
        return True
    until = when + timedelta(hours=kind.product.waiting_hours or 1)
    if span.latest is not None:
        until = min(until, span.latest)
    return give_offer(fresh, kind, row.session, row.slot, row.day, until)


def give_offer(
    row: Waiting, kind: TicketClass, session: Session | None, slot: Slot | None, day: date | None, until: datetime
) -> bool:  # fmt: skip
    """Keep tickets for somebody whose row is *locked*, until a moment, and tell him; False: there are too few."""
    hold = f"HB{row.pk}"
    wish = Wish(
        product=kind.product_id, ticket_class=kind.pk, quantity=row.quantity, channel=SaleChannel.ONLINE,
        session=session.pk if session is not None else None, slot=slot.pk if slot is not None else None,
        day=slot.day if slot is not None else day, seat_map=session.seat_map_id if session is not None else None,
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
