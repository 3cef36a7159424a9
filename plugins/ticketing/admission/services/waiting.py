"""缺货登记: who finds nothing waits for what comes back, and takes what he is offered (`offering`) for an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows, require_transaction
from saleor_o2o.kernel.scope import OutOfScope
from saleor_o2o.kernel.states import move_locked

from ..candidates import Visit, is_own
from ..choices import ProductState, SaleChannel, WaitingState
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..inventory import release
from ..models import Draw, Session, Slot, TicketClass, Waiting
from . import limits
from .keeping import place_for, spare_for, waits_for
from .lots import check_free, draws_of
from .queueing import check_turn, queue_of
from .wishing import prices_for, span_of

#: Somebody who waits is offered so many at a time at most.
MOST = 6
_LIVE = (WaitingState.WAITING, WaitingState.OFFERED)


@transaction.atomic
def wait(
    user: Any, kind: TicketClass, quantity: int, *, session: Session | None = None, slot: Slot | None = None,
    day: date | None = None,
) -> Waiting:  # fmt: skip
    """Wait for tickets of something that is on sale and has none left; once per class and time.

    Whoever could not buy cannot wait either: his turn in the queue, the lot and the account's limit count here as
    there. Raises SIGN_IN_REQUIRED, COUNT, WAITING_CLOSED, ALREADY_WAITING, STILL_LEFT, LIMIT_REACHED, what queues and
    draws say, and what says that it cannot be bought at all.
    """
    if not getattr(user, "is_authenticated", False):
        raise AdmissionError(Code.SIGN_IN_REQUIRED, _("请先登录，有票时通知您"))
    product = kind.product
    if product.waiting_hours is None or not is_own(product):
        raise AdmissionError(Code.WAITING_CLOSED, _("这个产品没有开放缺货登记"))
    if product.state != ProductState.ON_SALE or not kind.active or SaleChannel.ONLINE not in kind.channels:
        raise AdmissionError(Code.NOT_ON_SALE, _("所选票类不在售"), "ticketClass")
    if not 1 <= quantity <= min(MOST, kind.max_per_order):
        raise AdmissionError(
            Code.COUNT,
            _("缺货登记每次 1 至 %(most)d 张") % {"most": min(MOST, kind.max_per_order)},
            "quantity",
        )
    if {one.product_id for one in (session, slot) if one is not None} - {kind.product_id}:
        raise AdmissionError(Code.NOT_FOUND, _("没有这个场次或时段"), "session")
    place = place_for(kind, session, slot, day)
    visit = waits_for(kind, place)
    prices_for(visit, span_of(visit, now()))
    mine = {"ticket_class": kind, "session": place[0], "slot": place[1], "day": place[2]}
    if Waiting.objects.filter(user=user, state__in=_LIVE, draw=None, **mine).exists():
        raise _twice()
    check_free(draws_of(place[0], [kind]))
    check_turn(user, queue_of(product))
    spare = spare_for(visit)
    if spare is None:
        raise AdmissionError(
            Code.NOT_ON_SALE, _("所选日期或场次还没有开放"), "day", _("请选择其他日期、场次")
        )
    if spare > 0:
        raise AdmissionError(
            Code.STILL_LEFT, _("还有 %(left)d 张，可以直接购买") % {"left": spare}, "quantity",
            _("请减少张数下单；售完后才能登记"),
        )  # fmt: skip
    limits.check_account(visit, user.pk, quantity + _waited_by(user, kind, mine), limits.rules_of(product))
    try:
        with transaction.atomic():
            return Waiting.objects.create(user=user, quantity=quantity, **mine)
    except IntegrityError:
        raise _twice() from None


def _twice() -> AdmissionError:
    return AdmissionError(
        Code.ALREADY_WAITING, _("您已登记过，有票时会通知您"), hint=_("可在“我的票务”里查看或取消")
    )


def _waited_by(user: Any, kind: TicketClass, mine: Mapping[str, Any]) -> int:
    """How many tickets of other classes somebody waits for, or is offered, at the same time."""
    rows = Waiting.objects.filter(user=user, state__in=_LIVE, ticket_class__product=kind.product_id)
    rows = rows.filter(session=mine["session"], slot=mine["slot"], day=mine["day"])
    return sum(rows.values_list("quantity", flat=True))


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


def claim(user: Any, pk: int, ask: Visit, quantity: int, order_number: str, draws: Iterable[Draw]) -> Waiting:
    """Let go of an offer in the transaction that takes it for an order, so that nobody comes between.

    It is good for just what was offered: the class, the session, slot or day, and no more tickets; `draws` are those
    of what is ordered, of which only the one that was won is open to him. What is let go is locked by this transaction
    until it commits. Locks: the row, the offer's hold. Raises OFFER_OVER, DRAW_ONLY.
    """
    require_transaction()
    mine = Waiting.objects.filter(pk=pk, user_id=getattr(user, "pk", None) or 0)
    rows = lock_rows(mine.select_related("ticket_class", "session", "slot"))
    row = rows[0] if rows else None
    if (
        row is None
        or row.state != WaitingState.OFFERED
        or row.offered_until is None
        or row.offered_until <= now()
        or quantity > row.quantity
        or {one.pk for one in ask.classes} != {row.ticket_class_id}
        or not _is_there(row, ask)
    ):
        raise AdmissionError(
            Code.OFFER_OVER, _("为您保留的票已过时限，或与登记的不同"), hint=_("可以重新登记")
        )
    check_free(one for one in draws if one.pk != row.draw_id)
    release(row.hold)
    row.order_number = order_number
    move_locked(row, "buy")
    return row


def _is_there(row: Waiting, ask: Visit) -> bool:
    """Whether a visit is when somebody waits for it."""
    kind = row.ticket_class
    told = place_for(kind, row.session, row.slot, row.day)
    return told == place_for(kind, ask.session, ask.slot, ask.day)
