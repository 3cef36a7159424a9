"""Tickets against another trip: what it costs, and the request that stops the old tickets while the new trip is held.

The new trip is held first (`holding.hold`, with `instead_of`). What is dearer is paid as a line of its own before the
hold ends; then the supplier changes them (`change_asking`). Whatever goes wrong, the old tickets count again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.states import move_locked

from ..access import REFUND
from ..choices import ChangeCause, FeeKind, OrderState, TicketState
from ..engine import Facts, Fee
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import leg_of, with_segments
from ..locks import lock_orders
from ..models import ChangeItem, ChangeRequest, FeeQuote, Ticket, TicketOrder
from ..numbers import CHANGE as NUMBER
from ..passengers import Trip, check_overlap
from ..ports import supplier_of
from ..trades import missed_rule
from .insuring import words_before_change
from .paid import ZERO, Paid, paid_for
from .quotes import Again, quote, take
from .reach import check_key, unit_for
from .reckoning import facts_to_change, rule_kept

ASKED = audit.action("ticketing.change_asked", _("申请改签"))
#: The last moments of a hold are not sold: money that comes then would come too late.
MARGIN = timedelta(minutes=1)
#: Tickets on which somebody still goes, or went.
_STAYS = (TicketState.ISSUED, TicketState.PART_USED, TicketState.USED, TicketState.CHANGING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that is changed, and the quote that was agreed to."""

    ticket: int
    token: str


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """What changing a ticket comes to."""

    old: Ticket
    new: Ticket
    quote: FeeQuote
    #: What becomes of the old ticket's insurance; nothing where it has none.
    insurance: str = ""

    @property
    def fee(self) -> Fee:
        """The answer of the engine."""
        return Fee.from_json(self.quote.result)


@dataclass(frozen=True, slots=True)
class StaleChange:
    """What was agreed to does not hold any more: nothing was done; here is what holds now, and what is different."""

    offers: tuple[ChangeOffer, ...]
    words: str


class _Moved(Exception):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def preview_change(
    tickets: Sequence[Ticket], target: TicketOrder, cause: str = ChangeCause.PASSENGER
) -> list[ChangeOffer]:
    """What changing tickets of one order to a held trip costs now; each quote holds for five minutes.

    Raises TicketError TARGET_WRONG, NOT_POSSIBLE, NO_RULE, FACT_MISSING. For a caller who knows who may.
    """
    insured = words_before_change(tickets)
    return [
        ChangeOffer(
            old,
            new,
            quote(subject_of(old, target, cause), _rule(old, target, cause), facts),
            insured.get(old.pk, ""),
        )
        for old, new, facts, _paid in _reckoned(tickets, target, cause)
    ]


def subject_of(ticket: Ticket, target: TicketOrder, cause: str = ChangeCause.PASSENGER) -> str:
    """What a quote of a change is for; one by the rule of missed trips is none for a change before the departure."""
    return f"ticket:{ticket.pk}>{target.pk}{'!' if cause == ChangeCause.MISSED else ''}"


def _rule(ticket: Ticket, target: TicketOrder, cause: str) -> dict[str, Any]:
    """The rule of a change, whatever the cause: without a trip there is nothing to be changed for free by no rule."""
    if cause == ChangeCause.MISSED:
        return missed_rule(ticket, target)
    kept = cause if cause == ChangeCause.SESSION_CANCELLED else ChangeCause.PASSENGER
    return rule_kept(ticket, FeeKind.CHANGE, kept)


def _reckoned(
    tickets: Sequence[Ticket], target: TicketOrder, cause: str
) -> list[tuple[Ticket, Ticket, Facts, Paid]]:
    for one in tickets:
        _refuse(one)
    _refuse_children(tickets)
    pairs = _pairs(tickets, target)
    _refuse_beside(pairs)
    paid = paid_for(tickets)
    rest = Ticket.objects.filter(ticket_order=tickets[0].ticket_order_id).exclude(
        pk__in=[one.pk for one in tickets]
    )
    whole = not rest.exists()
    if cause == ChangeCause.MISSED:
        for old, _new in pairs:
            missed_rule(old, target)  # under the lock, too: it may have been let on board in the meantime
    return [
        (
            old, new,
            facts_to_change(old, paid[old.pk], new, target, cause=cause, whole_order=whole), paid[old.pk],
        )
        for old, new in pairs
    ]  # fmt: skip


def _refuse(ticket: Ticket) -> None:
    told = {"number": ticket.number, "state": ticket.get_state_display()}
    if ticket.state != TicketState.ISSUED:
        raise TicketError(
            Code.NOT_POSSIBLE,
            _("票 %(number)s %(state)s，不能改签") % told,
            "tickets",
            _("请刷新后查看最新状态"),
        )
    if ticket.used or ticket.back:
        raise TicketError(
            Code.NOT_POSSIBLE, _("票 %(number)s 已使用或退过一部分，不能改签") % told, "tickets"
        )


def _refuse_children(tickets: Sequence[Ticket]) -> None:
    going = [one.pk for one in tickets]
    left = Ticket.objects.filter(carried_by__in=going, state=TicketState.ISSUED).exclude(pk__in=going).first()
    if left is not None:
        raise TicketError(
            Code.NOT_POSSIBLE,
            _("票 %(number)s 是随行儿童的，须一起改签") % {"number": left.number},
            "tickets",
        )


def _pairs(tickets: Sequence[Ticket], target: TicketOrder) -> list[tuple[Ticket, Ticket]]:
    """Old and new tickets of the same people; without names by their order."""
    news = list(
        target.tickets.filter(state=TicketState.HELD)
        .select_related("passenger", "ticket_order")
        .order_by("pk")
    )
    order = tickets[0].ticket_order
    if target.instead_of_id not in (None, order.pk):
        raise _wrong(_("新的占座是为另一张订单改签的"))
    if target.trade != order.trade or target.pk == order.pk or len(news) != len(tickets):
        raise _wrong(_("新的行程与要改签的票张数不一致"))
    if target.supplier_id != order.supplier_id:
        raise _wrong(_("只能改签到同一售票方的班次（场次）"))
    found = []
    places = _places([*tickets, *news])
    for old in with_segments(tickets):
        person = old.passenger.document_index if old.passenger is not None else ""
        same = [
            one
            for one in news
            if (one.passenger.document_index if one.passenger is not None else "") == person
            and one.uses == old.uses
            and places[one.pk] == places[old.pk]
        ]
        new = min(same, key=lambda one: not _is_one(old, one), default=None)
        if new is None:
            raise _wrong(_("新的行程与要改签的票不是同样的乘客（观众）"))
        news.remove(new)
        found.append((old, new))
    return found


def _places(tickets: Sequence[Ticket]) -> dict[int, int]:
    """On which of the legs that are changed a ticket is, counted from 0: whoever changes the way back only goes on the
    first leg of another trip."""
    with_segments(tickets)
    legs: dict[int, list[int]] = {}
    for one in tickets:
        place = one.segment.position if one.segment is not None else 0
        known = legs.setdefault(one.ticket_order_id, [])
        if place not in known:
            known.append(place)
    return {
        one.pk: sorted(legs[one.ticket_order_id]).index(
            one.segment.position if one.segment is not None else 0
        )
        for one in tickets
    }


def _refuse_beside(pairs: Sequence[tuple[Ticket, Ticket]]) -> None:
    """Where only some legs are changed: nobody is on the new trip and on a leg that stays at the same time.

    What is held for a change is not held against its own order, so this is looked at here. Raises TicketError
    TRIPS_OVERLAP.
    """
    first = pairs[0][0]
    if first.segment_id is None:
        return
    rest = Ticket.objects.filter(ticket_order=first.ticket_order_id, state__in=_STAYS).exclude(
        pk__in=[old.pk for old, _new in pairs]
    )
    there = _trips(rest.select_related("segment", "passenger", "ticket_order"))
    check_overlap(_trips([new for _old, new in pairs]), there)


def _trips(tickets: Iterable[Ticket]) -> list[Trip]:
    return [
        Trip(one.passenger.document_index, leg.starts_at, leg.ends_at, leg.title)
        for one in tickets
        if one.passenger is not None and (leg := leg_of(one))
    ]


def _is_one(old: Ticket, new: Ticket) -> bool:
    """Of tickets by one document (a child may go by its adult's) the same person's."""
    if old.passenger is None or new.passenger is None:
        return old.fare == new.fare
    return (old.passenger.name, old.passenger.birth) == (new.passenger.name, new.passenger.birth)


def _wrong(words: str) -> TicketError:
    return TicketError(Code.TARGET_WRONG, words, "target", _("请重新选择要改签到的班次（场次）"))


def refuse_gone(target: TicketOrder) -> None:
    """Refuse a trip that is not held (any more). Raises TicketError TARGET_WRONG."""
    held = target.state == OrderState.HELD and target.held_until is not None and target.held_until > now()
    if not held or target.order_id is not None:
        raise _wrong(_("新行程的占座已失效"))


def pay_by(target: TicketOrder) -> datetime | None:
    """Until when a change to what is held is paid; None where nothing is."""
    return target.held_until - MARGIN if target.held_until is not None else None


def _refuse_late(target: TicketOrder) -> None:
    """Refuse what can only be changed for money where there is no time left to pay it. Raises TARGET_WRONG."""
    until = pay_by(target)
    if until is None or until <= now():
        raise _wrong(_("新行程的占座马上到期，来不及补差价"))


def submit_change(
    by: Any,
    key: str,
    wanted: Sequence[Wanted],
    target_pk: int,
    *,
    cause: str = ChangeCause.PASSENGER,
    token: str = "",
) -> ChangeRequest | StaleChange:
    """Change tickets of one order as it was quoted; the same key again is the same request.

    `target_pk`: a held ticket order that the caller showed to be his. From now on nobody goes in with the old tickets.
    What is dearer is to be paid next; otherwise the supplier is asked after the commit. Locks: both ticket orders in
    their order, all tickets, the quotes. Raises OutOfScope, NotAllowed; TicketError KEY_INVALID, KEY_REUSED,
    INVALID_INPUT, TARGET_WRONG, NOT_POSSIBLE, QUOTE_UNKNOWN, QUOTE_USED …; LockTimeout.
    """
    check_key(key)
    keys = [one.ticket for one in wanted]
    first = (
        Ticket.objects.select_related("ticket_order__order", "ticket_order__unit")
        .filter(pk__in=keys)
        .order_by("pk")
        .first()
    )
    if first is None:
        raise TicketError(Code.INVALID_INPUT, _("请选择车票（门票）"), "tickets")
    unit = unit_for(by, first.ticket_order, REFUND, token=token, cause=cause)
    try:
        with transaction.atomic():
            return _write(by, key, wanted, first.ticket_order_id, target_pk, cause, unit)
    except _Moved as moved:
        tickets = list(
            Ticket.objects.filter(pk__in=keys).select_related("passenger", "ticket_order").order_by("pk")
        )
        target = TicketOrder.objects.get(pk=target_pk)
        return StaleChange(tuple(preview_change(tickets, target, cause)), moved.words)


def _write(
    by: Any, key: str, wanted: Sequence[Wanted], order_pk: int, target_pk: int, cause: str, unit: OrgUnit
) -> ChangeRequest:
    locked = {one.pk: one for one in lock_orders({order_pk, target_pk})}
    known = ChangeRequest.objects.filter(key=key).first()
    if known is not None:
        if (known.ticket_order_id, known.target_id) != (order_pk, target_pk):
            raise TicketError(Code.KEY_REUSED, _("该请求号已用于另一笔改签，请刷新后重试"), "key")
        return known
    order, target = locked[order_pk], locked[target_pk]
    refuse_gone(target)
    if ChangeRequest.objects.filter(target=target).exists():
        raise _wrong(_("新行程已用于另一笔改签"))
    keys = [one.ticket for one in wanted]
    lock_rows(Ticket.objects.filter(ticket_order__in=(order_pk, target_pk)))
    tickets = list(
        Ticket.objects.filter(pk__in=keys, ticket_order=order)
        .select_related("passenger", "ticket_order")
        .order_by("pk")
    )
    if len(tickets) != len(set(keys)):
        raise TicketError(Code.INVALID_INPUT, _("请一次只办理一张订单的票"), "tickets")
    tokens = {one.ticket: one.token for one in wanted}
    taken = []
    for old, new, facts, paid in _reckoned(tickets, target, cause):
        answer = take(tokens[old.pk], subject_of(old, target, cause), facts)
        if isinstance(answer, Again):
            raise _Moved(answer.words)
        taken.append((old, new, facts, paid, answer.quote, answer.fee))
    items = [_item(*one) for one in taken]
    if any(one.difference > 0 for one in items) and any(one.back > 0 for one in items):
        raise TicketError(Code.NOT_POSSIBLE, _("有的票要补差价、有的要退差价，请分开改签"), "tickets")
    net = sum((one.to_pay - one.back for one in items), ZERO)
    if net > 0:
        _refuse_late(target)
    request = ChangeRequest.objects.create(
        number=next_number(NUMBER), key=key, ticket_order=order, target=target, cause=cause, unit=unit,
        asked_by=by if getattr(by, "pk", None) else None, fee=sum((one.fee for one in items), ZERO),
        to_pay=max(net, ZERO), back=max(-net, ZERO), words=items[0].words,
    )  # fmt: skip
    request.tickets.set(tickets)
    for one in items:
        one.change = request
    ChangeItem.objects.bulk_create(items)
    for old in tickets:
        move_locked(old, "ask_change", reason=request.number)
    audit.record(
        ASKED, request, after={"number": request.number, "to_pay": request.to_pay, "back": request.back},
        actor=actor_label(by) if by is not None else None, org_path=unit.path,
    )  # fmt: skip
    if request.to_pay:
        move_locked(request, "ask_money")
    else:
        go_on(request)
    return request


def _item(old: Ticket, new: Ticket, facts: Facts, paid: Paid, row: FeeQuote, fee: Fee) -> ChangeItem:
    value = facts.new_price if facts.new_price is not None else paid.ticket
    return ChangeItem(
        old=old, new=new, quote=row, value=value, difference=value - paid.ticket, fee=fee.fee, to_pay=fee.to_pay,
        back=fee.back, supplier_difference=new.cost - old.cost, words=fee.text[:300],
    )  # fmt: skip


def go_on(request: ChangeRequest) -> None:
    """Everything that is to be paid is: the supplier is asked; our own inventory here and now."""
    from .change_asking import change_inside

    target = request.target
    assert target is not None  # noqa: S101 - it is kept with the request
    if supplier_of(target.supplier.adapter).local:
        change_inside(request)
        return
    transaction.on_commit(partial(_later, request.pk))


def _later(pk: int) -> None:
    from ..tasks import send_change

    send_change.delay(pk)


def sum_of(offers: Sequence[ChangeOffer]) -> tuple[Decimal, Decimal, Decimal]:
    """Fee, what is to be paid and what goes back of several offers, netted; of what is not allowed nothing."""
    allowed = [one.quote for one in offers if one.quote.allowed]
    net = sum((one.to_pay - one.back for one in allowed), ZERO)
    return sum((one.fee for one in allowed), ZERO), max(net, ZERO), max(-net, ZERO)


def as_it_is(request: ChangeRequest) -> ChangeRequest:
    """A change that was just submitted, as it is now: the supplier may have answered in the meantime."""
    return ChangeRequest.objects.get(pk=request.pk)
