"""A session or shift is cancelled: all of its tickets go back without a fee, order after order, at any time resumed."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import advisory_lock, lock_rows
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.sweeping import sum_each

from ..choices import BatchState, OrderState, RefundCause, RefundState, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..legs import orders_on, tickets_on
from ..locks import TicketLock
from ..models import RefundBatch, Segment, Ticket, TicketOrder
from ..numbers import BATCH
from .reach import check_key
from .refund_outcomes import NEVER_AGAIN
from .refunding import LIVE, refund_without_asking
from .replies import waiting

logger = logging.getLogger(__name__)
BEGUN = audit.action("ticketing.refund_batch", _("批量退票"))
ENDED = audit.action("ticketing.refund_batch_ended", _("批量退票不用再复核"))
#: Orders that one run of the job takes at most.
RUN = 200
#: Refunds of which nobody knows yet what they come to.
_UNDECIDED = (RefundState.ASKED, RefundState.MERCHANT, RefundState.AT_SUPPLIER, RefundState.AUDIT)


def refund_all(
    by: Any,
    key: str,
    *,
    trade: str,
    product: str,
    starts_at: datetime,
    unit: OrgUnit,
    reason: str,
    cause: str = RefundCause.SESSION_CANCELLED,
    due: Decimal | None = None,
    state: BatchState = BatchState.RUNNING,
    title: str = "",
) -> RefundBatch:
    """Give back every ticket of `product` (`TicketOrder.key`) that begins at `starts_at`, without a fee.

    Of an order of several legs the tickets of this one only; where it is cancelled the others may go back or be changed
    without a fee from now on (`legs.has_broken`), if their owners wish.

    The same key is the same batch. Orders that are issued later are taken by a later run of the job while the batch
    runs. `due`: what the tickets cost together, in yuan; `state` PENDING: it waits for somebody else's word; `title`:
    what the trip is called where no order says it. For a caller who knows who may. Raises TicketError KEY_INVALID,
    KEY_REUSED, INVALID_INPUT.
    """
    check_key(key)
    if not reason.strip():
        raise TicketError(Code.INVALID_INPUT, _("请写明事由"), "reason")
    known = RefundBatch.objects.filter(request_key=key).first()
    if known is None:
        known = _begin(by, key, trade, product, starts_at, unit, reason, cause, due, state, title)
    if (known.trade, known.key, known.starts_at) != (trade, product, starts_at):
        raise TicketError(Code.KEY_REUSED, _("该请求号已用于另一批退票，请刷新后重试"), "key")
    return known


@transaction.atomic
def refund_cancelled(
    key: str, *, trade: str, product: str, starts_at: datetime, unit: OrgUnit, reason: str, title: str
) -> RefundBatch:
    """As `refund_all`, of a session that its keeper has cancelled, in one batch with whatever people began by hand.

    What runs goes on, and is what this returns; what waits for a second word ends, and says which batch does it. Locks:
    whoever else begins one, then what waits. Raises as `refund_all`; LockTimeout.
    """
    advisory_lock(TicketLock.BATCH)
    there = RefundBatch.objects.filter(trade=trade, key=product, starts_at=starts_at)
    known = (
        there.filter(request_key=key).first()
        or there.filter(state=BatchState.RUNNING).order_by("pk").first()
        or refund_all(
            None,
            key,
            trade=trade,
            product=product,
            starts_at=starts_at,
            unit=unit,
            reason=reason,
            title=title,
        )
    )
    for one in lock_rows(there.filter(state=BatchState.PENDING)):
        one.state, one.done_at = BatchState.REFUSED, now()
        one.why = _("场次已取消，由批次 %(number)s 全部退票，不用再复核") % {"number": known.number}
        one.save(update_fields=["state", "why", "done_at"])
        audit.record(
            ENDED, one, after={"number": one.number, "by": known.number}, actor="system", org_path=unit.path
        )
    return known


@transaction.atomic
def _begin(
    by: Any, key: str, trade: str, product: str, starts_at: datetime, unit: OrgUnit, reason: str, cause: str,
    due: Decimal | None, state: BatchState, title: str,
) -> RefundBatch:  # fmt: skip
    orders = _orders(trade, product, starts_at)
    made, fresh = RefundBatch.objects.get_or_create(
        request_key=key,
        defaults={
            "number": next_number(BATCH), "trade": trade, "key": product, "starts_at": starts_at,
            "title": _title(trade, product, starts_at) or title or product, "cause": cause,
            "reason": reason.strip()[:200], "unit": unit, "asked_by": by if getattr(by, "pk", None) else None,
            "orders": orders.count(), "due": due, "state": state,
        },
    )  # fmt: skip
    if not fresh:
        return made
    audit.record(
        BEGUN, made, after={"number": made.number, "key": product, "orders": made.orders},
        actor=actor_label(by) if by is not None else None, org_path=unit.path,
    )  # fmt: skip
    if made.state == BatchState.RUNNING:
        transaction.on_commit(partial(later, made.pk))
    return made


def later(_pk: int) -> None:
    """Go on with all batches that run, by the job."""
    from ..tasks import run_refund_batches

    run_refund_batches.delay()


def _title(trade: str, product: str, starts_at: datetime) -> str:
    """The trip in people's words, as its latest order has them, whatever became of that; empty without one."""
    of_trip = TicketOrder.objects.filter(orders_on(trade, product, starts_at)).order_by("pk").last()
    if of_trip is None:
        return ""
    leg = of_trip.segments.filter(key=product, starts_at=starts_at).first()
    return leg.title if leg is not None else of_trip.title


def _orders(trade: str, product: str, starts_at: datetime) -> QuerySet[TicketOrder]:
    """Issued orders that still have something of this trip: tickets that count, or a refund for which a merchant's word
    is waited for, which gives way since its trip does not take place."""
    here = tickets_on(trade, product, starts_at)
    live = Ticket.objects.filter(here, state__in=LIVE).order_by()
    asked = waiting(Q(items__ticket__in=Ticket.objects.filter(here))).order_by()
    pks = {*live.values_list("ticket_order", flat=True), *asked.values_list("ticket_order", flat=True)}
    return TicketOrder.objects.filter(pk__in=pks, state=OrderState.ISSUED).order_by("pk")


def has_left(trade: str, product: str, starts_at: datetime) -> bool:
    """Whether a batch of this trip has anything to do: now, or once what is paid has its tickets."""
    waits = TicketOrder.objects.filter(
        orders_on(trade, product, starts_at), state__in=(OrderState.PAID, OrderState.ISSUING)
    )
    return waits.exists() or _orders(trade, product, starts_at).exists()


def _tickets_of(batch: RefundBatch, order: TicketOrder) -> list[int]:
    """The tickets of an order of several legs that go back with this batch; none: all of them."""
    rows = order.tickets.filter(tickets_on(batch.trade, batch.key, batch.starts_at), segment__isnull=False)
    return list(rows.values_list("pk", flat=True))


def _mark(batch: RefundBatch) -> None:
    """Say of the leg that it does not take place, also in orders that are issued while the batch runs."""
    if batch.cause == RefundCause.SESSION_CANCELLED:
        rows = Segment.objects.filter(
            ticket_order__trade=batch.trade, key=batch.key, starts_at=batch.starts_at
        )
        rows.filter(no_trip=False).update(no_trip=True)


def _next(batch: RefundBatch) -> list[TicketOrder]:
    """The orders of one run: those that were refused before come last, so that they keep nobody waiting."""
    rows = _orders(batch.trade, batch.key, batch.starts_at)
    fresh = list(rows.exclude(number__in=batch.failed)[:RUN])
    return fresh + list(rows.filter(number__in=batch.failed)[: RUN - len(fresh)])


def go_on() -> int:
    """Take the next orders of every batch that runs; a batch ends when nothing is left, nothing is being issued and no
    ticket is on a way from which it may come back. One that breaks is left for the next time."""
    return sum_each(RefundBatch.objects.filter(state=BatchState.RUNNING).order_by("pk"), _run, "refund batch")


def _may_come_back(batch: RefundBatch) -> bool:
    """Whether a ticket of the trip is being changed, or is going back for another reason: should the supplier refuse,
    it counts again, and goes back with the batch."""
    undecided = Q(
        state=TicketState.REFUNDING, refund_items__refund__state__in=_UNDECIDED,
        refund_items__refund__cause__in=frozenset(RefundCause) - NEVER_AGAIN,
    )  # fmt: skip
    there = tickets_on(batch.trade, batch.key, batch.starts_at)
    return Ticket.objects.filter(there).filter(Q(state=TicketState.CHANGING) | undecided).exists()


def _run(batch: RefundBatch) -> int:
    _mark(batch)
    settled: set[str] = set()
    done, troubles = 0, dict[str, str]()
    for order in _next(batch):
        try:
            # one refund per order and batch, however often the job dies; later tickets come under a later count
            told = order.refunds.filter(batch=batch).count()
            refund_without_asking(
                order,
                f"{batch.number}:{order.pk}:{told}",
                cause=batch.cause,
                reason=batch.reason,
                batch=batch,
                tickets=_tickets_of(batch, order),
            )
            done += 1
            settled.add(order.number)
        except DomainError as refusal:
            troubles[order.number] = refusal.in_words[:200]
        except Exception as error:  # what breaks our own code keeps nobody else from his money
            logger.exception("refund batch %s, order %s", batch.number, order.number)
            troubles[order.number] = _("系统处理时出错（%(what)s）") % {"what": type(error).__name__}
    with transaction.atomic():
        row = lock_rows(RefundBatch.objects.filter(pk=batch.pk))[0]
        row.failed = {number: why for number, why in row.failed.items() if number not in settled} | troubles
        row.handled = row.refunds.values("ticket_order").distinct().count()
        row.orders = max(row.orders, row.handled + len(row.failed))
        if not has_left(row.trade, row.key, row.starts_at) and not _may_come_back(row):
            row.state, row.done_at, row.failed = BatchState.DONE, now(), {}
        row.save(update_fields=["failed", "handled", "orders", "state", "done_at"])
    return done
