"""What becomes of a change: it is paid, the supplier is asked and answers, money goes where it belongs.

ASKED → (TO_PAY →) AT_SUPPLIER → DONE; REFUSED where the supplier did not change them, CLOSED where nobody paid in
time. In both the old tickets count again, and what was paid for the change goes back.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import methodcaller
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from saleor.order.models import Order

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.interfaces import (
    FulfilmentRefused,
    HeldGoods,
    HeldLine,
    Origin,
    fulfil_all,
    lock_for_fulfilment,
    profile_of,
)

from ..asks import units_of
from ..choices import CallKind, CallState, ChangeState, DeskKind, FeeItem, OrderState, Side, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..events import TicketsIssued
from ..locks import lock_call, lock_orders
from ..models import ChangeItem, ChangeRequest, FeeLine, SupplierCall, Ticket, TicketOrder
from ..ports import ChangeAsk, Issued, SupplierRefused, supplier_of
from ..trades import trade_of
from . import insuring
from .attention import call_people, settled
from .calls import NOT_DONE, OPEN, Answer, ask, look_up, new_call, next_look, register_settler, settle
from .changing import go_on, refuse_gone
from .failing import fail
from .giving_back import owe
from .goods import CHANGE, CHANGE_TYPES, ticket_variant
from .holding import end
from .paid import ZERO, Source, paid_for
from .reach import is_buyer, typed

logger = logging.getLogger(__name__)
S = ChangeState
#: The last moments of a hold are not sold: money that comes then would come too late.
MARGIN = timedelta(minutes=1)
#: So often a change is sent where the supplier never got it.
_TRIES = 3
_ENOUGH = 6


# -- paying ----------------------------------------------------------------------------


class ChangeHolds:
    """Ordering's `HoldSource` of what changes cost: one line, paid before the new trip's hold ends."""

    types = CHANGE_TYPES

    def lines(self, number: str, key: str, user: Any) -> Sequence[HeldLine]:
        """The line of a change, for its buyer or its clerk. Raises TicketError NOT_FOUND, HOLD_GONE, HOLD_ORDERED."""
        found = (
            ChangeRequest.objects.select_related("ticket_order__order", "target")
            .filter(number=typed(number).upper())
            .first()
        )
        mine = found is not None and (
            is_buyer(user, found.ticket_order, key) or found.asked_by_id == getattr(user, "pk", 0)
        )
        if found is None or not mine:
            raise TicketError(Code.NOT_FOUND, _("没有这笔改签"), "holds", _("请核对改签单号"))
        self._refuse(found)
        return [HeldLine(difference_variant().pk, 1, found.to_pay)]

    @staticmethod
    def _refuse(found: ChangeRequest) -> None:
        if found.difference_order_id is not None:
            raise TicketError(Code.HOLD_ORDERED, _("这笔改签的差价已经下单"), "holds", _("请到我的订单付款"))
        target = found.target
        if found.state != S.TO_PAY or target is None:
            raise TicketError(Code.HOLD_GONE, _("这笔改签已不需要付款"), "holds", _("请刷新后查看"))
        try:
            refuse_gone(target)
        except TicketError as refusal:
            raise TicketError(
                Code.HOLD_GONE, _("改签的占座已失效，原票仍有效"), "holds", _("请重新选择班次或场次")
            ) from refusal

    def bind(self, order: Order, goods: Sequence[HeldGoods], origin: Origin) -> datetime:
        """The order pays the change. Locks: the changes' ticket orders, then the changes. Raises as `lines`."""
        found = ChangeRequest.objects.filter(number__in=[one.number for one in goods])
        pairs = list(found.values_list("pk", "ticket_order_id", "target_id"))
        lock_orders({pk for _pk, *both in pairs for pk in both if pk is not None})
        until = []
        rows = lock_rows(
            ChangeRequest.objects.filter(pk__in=[pk for pk, *_both in pairs]).select_related("target")
        )
        for row in rows:
            self._refuse(row)
            one = next((one for one in goods if one.number == row.number), None)
            if one is None or one.unit != row.to_pay or one.line.quantity != 1:
                raise TicketError(Code.HOLD_CHANGED, _("改签差价与办理时不一致"), "holds")
            row.difference_order = order
            row.save(update_fields=["difference_order"])
            one.line.product_name = str(_("改签差价")) + " " + row.number
            one.line.save(update_fields=["product_name"])
            assert row.target is not None and row.target.held_until is not None  # noqa: S101 - just looked
            until.append(row.target.held_until - MARGIN)
        if len(rows) < len({one.number for one in goods}):
            raise TicketError(Code.NOT_FOUND, _("没有这笔改签"), "holds")
        return min(until)

    def bound(self, order_id: int) -> set[int]:
        """The keys of an order's lines that pay changes."""
        found = ChangeRequest.objects.filter(difference_order=order_id)
        lines = found.values_list("difference_order__lines", "difference_order__lines__variant_id")
        variant = difference_variant().pk if found.exists() else 0
        return {line for line, of in lines if of == variant and line is not None}


def difference_variant() -> Any:
    """The goods as which differences of changes are sold."""
    return ticket_variant(CHANGE, "difference", str(_("改签差价")), "difference", str(_("改签差价")))


def paid(order_id: int) -> int:
    """A difference is paid: its change goes on. Money for one that is over goes back. How many; again: none."""
    done = 0
    for pk in ChangeRequest.objects.filter(difference_order=order_id).values_list("pk", flat=True):
        with transaction.atomic():
            request = _lock(pk)
            target = request.target
            if request.state == S.TO_PAY and target is not None and target.state == OrderState.HELD:
                _proceed(request)
                done += 1
            elif request.state in (S.CLOSED, S.REFUSED, S.TO_PAY):
                if request.state == S.TO_PAY:
                    _stay(request, "refuse", _("付款到账时新行程的占座已失效"))
                else:
                    _money_back(request)
    return done


def _proceed(request: ChangeRequest) -> None:
    """Go on with a *locked* change; where our own inventory refuses it now, the old tickets count again."""
    try:
        with transaction.atomic():
            go_on(request)
    except TicketError as refusal:
        _stay(_lock(request.pk), "refuse", refusal.message)


def ended(order_id: int) -> int:
    """The order that was to pay a difference ended: the change is over, the old tickets count. Again: none."""
    done = 0
    for pk in ChangeRequest.objects.filter(difference_order=order_id, state=S.TO_PAY).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            request = _lock(pk)
            if request.state == S.TO_PAY and not _is_paid(request):
                _stay(request, "close", _("差价未付，改签已取消"))
                done += 1
    return done


def _is_paid(request: ChangeRequest) -> bool:
    profile = profile_of(request.difference_order_id) if request.difference_order_id is not None else None
    return profile is not None and profile.paid_at is not None


def give_up(request_pk: int) -> ChangeRequest:
    """The customer does not want it any more, before anything is paid. Raises TicketError CHANGED_MEANWHILE."""
    with transaction.atomic():
        request = _lock(request_pk)
        if request.state not in (S.ASKED, S.TO_PAY) or request.difference_order_id is not None:
            raise TicketError(
                Code.CHANGED_MEANWHILE, _("改签已在办理，不能取消"), hint=_("请刷新后查看最新状态")
            )
        _stay(request, "close", _("客户取消改签"))
    return request


# -- the supplier ----------------------------------------------------------------------


def _lock(request_pk: int) -> ChangeRequest:
    """Lock a change with both orders and their tickets."""
    found = ChangeRequest.objects.only("ticket_order_id", "target_id").get(pk=request_pk)
    keys = [one for one in (found.ticket_order_id, found.target_id) if one is not None]
    lock_orders(keys)
    lock_rows(Ticket.objects.filter(ticket_order__in=keys), no_key=True)
    related = ChangeRequest.objects.select_related("ticket_order", "target__supplier", "unit")
    return lock_rows(related.filter(pk=request_pk))[0]


def _items(request: ChangeRequest) -> list[ChangeItem]:
    return list(
        request.items.select_related("old__ticket_order", "new__passenger", "new__ticket_order").order_by(
            "pk"
        )
    )


def ask_of(request: ChangeRequest, own: str) -> ChangeAsk:
    """What the supplier is told."""
    items = _items(request)
    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    return ChangeAsk(
        own=own, their_number=request.ticket_order.their_number,
        old={one.old.number: one.old.their_number for one in items}, new_number=target.their_number,
        product=target.product, units=units_of([one.new for one in items]),
        amount=sum((one.supplier_difference for one in items), ZERO),
    )  # fmt: skip


def _begin(request: ChangeRequest) -> TicketOrder:
    """Nobody closes the new trip for its time, and nobody issues it as if it were sold: it is being changed to."""
    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    move_locked(target, "pay", reason=request.number)
    move_locked(target, "issue", reason=request.number)
    move_locked(request, "send")
    return target


def change_inside(request: ChangeRequest) -> None:
    """Our own inventory changes them in the transaction that asks for it. Raises TicketError NOT_POSSIBLE."""
    target = _begin(request)
    try:
        answer = supplier_of(target.supplier.adapter).change(ask_of(request, request.number))
    except SupplierRefused as refusal:
        raise TicketError(Code.NOT_POSSIBLE, refusal.words, "target") from refusal
    _done(request, answer)


def send(request_pk: int) -> None:
    """Ask the supplier, once: the call is written and committed first. Again: no change."""
    with transaction.atomic():
        request = _lock(request_pk)
        ready = request.state == S.ASKED or (request.state == S.TO_PAY and _is_paid(request))
        target = request.target
        if not ready or target is None:
            return
        if target.state != OrderState.HELD:
            _stay(request, "refuse", _("新行程的占座已失效"))
            return
        _begin(request)
        call = new_call(target, target.supplier, CallKind.CHANGE)
    call_supplier(call.pk)


def call_supplier(call_pk: int) -> None:
    """Outside of any transaction: ask, and write down what came of it."""
    call = SupplierCall.objects.select_related("supplier", "ticket_order__change_of__ticket_order").get(
        pk=call_pk
    )
    request = call.ticket_order.change_of
    record(call, ask(call, methodcaller("change", ask_of(request, call.number))))


@transaction.atomic
def record(call: SupplierCall, answer: Answer) -> None:
    """Write what became of a change, from its answer, a query or a call-back. Again: nothing.

    Locks: both ticket orders, their tickets, the change, the call. Raises LockTimeout.
    """
    found = ChangeRequest.objects.filter(target=call.ticket_order_id).values_list("pk", flat=True).first()
    if found is None:
        return
    request = _lock(found)
    row = lock_call(call.pk)
    if row is None or row.state not in OPEN:
        if row is not None and row.state == CallState.REFUSED and answer.state == CallState.DONE:
            call_people(
                request.ticket_order,
                DeskKind.UNKNOWN,
                _("供应商先称未改签、后又改成，请核对"),
                within=MARGIN * 30,
            )
        return
    settle(row, answer)
    if not answer.is_over:
        if row.asked_again >= _ENOUGH:
            call_people(
                request.ticket_order,
                DeskKind.UNKNOWN,
                _("改签 %(number)s 供应商一直没有结果") % {"number": row.number},
            )
        return
    if request.state != S.AT_SUPPLIER:
        return
    if isinstance(answer.found, Issued):
        _done(request, answer.found)
    elif answer.code == NOT_DONE and _tries(request) < _TRIES:
        _send_again(request)
    else:
        _stay(request, "refuse", _("供应商未改签：%(words)s") % {"words": answer.words})


def _tries(request: ChangeRequest) -> int:
    return SupplierCall.objects.filter(
        ticket_order=request.target_id, kind=CallKind.CHANGE, code=NOT_DONE
    ).count()


def _send_again(request: ChangeRequest) -> None:
    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    call = new_call(target, target.supplier, CallKind.CHANGE)
    transaction.on_commit(lambda: _later(call.pk))


def _later(call_pk: int) -> None:
    from ..tasks import call_change

    call_change.delay(call_pk)


register_settler(CallKind.CHANGE, record)


def _done(request: ChangeRequest, answer: Issued) -> None:
    """The new tickets count instead of the old ones; everything is locked."""
    items = _items(request)
    order, target = request.ticket_order, request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    back = _tails(items) if request.back else {}
    lines = []
    for one in items:
        old, new = one.old, one.new
        new.their_number = answer.tickets.get(new.number, new.their_number)[:64]
        new.seat = answer.seats.get(new.number, new.seat)
        new.changed_from, new.changes = old, old.changes + 1
        new.save(update_fields=["their_number", "seat", "changed_from", "changes"])
        move_locked(old, "change", reason=request.number)
        move_locked(new, "issue", reason=request.number)
        lines += _lines(request, one)
    target.their_number = answer.their_number or target.their_number
    if answer.pick:
        target.pick_code = json.dumps(dict(answer.pick), ensure_ascii=False)
    move_locked(target, "finish", reason=request.number)
    FeeLine.objects.bulk_create(lines, ignore_conflicts=True)
    olds, news = [one.old for one in items], [one.new for one in items]
    trade_of(order.trade).gone(order, olds, {one.pk: one.uses for one in olds})
    trade_of(order.trade).issued(target, news)
    insuring.gone(olds)
    move_locked(request, "finish")
    settled(order, DeskKind.UNKNOWN, _("已改签"))
    _give_back(request, back)
    transaction.on_commit(partial(deliver, request.pk), robust=True)
    publish(
        TicketsIssued(ticket_order_id=target.pk, order_id=order.order_id or 0),
        key=f"ticket_order:{target.pk}",
    )


def deliver(request_pk: int) -> bool:
    """What the difference bought is there: its line is handed over. Again: no change. Locks: the order, its stock."""
    order_id = ChangeRequest.objects.only("difference_order_id").get(pk=request_pk).difference_order_id
    if order_id is None:
        return False
    try:
        with transaction.atomic():
            order = lock_for_fulfilment(order_id)
            wanted = ChangeHolds().bound(order_id)
            lines = order.lines.filter(pk__in=wanted, quantity_fulfilled=0) if order is not None else ()
            todo = {line.pk: line.quantity for line in lines}
            if order is None or not todo:
                return False
            fulfil_all(order, None, only=todo)
    except FulfilmentRefused as refusal:
        logger.warning("the difference of change %s is not handed over: %s", request_pk, refusal)
        return False
    return True


def _tails(items: Sequence[ChangeItem]) -> dict[int, Decimal]:
    """What of the old tickets' money is free, by order: all that the new tickets do not keep."""
    before = paid_for([one.old for one in items])
    free: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in items:
        paid_before = before[one.old_id]
        keeps = paid_before.total - one.back
        for source in paid_before.sources:
            kept = min(keeps, source.amount)
            keeps -= kept
            free[source.order_id] += source.amount - kept
    return free


def _give_back(request: ChangeRequest, free: Mapping[int, Decimal]) -> None:
    """What is cheaper, less the fee, order by order."""
    left = request.back
    for source in (Source(order_id, amount) for order_id, amount in sorted(free.items())):
        share = min(left, source.amount)
        if share <= 0:
            continue
        left -= share
        own = source.order_id == request.ticket_order.order_id
        owe(
            source.order_id, share, key=request.number if own else f"{request.number}-{source.order_id}",
            unit=request.unit, reason=_("改签 %(number)s 退差价") % {"number": request.number}, change=request,
        )  # fmt: skip


def _lines(request: ChangeRequest, item: ChangeItem) -> list[FeeLine]:
    told = (
        (Side.CUSTOMER, FeeItem.DIFFERENCE, item.difference if item.to_pay > item.fee else -item.back),
        (Side.CUSTOMER, FeeItem.CHANGE_FEE, item.fee),
        (Side.SUPPLIER, FeeItem.DIFFERENCE, item.supplier_difference),
    )
    return [
        FeeLine(ticket=item.new, side=side, item=what, amount=amount, reference=request.number)
        for side, what, amount in told
        if amount
    ]


def _stay(request: ChangeRequest, how: str, why: str) -> None:
    """The old tickets count again, the new trip is free, what was paid for the change goes back. All is locked."""
    for one in _items(request):
        if one.old.state == TicketState.CHANGING:
            move_locked(one.old, "stay", reason=request.number)
    target = request.target
    if target is not None:
        if target.state in (OrderState.PAID, OrderState.ISSUING):
            fail(target, why, with_money=False)
        elif target.state in (OrderState.HOLDING, OrderState.HELD):
            end(target, why)
    request.why = why[:200]
    request.save(update_fields=["why"])
    move_locked(request, how, reason=why[:200])
    _money_back(request)


def _money_back(request: ChangeRequest) -> None:
    """What was paid for a change that did not come about, once."""
    if request.difference_order_id is None or not _is_paid(request) or request.money.exists():
        return
    owe(
        request.difference_order_id, request.to_pay, key=request.number, unit=request.unit,
        reason=_("改签 %(number)s 未成，退还差价") % {"number": request.number}, change=request,
    )  # fmt: skip


# -- jobs ------------------------------------------------------------------------------


def follow() -> int:
    """Close what nobody paid in time, send what was not sent, ask about what has no answer."""
    done = 0
    late = now() - MARGIN
    waiting = ChangeRequest.objects.filter(state__in=(S.ASKED, S.TO_PAY), asked_at__lt=late)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)[:200]):
        try:
            done += _follow(pk)
        except DomainError as refusal:  # locked by somebody: the next time
            logger.warning("change %s: %s", pk, refusal.code)
    fresh = ChangeRequest.objects.filter(
        state=S.DONE, difference_order__lines__quantity_fulfilled=0, done_at__gt=now() - timedelta(days=1)
    )
    for pk in list(fresh.order_by("pk").values_list("pk", flat=True).distinct()[:100]):
        done += deliver(pk)
    due = SupplierCall.objects.filter(kind=CallKind.CHANGE, state__in=OPEN, ask_at__lte=now())
    for call in list(due.select_related("supplier").order_by("ask_at")[:100]):
        claimed = SupplierCall.objects.filter(pk=call.pk, ask_at=call.ask_at, state__in=OPEN).update(
            asked_again=call.asked_again + 1, ask_at=next_look(call)
        )
        if claimed:
            record(call, look_up(call))
            done += 1
    return done


def _follow(request_pk: int) -> int:
    request = ChangeRequest.objects.select_related("target__supplier").get(pk=request_pk)
    target = request.target
    if request.state == S.ASKED or _is_paid(request):
        if target is not None and supplier_of(target.supplier.adapter).local:
            with transaction.atomic():
                fresh = _lock(request_pk)
                if fresh.state in (S.ASKED, S.TO_PAY):
                    _proceed(fresh)
        else:
            send(request_pk)
        return 1
    if target is None or target.state != OrderState.HELD:
        with transaction.atomic():
            fresh = _lock(request_pk)
            if fresh.state == S.TO_PAY and not _is_paid(fresh):
                _stay(fresh, "close", _("差价没有及时付清，新行程已释放"))
                return 1
    return 0
