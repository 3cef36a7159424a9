"""How a change ends: the new tickets count instead of the old ones, or the old ones again; money goes where it belongs.

DONE where the supplier changed them; REFUSED where it did not, CLOSED where nobody paid in time: in both what was paid
for the change goes back. Whoever calls has locked the change by `locked_change`.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.interfaces import FulfilmentRefused, fulfil_all, lock_for_fulfilment, profile_of

from ..choices import DeskKind, FeeItem, OrderState, Side, TicketState
from ..events import TicketsIssued
from ..locks import lock_orders
from ..models import ChangeItem, ChangeRequest, FeeLine, Ticket
from ..ports import Issued
from ..telling import tell_not_changed
from ..trades import trade_of
from . import agency, endorsing, insuring
from .attention import call_people, settled
from .failing import fail
from .giving_back import owe
from .goods import CHANGE, ticket_variant
from .holding import end
from .paid import ZERO, Source, paid_for
from .repaid import look_later

logger = logging.getLogger(__name__)


def locked_change(request_pk: int) -> ChangeRequest:
    """Lock a change with both orders and their tickets."""
    found = ChangeRequest.objects.only("ticket_order_id", "target_id").get(pk=request_pk)
    keys = [one for one in (found.ticket_order_id, found.target_id) if one is not None]
    lock_orders(keys)
    lock_rows(Ticket.objects.filter(ticket_order__in=keys), no_key=True)
    related = ChangeRequest.objects.select_related("ticket_order", "target__supplier", "unit")
    return lock_rows(related.filter(pk=request_pk))[0]


def items_of(request: ChangeRequest) -> list[ChangeItem]:
    """What is changed, in its order."""
    return list(
        request.items.select_related("old__ticket_order", "new__passenger", "new__ticket_order").order_by(
            "pk"
        )
    )


def is_paid(request: ChangeRequest) -> bool:
    """Whether the order of the difference is paid."""
    profile = profile_of(request.difference_order_id) if request.difference_order_id is not None else None
    return profile is not None and profile.paid_at is not None


def done(request: ChangeRequest, answer: Issued) -> None:
    """The new tickets count instead of the old ones; everything is locked."""
    items = items_of(request)
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
        if old.used:  # nobody changes a ticket of several people, or one that is used in part
            words = _("票 %(number)s 已改签，却已检票上车，请与供应商和旅客核实") % {"number": old.number}
            call_people(order, DeskKind.CONTACT, words)
        move_locked(new, "issue", reason=request.number)
        lines += _lines(request, one)
    lines += agency.given_back([(one.old, one.old.uses) for one in items], request.number)
    lines += agency.earned(target, [one.new for one in items], request.number)
    target.their_number = answer.their_number or target.their_number
    if answer.pick:
        target.pick_code = json.dumps(dict(answer.pick), ensure_ascii=False)
    if target.user_id is None:  # held at a counter: the new tickets are the buyer's as the old ones were
        target.user_id = order.user_id
    move_locked(target, "finish", reason=request.number)
    FeeLine.objects.bulk_create(lines, ignore_conflicts=True)
    olds, news = [one.old for one in items], [one.new for one in items]
    trade_of(order.trade).gone(order, olds, {one.pk: one.uses for one in olds})
    trade_of(order.trade).issued(target, news)
    endorsing.go_along({one.old.pk: one.new for one in items})
    insuring.forget_chosen(target)
    move_locked(request, "finish")
    settled(order, DeskKind.UNKNOWN, _("已改签"))
    _give_back(request, back)
    transaction.on_commit(partial(deliver, request.pk), robust=True)
    look_later(order)
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
            wanted = difference_lines(order_id)
            lines = order.lines.filter(pk__in=wanted, quantity_fulfilled=0) if order is not None else ()
            todo = {line.pk: line.quantity for line in lines}
            if order is None or not todo:
                return False
            fulfil_all(order, None, only=todo)
    except FulfilmentRefused as refusal:
        logger.warning("the difference of change %s is not handed over: %s", request_pk, refusal)
        return False
    return True


def difference_variant() -> Any:
    """The goods as which differences of changes are sold."""
    return ticket_variant(CHANGE, "difference", str(_("改签差价")), "difference", str(_("改签差价")))


def difference_lines(order_id: int) -> set[int]:
    """The keys of an order's lines that pay changes."""
    found = ChangeRequest.objects.filter(difference_order=order_id)
    lines = found.values_list("difference_order__lines", "difference_order__lines__variant_id")
    variant = difference_variant().pk if found.exists() else 0
    return {line for line, of in lines if of == variant and line is not None}


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


def stay(request: ChangeRequest, how: str, why: str, *, told: bool = True) -> None:
    """The old tickets count again, the new trip is free, what was paid for the change goes back. All is locked.

    `told`: the buyer is told, unless it is he who gave it up.
    """
    for one in items_of(request):
        if one.old.state == TicketState.CHANGING:
            move_locked(one.old, "stay", reason=request.number)
            if one.old.used >= one.old.uses - one.old.back:  # the gate let him in meanwhile (0146)
                move_locked(one.old, "use", reason=request.number)
    look_later(request.ticket_order)
    target = request.target
    if target is not None:
        if target.state in (OrderState.PAID, OrderState.ISSUING):
            fail(target, why, with_money=False)
        elif target.state in (OrderState.HOLDING, OrderState.HELD):
            end(target, why)
    request.why = why[:200]
    request.save(update_fields=["why"])
    move_locked(request, how, reason=why[:200])
    if told:
        tell_not_changed(request)
    money_back(request)


def money_back(request: ChangeRequest) -> None:
    """What was paid for a change that did not come about, once."""
    if request.difference_order_id is None or not is_paid(request) or request.money.exists():
        return
    owe(
        request.difference_order_id, request.to_pay, key=request.number, unit=request.unit,
        reason=_("改签 %(number)s 未成，退还差价") % {"number": request.number}, change=request,
    )  # fmt: skip
