"""Tickets go back: what it costs, and the request that stops their use at once. Then comes `refund_outcomes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrgUnit, require_limit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.states import move_locked

from ..access import REFUND
from ..choices import FeeKind, RefundCause, TicketState
from ..engine import Facts, Fee, total_of
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import FeeQuote, RefundBatch, RefundItem, RefundRequest, Ticket, TicketOrder
from ..numbers import REFUND as NUMBER
from ..parts import parts_of
from .paid import ZERO, Paid, paid_for, portion
from .quotes import Again, quote, take
from .reach import check_key, is_buyer, unit_for
from .reckoning import FREE, facts_to_refund, rule_kept

ASKED = audit.action("ticketing.refund_asked", _("申请退票"))
#: From these a ticket can be given back.
LIVE = (TicketState.ISSUED, TicketState.PART_USED, TicketState.EXPIRED)
#: Refunds for which no merchant is asked: it is not the buyer who wants them.
NOBODY_ASKED = frozenset(RefundCause) - {RefundCause.PASSENGER}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that goes back: how many of its people (None: all that are left), and the quote that was agreed to."""

    ticket: int
    token: str = ""
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What giving back (a part of) a ticket comes to."""

    ticket: Ticket
    quantity: int
    quote: FeeQuote

    @property
    def fee(self) -> Fee:
        """The answer of the engine."""
        return Fee.from_json(self.quote.result)


@dataclass(frozen=True, slots=True)
class Stale:
    """What was agreed to does not hold any more: nothing was done; here is what holds now, and what is different."""

    offers: tuple[Offer, ...]
    words: str


class _Moved(Exception):
    """A quote that does not hold: everything of this transaction has to be undone."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def left_of(ticket: Ticket) -> int:
    """How many of a ticket's people have neither gone in nor been given back."""
    return max(ticket.uses - ticket.used - ticket.back, 0)


def refusal_of(ticket: Ticket, quantity: int | None = None) -> TicketError | None:
    """Why a ticket cannot be given back now, whatever the fee; None where it can."""
    told = {"number": ticket.number, "state": ticket.get_state_display()}
    if ticket.state not in LIVE:
        return TicketError(
            Code.NOT_POSSIBLE,
            _("票 %(number)s %(state)s，不能退") % told,
            "tickets",
            _("请刷新后查看最新状态"),
        )
    most = left_of(ticket)
    if quantity is None and not most:
        return TicketError(Code.NOT_POSSIBLE, _("票 %(number)s 已全部使用，不能退") % told, "tickets")
    if quantity is not None and not 1 <= quantity <= most:
        return TicketError(
            Code.QUANTITY_INVALID,
            _("票 %(number)s 最多还能退 %(most)d 人") % {**told, "most": most},
            "quantity",
        )
    return None


def preview_refund(
    tickets: Sequence[Ticket], quantities: Mapping[int, int] | None = None, cause: str = RefundCause.PASSENGER
) -> list[Offer]:
    """What giving back tickets of one order costs now, each with a quote that holds for five minutes.

    `quantities`: people by ticket where not all that are left. One that is not allowed says why. Raises TicketError
    NOT_POSSIBLE, QUANTITY_INVALID, NO_RULE, FACT_MISSING, SNAPSHOT_UNREADABLE. For a caller who knows who may.
    """
    wanted = [Wanted(one.pk, quantity=(quantities or {}).get(one.pk)) for one in tickets]
    return [
        Offer(one, count, quote(subject_of(one), rule_kept(one, FeeKind.REFUND, cause), facts))
        for one, count, facts, _paid in _reckoned(tickets, wanted, cause)
    ]


def subject_of(ticket: Ticket) -> str:
    """What a quote of a refund is for."""
    return f"ticket:{ticket.pk}"


def _reckoned(
    tickets: Sequence[Ticket], wanted: Sequence[Wanted], cause: str
) -> list[tuple[Ticket, int, Facts, Paid]]:
    """Ticket, people, facts and money of each, checked."""
    asked = {one.ticket: one.quantity for one in wanted}
    for one in tickets:
        if refusal := refusal_of(one, asked[one.pk]):
            raise refusal
    _check_children(tickets)
    counts = {one.pk: asked[one.pk] or left_of(one) for one in tickets}
    paid = paid_for(tickets)
    whole = _is_whole(tickets, counts)
    return [
        (
            one, counts[one.pk],
            facts_to_refund(one, paid[one.pk], cause=cause, quantity=counts[one.pk], whole_order=whole), paid[one.pk],
        )
        for one in tickets
    ]  # fmt: skip


def _check_children(tickets: Sequence[Ticket]) -> None:
    """A child who goes along on an adult's ticket does not travel alone."""
    going = [one.pk for one in tickets]
    left = Ticket.objects.filter(carried_by__in=going, state__in=LIVE).exclude(pk__in=going).first()
    if left is not None:
        raise TicketError(
            Code.NOT_POSSIBLE, _("票 %(number)s 是随行儿童的，须一起退") % {"number": left.number}, "tickets"
        )


def _is_whole(tickets: Sequence[Ticket], counts: Mapping[int, int]) -> bool:
    """Whether nothing of the order is left afterwards, and nothing went before."""
    going = {one.pk for one in tickets}
    rest = Ticket.objects.filter(ticket_order=tickets[0].ticket_order_id).exclude(pk__in=going)
    return not rest.exists() and all(counts[one.pk] == one.uses for one in tickets)


def submit_refund(
    by: Any,
    key: str,
    wanted: Sequence[Wanted],
    *,
    cause: str = RefundCause.PASSENGER,
    reason: str = "",
    token: str = "",
) -> RefundRequest | Stale:
    """Give tickets of one order back as it was quoted; the same key again is the same request.

    From now on nobody goes in with them or changes them. The supplier is asked after the commit. Where a quote does
    not hold any more nothing is done and the answer is `Stale`. Locks: the ticket order, its tickets in their order,
    the quotes. Raises OutOfScope, NotAllowed; TicketError KEY_INVALID, KEY_REUSED, INVALID_INPUT, NOT_POSSIBLE,
    QUANTITY_INVALID, QUOTE_UNKNOWN, QUOTE_USED …; OrgError LIMIT_EXCEEDED; LockTimeout.
    """
    check_key(key)
    first = Ticket.objects.select_related("ticket_order__order", "ticket_order__unit").filter(
        pk__in=[one.ticket for one in wanted]
    ).first()  # fmt: skip
    if first is None:
        raise TicketError(Code.INVALID_INPUT, _("请选择车票（门票）"), "tickets")
    unit = unit_for(by, first.ticket_order, REFUND, token=token, cause=cause)
    try:
        with transaction.atomic():
            return _write(
                first.ticket_order_id, key, wanted, cause, reason, unit, by,
                limited=not is_buyer(by, first.ticket_order, token), quoted=True,
            )  # fmt: skip
    except _Moved as moved:
        tickets = list(Ticket.objects.filter(pk__in=[one.ticket for one in wanted]).order_by("pk"))
        counts = {one.ticket: one.quantity for one in wanted if one.quantity is not None}
        return Stale(tuple(preview_refund(tickets, counts, cause)), moved.words)


def refund_without_asking(
    order: TicketOrder,
    key: str,
    *,
    cause: str,
    reason: str,
    by: Any = None,
    batch: RefundBatch | None = None,
    tickets: Sequence[int] = (),
) -> RefundRequest | None:
    """All that counts of an order (or some tickets) goes back, nobody agreed to a quote: the trip is cancelled.

    Again: the same request. None where nothing is left. `cause` ORDER: the money went back another way, none goes back
    here. Locks and errors as `submit_refund`.
    """
    with transaction.atomic():
        rows = lock_rows(TicketOrder.objects.filter(pk=order.pk))
        known = _known(key, rows[0].pk)
        if known is not None:
            return known
        if cause in NOBODY_ASKED:
            from . import replies

            replies.give_way(rows[0], reason, tickets)
        live = Ticket.objects.filter(ticket_order=order, state__in=LIVE)
        if tickets:
            live = live.filter(pk__in=tickets)
        wanted = [Wanted(one.pk) for one in live.order_by("pk") if left_of(one)]
        if not wanted:
            return None
        return _write(
            order.pk, key, wanted, cause, reason, order.unit, by, limited=False, quoted=False, batch=batch
        )


def _known(key: str, order_pk: int) -> RefundRequest | None:
    known = RefundRequest.objects.filter(key=key).first()
    if known is not None and known.ticket_order_id != order_pk:
        raise TicketError(Code.KEY_REUSED, _("该请求号已用于另一笔退票，请刷新后重试"), "key")
    return known


def _write(
    order_pk: int,
    key: str,
    wanted: Sequence[Wanted],
    cause: str,
    reason: str,
    unit: OrgUnit,
    by: Any,
    *,
    limited: bool,
    quoted: bool,
    batch: RefundBatch | None = None,
) -> RefundRequest:
    """In the transaction: lock, look, take the quotes, stop the tickets, write both sides."""
    order = lock_rows(TicketOrder.objects.filter(pk=order_pk).select_related("supplier", "unit"))[0]
    known = _known(key, order.pk)
    if known is not None:
        return known
    tickets = lock_rows(
        Ticket.objects.filter(pk__in=[one.ticket for one in wanted], ticket_order=order).select_related(
            "ticket_order"
        )
    )
    if len(tickets) != len({one.ticket for one in wanted}):
        raise TicketError(Code.INVALID_INPUT, _("请一次只办理一张订单的票"), "tickets")
    tokens = {one.ticket: one.token for one in wanted}
    taken = [
        (one, count, paid, *_taken(one, facts, tokens[one.pk] if quoted else None, cause))
        for one, count, facts, paid in _reckoned(tickets, wanted, cause)
    ]
    _fee, back, _pay = total_of([fee for *_rest, fee in taken])
    due = ZERO if cause == RefundCause.ORDER else back
    if limited and cause in FREE and by is not None:
        require_limit(by, "refund", due, unit)
    request = RefundRequest.objects.create(
        number=next_number(NUMBER), key=key, ticket_order=order, cause=cause, reason=reason.strip()[:200], unit=unit,
        asked_by=by if getattr(by, "pk", None) else None, due=due, supplier_due=ZERO, batch=batch,
    )  # fmt: skip
    items = [_item(request, *one) for one in taken]
    request.supplier_due = sum((one.supplier_due for one in items), ZERO)
    request.save(update_fields=["supplier_due"])
    RefundItem.objects.bulk_create(items)
    for one in tickets:
        move_locked(one, "ask_back", reason=request.number)
    audit.record(
        ASKED, request, after={"number": request.number, "due": request.due, "cause": str(cause)},
        actor=actor_label(by) if by is not None else None, org_path=unit.path,
    )  # fmt: skip
    _go_on(request, order)
    return request


def _taken(ticket: Ticket, facts: Facts, token: str | None, cause: str) -> tuple[FeeQuote, Fee]:
    """The quote that counts, used. Where nobody was asked (None) it is made now."""
    if token is None:
        row = quote(subject_of(ticket), rule_kept(ticket, FeeKind.REFUND, cause), facts)
        row.used_at = now()
        row.save(update_fields=["used_at"])
        return row, Fee.from_json(row.result)
    found = take(token, subject_of(ticket), facts)
    if isinstance(found, Again):
        raise _Moved(found.words)
    return found.quote, found.fee


def _item(
    request: RefundRequest, ticket: Ticket, count: int, paid: Paid, row: FeeQuote, fee: Fee
) -> RefundItem:
    """Both sides of one ticket."""
    service = portion(ticket.service, ticket, count)
    price = portion(ticket.price, ticket, count)
    cost = portion(ticket.cost, ticket, count)
    if not Facts.from_json(row.facts).involuntary:
        # of the service charge a supplier has its part, too, and keeps it unless there is no trip by its own fault
        cost = min(cost, price - service)
    own = request.cause == RefundCause.ORDER
    parts = {name: portion(amount, ticket, count) for name, amount in parts_of(ticket).items()}
    words = _("订单已另行退款，这里不再退客户；") + fee.text if own else fee.text
    return RefundItem(
        refund=request, ticket=ticket, quote=row, quantity=count, face=price - service, service=service, **parts,
        discount=price - portion(paid.ticket, ticket, count) - portion(paid.service, ticket, count),
        fee=fee.fee, due=ZERO if own else fee.back, supplier_due=max(cost - fee.fee, ZERO),
        tier=str(fee.tier or ""), words=words[:300],
    )  # fmt: skip


def _go_on(request: RefundRequest, order: TicketOrder) -> None:
    """A merchant is asked where the product says so (0139), else whoever has the tickets."""
    from . import refund_outcomes, replies

    if not replies.ask(request, order):
        refund_outcomes.go_on(request)


def sum_of(offers: Sequence[Offer]) -> tuple[Decimal, Decimal]:
    """Fee and what goes back of several offers; of what is not allowed nothing."""
    allowed = [one for one in offers if one.quote.allowed]
    return sum((one.quote.fee for one in allowed), ZERO), sum((one.quote.back for one in allowed), ZERO)


def as_it_is(request: RefundRequest) -> RefundRequest:
    """A refund that was just submitted, as it is now: the supplier may have answered in the meantime."""
    return RefundRequest.objects.get(pk=request.pk)
