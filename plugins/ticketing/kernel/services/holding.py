"""Holding: a wish becomes a ticket order whose seats nobody else gets, at the first supplier that has them.

Our own inventory is asked inside the one short transaction that writes everything. A supplier elsewhere is asked after
the commit, without a lock; what it answers counts only while the order still waits for it, and is released otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import methodcaller
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.prepared import Prepared
from saleor_o2o.kernel.states import move_all_locked, move_locked

from ..asks import candidate_of, lock_ask, of_fare
from ..choices import CallKind, CallState, DeskKind, OrderState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import with_segments
from ..locks import lock_call, lock_order, lock_orders, lock_tickets
from ..models import SupplierAccount, SupplierCall, Ticket, TicketOrder
from ..ports import NO_DEPOSIT, Locked, Supplier, SupplierRefused, supplier_of
from ..settings import absorb
from ..trades import Wish
from .calls import OPEN, Answer, ask, new_call, register_settler, settle
from .candidates import sell_at
from .deposits import refusal_before
from .drafting import Draft, Within, seat_in
from .health import may_hold, usable
from .releasing import free, free_stray
from .wishes import check, refuse_no_change

S = OrderState
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_KNOWN = Prepared(
    "ticket_request", "SELECT 1 FROM o2o_ticketing_ticketorder WHERE request_key = %(key)s", {"key": "text"}
)
#: What the supplier's refusal means to the buyer.
_CODES = {
    "SOLD_OUT": (Code.SOLD_OUT, _("余票不足"), _("请换一个班次、场次或减少张数")),
    "PRICE_CHANGED": (Code.PRICE_CHANGED, _("票价已变化"), _("请重新查询后再下单")),
    "PASSENGER_REFUSED": (Code.PASSENGER_REFUSED, _("供应商不接受这位旅客的信息"), _("请核对姓名和证件号")),
    "NOT_ON_SALE": (Code.TOO_LATE, _("已停止售票"), _("请选择更晚的班次或场次")),
    "NO_DEPOSIT": (
        Code.SUPPLIER_UNAVAILABLE,
        _("暂时不能购买这个班次（场次）"),
        _("没有扣款；请稍后再试，或换一个班次（场次）"),
    ),
    "OUT_OF_HOURS": (
        Code.SUPPLIER_REFUSED,
        _("供应商现在停止售票（不在售票时间）"),
        _("没有扣款；请在售票时间内再买，一般早上六点以后"),
    ),
    "CANCELLED": (Code.TOO_LATE, _("班次（场次）已取消"), _("请换一个班次或场次")),
}
#: Tasks of the issue desk that people end by deciding how to go on.
DECIDING = (DeskKind.ISSUE, DeskKind.UNKNOWN)


def request_key(key: str, user: Any, made_by: Any = None) -> str:
    """The client's key as the order keeps it: everybody's own. Raises TicketError KEY_INVALID."""
    if not _KEY.fullmatch(key):
        raise TicketError(
            Code.KEY_INVALID, _("请求号格式不正确"), "key", _("请刷新页面后重试")
        )  # fmt: skip
    if made_by is not None:
        return f"desk{made_by.pk}:{key}"
    return f"{user.pk}:{key}" if user is not None else f"guest:{key}"


def hold(
    wish: Wish,
    *,
    key: str,
    user: Any,
    unit: OrgUnit,
    made_by: Any = None,
    within: Within | None = None,
    instead_of: TicketOrder | None = None,
    looked: bool = False,
    accounts: Sequence[SupplierAccount] | None = None,
) -> TicketOrder:
    """Hold a wish for somebody (`user` None: a guest; `made_by`: the clerk); the same key again is the same order.

    Call outside transactions: a supplier elsewhere is asked in between. The answer is HELD, or HOLDING where nobody
    knows yet (a job asks until it is known or the time is over). `within` runs in the transaction that writes the
    order; `instead_of` is the order whose tickets are changed for this one: what is held so is sold by the change only,
    to the same people, and what was held for the same change before is let go; `looked`: the caller has just looked
    for the key; `accounts`: the candidates', where the caller has just read them. Nothing is charged. Locks, in one
    transaction: the passengers (advisory), then what `within` and our own inventory lock. Raises TicketError:
    KEY_INVALID, KEY_REUSED, INVALID_INPUT, TOO_LATE, TRIPS_OVERLAP, SUPPLIER_UNAVAILABLE, NOT_POSSIBLE and TARGET_WRONG
    for a change that is none, and SOLD_OUT, PRICE_CHANGED,
    PASSENGER_REFUSED, SUPPLIER_REFUSED where no supplier holds it; LockTimeout.
    """
    owner = user if getattr(user, "is_authenticated", False) else None
    own_key = request_key(key, owner, made_by)
    known = None if looked else order_of(own_key)
    if known is not None:
        return _again(known, wish)
    moment = now()
    check(wish, moment)
    if instead_of is not None:
        refuse_no_change(wish, instead_of)
    if accounts is None:
        able = usable([one.supplier for one in wish.candidates], wish.trade, moment)
    else:
        able = [one for one in accounts if one.trade == wish.trade and may_hold(one, moment)]
    late = {one.supplier for one in wish.candidates if one.paid_only}
    first = [one for one in able if one.code not in late]
    if not first:
        raise TicketError(
            Code.SUPPLIER_UNAVAILABLE, _("暂时不能购买这个班次（场次）"), "trip", _("请稍后再试，或换一个班次")
        )  # fmt: skip
    draft = Draft(wish, own_key, owner, unit, made_by, within, instead_of, moment)
    try:
        order = _hold_first(draft, first, [one for one in able if one.code in late])
        if instead_of is not None:
            let_others_go(order)
        return order
    except (IntegrityError, TicketError):
        # the same request, sent twice at a time: one of the two takes what both want
        known = order_of(own_key)
        if known is None:
            raise
        return _again(known, wish)


def let_others_go(order: TicketOrder) -> None:
    """Close what was held for the same change and people before, where no change was asked for with it.

    Whoever looks at a second bus does not keep the first one from others. A transaction of its own. Locks: the orders
    in pk order, their tickets. Raises LockTimeout.
    """
    people = order.passengers.values_list("document_index", flat=True)
    others = TicketOrder.objects.filter(
        instead_of=order.instead_of_id, state__in=(S.HOLDING, S.HELD), pk__lt=order.pk,
        passengers__document_index__in=list(people),
    )  # fmt: skip
    keys = set(others.values_list("pk", flat=True))
    if not keys:
        return
    with transaction.atomic():
        rows = lock_orders(keys)
        asked = set(
            TicketOrder.objects.filter(pk__in=keys, change_of__isnull=False).values_list("pk", flat=True)
        )
        for row in rows:
            if row.pk not in asked and row.state in (S.HOLDING, S.HELD):
                end(row, str(_("改签另选了班次（场次）")))


def order_of(own_key: str) -> TicketOrder | None:
    """The order that was made for a `request_key`. One statement for a new key, which most are."""
    if not _KNOWN.rows({"key": own_key}):
        return None
    return TicketOrder.objects.select_related("supplier").filter(request_key=own_key).first()


def seats_of(order: TicketOrder) -> list[str]:
    """The seats of an order that `hold` gave, in the order of its tickets. No statement where it was held just now."""
    if order.just_held is not None:
        return [one.seat for one in sorted(order.just_held, key=lambda one: one.pk)]
    return list(order.tickets.order_by("pk").values_list("seat", flat=True))


def _again(known: TicketOrder, wish: Wish) -> TicketOrder:
    if (known.trade, known.key, known.starts_at) != (wish.trade, wish.key, wish.starts_at):
        raise TicketError(Code.KEY_REUSED, _("这个请求号已用于另一张票"), "key", _("请刷新页面后重试"))
    if known.state == S.HOLD_FAILED:
        last = known.calls.filter(kind=CallKind.LOCK).first()
        raise refused(last.code if last is not None else "", known.why)
    return known


def refused(code: str, words: str = "") -> TicketError:
    """A supplier's refusal as the buyer reads it."""
    known = _CODES.get(code)
    if known is not None:
        return TicketError(known[0], known[1], "trip", known[2])
    return TicketError(
        Code.SUPPLIER_REFUSED, _("没有占到座位"), "trip", _("没有扣款；请稍后再试，或换一个班次（场次）")
    )


def _hold_first(
    draft: Draft, accounts: list[SupplierAccount], late: Sequence[SupplierAccount]
) -> TicketOrder:
    """Our own inventories at once, in one transaction each; the first supplier elsewhere gets a call. `late`: those
    that are noted for after the payment only."""
    last: SupplierRefused | None = None
    for position, account in enumerate(accounts):
        adapter = supplier_of(account.adapter)
        if not adapter.local:
            with transaction.atomic():
                order, _tickets = draft.write(account, S.HOLDING, [*accounts[position:], *late])
                call = new_call(order, account, CallKind.LOCK)
            return drive_lock(order.pk, call.pk)
        try:
            with transaction.atomic():
                return draft.write_held(account, adapter, [*accounts[position:], *late])
        except SupplierRefused as refusal:
            last = refusal
    raise refused(last.code if last is not None else "")


def drive_lock(order_pk: int, call_pk: int | None) -> TicketOrder:
    """Send a lock call, and further ones to the next candidates, until one holds, none is left or nobody knows.

    Raises TicketError where no supplier holds it.
    """
    while call_pk is not None:
        call = SupplierCall.objects.select_related("supplier", "ticket_order__supplier").get(pk=call_pk)
        order = call.ticket_order
        tickets = list(order.tickets.select_related("passenger").order_by("pk"))
        asked = lock_ask(order, tickets, call.number, candidate_of(order, call.supplier.code))
        told = refusal_before(call, asked)
        # what was not asked for was not held: nothing is to be looked up
        no = Answer(CallState.REFUSED, None, *told) if told is not None else None
        answer = no or ask(call, methodcaller("lock", asked))
        call_pk = record_lock(call, answer)
    order = TicketOrder.objects.select_related("supplier").get(pk=order_pk)
    if order.state == S.HOLD_FAILED:
        last = order.calls.filter(kind=CallKind.LOCK).first()
        raise refused(last.code if last is not None else "", order.why)
    return order


@transaction.atomic
def record_lock(call: SupplierCall, answer: Answer) -> int | None:
    """Write what became of a lock call; the key of the next candidate's call, to be sent after the commit.

    Something held that the order does not wait for any more is released. Again: nothing. Locks: the ticket order, the
    call, its tickets. Raises LockTimeout.
    """
    order = lock_order(call.ticket_order_id)
    row = lock_call(call.pk)
    if order is None or row is None:
        return None
    if row.state not in OPEN:
        # the supplier said no, or we gave up asking, and it holds it after all
        if row.state == CallState.REFUSED and isinstance(answer.found, Locked):
            settle(row, answer)
            free_stray(order, row)
        return None
    if not answer.is_over:
        settle(row, answer)
        return None
    if not (waits(order) and row.supplier_id == order.supplier_id and _is_newest(row)):
        settle(row, answer)
        if answer.state == CallState.DONE:
            free_stray(order, row)
        return None
    if isinstance(answer.found, Locked):
        problem = _take(order, row, answer.found)
        if not problem:
            settle(row, answer)
            go_on(order)
            return None
        settle(row, Answer(CallState.REFUSED, answer.found, problem, str(_CODES["PRICE_CHANGED"][1])))
        free_stray(order, row)
    else:
        settle(row, answer)
    following = next_candidate(order)
    if following is None:
        go_on(order)
    return following


def go_on(order: TicketOrder) -> None:
    """A paid order has its hold again, or nobody has one: its issuing goes on after the commit."""
    from .issuing import later

    if order.state == S.PAID:
        later(order.pk)


def waits(order: TicketOrder) -> bool:
    """Whether an order waits for a hold: it is new, or paid and has lost the one it had."""
    return order.state == S.HOLDING or (order.state == S.PAID and not order.their_number)


def waits_since(order: TicketOrder) -> datetime:
    """Since when an order waits for a hold: who was asked before may be asked again.

    A new one since it was made; a paid one since its payment, or since people last decided about it.
    """
    if order.state != S.PAID or order.paid_at is None:
        return order.made_at
    decided = (
        order.desk_tasks.filter(kind__in=DECIDING, done_at__gt=order.paid_at).order_by("-done_at").first()
    )
    return decided.done_at if decided is not None and decided.done_at is not None else order.paid_at


def _is_newest(call: SupplierCall) -> bool:
    later = SupplierCall.objects.filter(ticket_order=call.ticket_order_id, kind=CallKind.LOCK, pk__gt=call.pk)
    return not later.exists()


def _take(order: TicketOrder, call: SupplierCall, locked: Locked) -> str:
    """Let a *locked* order have what the supplier holds; why not, as a code, where it must not."""
    moment = now()
    if locked.until <= moment:
        return "HOLD_LOST"
    tickets = lock_tickets(order)
    candidate = candidate_of(order, order.supplier.code)
    fields = ["seat", "cost"]
    if order.state == S.HOLDING and candidate.get("terms"):
        fields += sell_at(tickets, candidate)
    expected = [ticket.cost for ticket in tickets]
    for ticket in with_segments(tickets):
        ticket.cost = type(ticket.cost)(of_fare(candidate["costs"], ticket) or "0")
    seat_in(tickets, locked)
    dearer = sum(ticket.cost for ticket in tickets) - sum(expected)
    most = absorb() if order.state == S.PAID else 0
    if dearer > most and not candidate.get("any_price"):
        return "PRICE_CHANGED"
    Ticket.objects.bulk_update(tickets, fields)
    if "price" in fields:
        order.face = sum((ticket.face for ticket in tickets), Decimal(0))
        order.service = sum((ticket.service for ticket in tickets), Decimal(0))
        order.total = sum((ticket.price for ticket in tickets), Decimal(0))
    order.their_number = locked.their_number or call.number
    order.product = candidate["product"]
    order.supplier_until = locked.until
    if order.state == S.HOLDING:
        order.held_until = min(order.held_until or locked.until, locked.until)
        move_locked(order, "hold")
    else:
        order.save()
    return ""


def next_candidate(order: TicketOrder) -> int | None:
    """Turn to the next supplier of a *locked* order that waits for a hold; the key of a call to be sent.

    Who has been asked since it began to wait (since the payment, for one that lost its hold) is not asked again. Our
    own inventory is asked here. Where nobody is left a new order fails; a paid one is the caller's to look after.
    """
    since = waits_since(order)
    calls = order.calls.filter(sent_at__gte=since)
    # who has been asked for a hold, or did not issue what it held
    not_issued = Q(kind=CallKind.ISSUE, state=CallState.REFUSED) & ~Q(code="HOLD_LOST")
    asked = set(calls.filter(Q(kind=CallKind.LOCK) | not_issued).values_list("supplier_id", flat=True))
    codes = [
        one["supplier"] for one in order.candidates if order.state != S.HOLDING or not one.get("paid_only")
    ]
    usual = usable(codes, order.trade, now())
    # whom people chose comes first
    chosen = {one["supplier"] for one in order.candidates if one.get("any_price")}
    for account in sorted(usual, key=lambda one: one.code not in chosen):
        if account.pk in asked:
            continue
        order.supplier = account
        order.save(update_fields=["supplier"])
        call = new_call(order, account, CallKind.LOCK)
        adapter = supplier_of(account.adapter)
        if not adapter.local:
            return call.pk
        if _lock_again_here(order, call, adapter):
            return None
    if order.state == S.HOLDING:
        fail_hold(order)
    return None


def _lock_again_here(order: TicketOrder, call: SupplierCall, adapter: Supplier) -> bool:
    tickets = lock_tickets(order)
    try:
        with transaction.atomic():
            locked = adapter.lock(
                lock_ask(order, tickets, call.number, candidate_of(order, order.supplier.code))
            )
            problem = _take(order, call, locked)
            if problem:
                raise SupplierRefused(problem, _CODES["PRICE_CHANGED"][1])
            if locked.last is not None:
                locked.last()
    except SupplierRefused as refusal:
        settle(call, Answer(CallState.REFUSED, None, refusal.code[:40], str(refusal.words)[:200]))
        return False
    settle(call, Answer(CallState.DONE, locked))
    return True


def fail_hold(order: TicketOrder) -> None:
    """Nobody holds a *locked* order: it ends, nothing was charged."""
    last = order.calls.filter(kind=CallKind.LOCK).first()
    # what is left of our deposit is no business of the buyer's
    known = _CODES.get(last.code) if last is not None and last.code == NO_DEPOSIT else None
    order.why = (str(known[1]) if known is not None else last.words if last is not None else "")[:200]
    move_all_locked(lock_tickets(order), "void")
    move_locked(order, "fail_hold", reason=order.why)


@transaction.atomic
def close(order_pk: int, why: str, *, bound: bool = False) -> bool:
    """End an order that is not paid: its seats are free again, at the supplier after the commit. False: not any more.

    `bound`: also one that lies in a Saleor order. Again: nothing. Locks: the order, its tickets, our own inventory.
    Raises TicketError HOLD_ORDERED, LockTimeout.
    """
    order = lock_order(order_pk)
    if order is None or order.state not in (S.HOLDING, S.HELD):
        return False
    if order.order_id is not None and not bound:
        raise TicketError(
            Code.HOLD_ORDERED, _("已经下单，不能单独释放座位"), "number", _("请取消待付款的订单，座位随即释放")
        )  # fmt: skip
    end(order, why)
    return True


def end(order: TicketOrder, why: str) -> None:
    """Close a *locked* order that is not paid, and free what it holds."""
    order.why = why[:200]
    move_all_locked(lock_tickets(order), "void")
    move_locked(order, "close", reason=order.why)
    free(order)


def settle_lock(call: SupplierCall, answer: Answer) -> None:
    """An answer that came by a query or a call-back; further candidates are asked at once."""
    following = record_lock(call, answer)
    if following is not None:
        try:
            drive_lock(call.ticket_order_id, following)
        except TicketError:
            return


register_settler(CallKind.LOCK, settle_lock)
