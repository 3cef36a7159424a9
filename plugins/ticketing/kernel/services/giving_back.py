"""Money back to customers: written with its reason, handed to the cashier under its own key, followed to the end.

Whoever owes money writes a `MoneyBack` in the transaction that makes it owed; `hand_over` runs after the commit, and
by a job again where a process died. The cashier does each key once.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from saleor.order.models import Order

from saleor_o2o.cashier.interfaces import CashierErrorCode, came_back, lock_intent_of, refund_order
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.interfaces import paymaster_of, sub_order_lines_of, withdraw

from ..access import REFUND
from ..choices import DeskKind, MoneyState, RefundCause, RefundState, TicketState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import ChangeRequest, Insurance, MoneyBack, RefundItem, RefundRequest, Ticket, TicketOrder
from ..telling import tell_paid_back
from .attention import call_people, settled
from .jobs import each

#: Tickets that are wholly gone: given back, or never issued.
GONE = (TicketState.REFUNDED, TicketState.VOID)
#: After so long what was not handed to the cashier is handed to it by the job.
PATIENCE = timedelta(minutes=2)
AGAIN = audit.action("ticketing.money_back_again", _("票务退款重新办理"))
PAID_OUT = audit.action("ticketing.money_back_paid_out", _("票务退款柜台付出"))


def owe(
    order_id: int,
    amount: Decimal,
    *,
    key: str,
    unit: Any,
    reason: Any,
    refund: RefundRequest | None = None,
    change: ChangeRequest | None = None,
    insurance: Insurance | None = None,
) -> MoneyBack:
    """Write that money goes back, in the transaction that owes it; it is handed over after the commit. Yuan."""
    row = MoneyBack.objects.create(
        order_id=order_id, amount=amount, key=key, unit=unit, reason=str(reason)[:100], refund=refund, change=change,
        insurance=insurance,
    )  # fmt: skip
    transaction.on_commit(partial(_later, row.pk))
    return row


def _later(pk: int) -> None:
    from ..tasks import hand_money_back

    hand_money_back.delay(pk)


def hand_over(pk: int) -> MoneyBack:
    """Let the cashier give it back; again: no change. What the cashier does not have waits for the counter or people.

    Locks: the order's intent, the order, stock and sub-orders, the cashier's rows, then the row. Raises LockTimeout.
    """
    row = MoneyBack.objects.select_related("refund").get(pk=pk)
    if row.state != MoneyState.WAITING:
        return row
    try:
        return _ask_cashier(row)
    except DomainError as refusal:
        if refusal.code == CashierErrorCode.REFUND_ELSEWHERE:
            return _elsewhere(pk)
        if str(refusal.code.value) == "LOCK_TIMEOUT":
            raise
        return _give_up(pk, refusal.in_words)


@transaction.atomic
def _ask_cashier(row: MoneyBack) -> MoneyBack:
    lock_intent_of(row.order_id)
    order = lock_rows(Order.objects.filter(pk=row.order_id))[0]
    # whoever handed it over a moment ago held the same locks
    if not MoneyBack.objects.filter(pk=row.pk, state=MoneyState.WAITING).exists():
        return MoneyBack.objects.get(pk=row.pk)
    _pieces_back(order, row)
    done = refund_order(order.pk, row.amount, reason=row.reason, key=row.key)
    found = lock_rows(MoneyBack.objects.filter(pk=row.pk))[0]
    found.state, found.asked_at = MoneyState.ASKED, now()
    found.save(update_fields=["state", "asked_at"])
    return _arrive(found) if done.has_arrived else found


def _gone_of(order: Order, row: MoneyBack) -> Counter[int]:
    """How many pieces of which order lines came back with this money; none with what is not the order's first."""
    gone = Counter[int]()
    if row.insurance is not None:
        if row.insurance.order_line_id is not None and "#" not in row.key:
            gone[row.insurance.order_line_id] = 1
        return gone
    others = MoneyBack.objects.filter(refund=row.refund, order=order).exclude(pk=row.pk)
    if row.refund is None or others.filter(asked_at__isnull=False).exists():
        return gone
    items = RefundItem.objects.filter(refund=row.refund, ticket__state__in=GONE)
    for item in items.select_related("ticket"):
        root = _root(item.ticket)
        if root.order_line_id is not None:
            gone[root.order_line_id] += 1
    return gone


def _pieces_back(order: Order, row: MoneyBack) -> None:
    """Write at ordering that the pieces of what is wholly gone came back: with the order's first money."""
    gone = _gone_of(order, row)
    if not gone:
        return
    pieces: dict[int, tuple[int, int]] = {}
    for part in sub_order_lines_of(order.pk):
        wanted = min(gone[part.order_line_id], part.quantity - part.withdrawn - part.returned)
        if wanted <= 0:
            continue
        gone[part.order_line_id] -= wanted
        unsent = min(wanted, max(part.quantity - part.shipped - part.withdrawn, 0))
        pieces[part.pk] = (unsent, wanted - unsent)
    if pieces:
        withdraw(order, pieces)


def _root(ticket: Ticket) -> Ticket:
    """The ticket that was bought, of one that was changed since."""
    while ticket.changed_from is not None:
        ticket = ticket.changed_from
    return ticket


@transaction.atomic
def _elsewhere(pk: int) -> MoneyBack:
    """A clerk gives it back where it was taken. Locks: the order, stock and sub-orders, the row."""
    found = MoneyBack.objects.select_related("refund").get(pk=pk)
    order = lock_rows(Order.objects.filter(pk=found.order_id))[0]
    # whoever was told the same by the cashier a moment ago has written the pieces already
    if not MoneyBack.objects.filter(pk=pk, state=MoneyState.WAITING).exists():
        return MoneyBack.objects.get(pk=pk)
    _pieces_back(order, found)
    row = lock_rows(MoneyBack.objects.filter(pk=pk))[0]
    row.asked_at = now()
    row.state = MoneyState.COUNTER
    row.why = _("在收款的柜台退还；不是柜台收的，请在收款渠道退还后登记")
    row.save(update_fields=["state", "why", "asked_at"])
    return row


@transaction.atomic
def _give_up(pk: int, why: str) -> MoneyBack:
    row = lock_rows(MoneyBack.objects.filter(pk=pk))[0]
    if row.state in (MoneyState.WAITING, MoneyState.ASKED):
        row.state, row.why = MoneyState.FAILED, why[:200]
        row.save(update_fields=["state", "why"])
        call_people(_ticket_order(row), DeskKind.REFUND, _("退款未成功：%(why)s") % {"why": why})
    return row


def _ticket_order(row: MoneyBack) -> TicketOrder:
    if row.refund is not None:
        return row.refund.ticket_order
    if row.change is not None:
        return row.change.ticket_order
    assert row.insurance is not None  # noqa: S101 - money is for one of the three
    return row.insurance.ticket.ticket_order


@transaction.atomic
def arrived(key: str) -> MoneyBack | None:
    """The cashier says that all of it is with the customer; again: no change. None: not ours.

    Locks: the row, then its refund.
    """
    rows = lock_rows(MoneyBack.objects.filter(key=key))
    if not rows:
        return None
    return _arrive(rows[0])


def _arrive(row: MoneyBack) -> MoneyBack:
    if row.state == MoneyState.ARRIVED:
        return row
    row.state, row.arrived_at, row.why = MoneyState.ARRIVED, now(), ""
    row.asked_at = row.asked_at or row.arrived_at
    row.save(update_fields=["state", "arrived_at", "why", "asked_at"])
    if row.refund_id is not None:
        finish_if_paid(row.refund_id)
    return row


def finish_if_paid(refund_pk: int) -> None:
    """End a refund once all of its money has arrived. Locks: the refund."""
    refund = lock_rows(RefundRequest.objects.filter(pk=refund_pk))[0]
    ends = (MoneyState.ARRIVED, MoneyState.REPLACED)
    if refund.state != RefundState.PAYING or refund.money.exclude(state__in=ends).exists():
        return
    for item in refund.items.all():
        item.back = item.due
        item.save(update_fields=["back"])
    move_locked(refund, "finish")
    # who was told that a trip or a ticket does not come about was told of the money, too
    if refund.due and refund.cause in (RefundCause.PASSENGER, RefundCause.CARRIER):
        tell_paid_back(refund, refund.due)
    settled(refund.ticket_order, DeskKind.REFUND, _("已退款"))


@transaction.atomic
def failed(key: str, code: str) -> MoneyBack | None:
    """The provider gave it up: people look. None: not ours. Locks: the row."""
    rows = lock_rows(MoneyBack.objects.filter(key=key))
    return _give_up(rows[0].pk, code) if rows else None


def try_again(by: Any, pk: int) -> MoneyBack:
    """Give back anew what failed. Raises OutOfScope, NotAllowed, TicketError CHANGED_MEANWHILE. Locks: the row."""
    found = get_row(by, MoneyBack, pk=pk)
    require(by, REFUND, found)
    with transaction.atomic():
        row = lock_rows(MoneyBack.objects.filter(pk=found.pk))[0]
        if row.state != MoneyState.FAILED:
            raise _meanwhile()
        amount = row.amount
        if row.asked_at is not None:
            amount, more = came_back(row.key)
            if more:
                raise TicketError(
                    Code.CHANGED_MEANWHILE, _("这笔退款的另一部分还在途中"), hint=_("请等支付渠道答复后再试")
                )
        stem, _dash, count = row.key.partition("#")
        key = f"{stem}#{int(count or 0) + 1}"
        fresh = owe(
            row.order_id, amount, key=key, unit=row.unit, reason=row.reason, refund=row.refund, change=row.change,
            insurance=row.insurance,
        )  # fmt: skip
        row.state = MoneyState.REPLACED
        row.save(update_fields=["state"])
        audit.record(
            AGAIN, row, after={"key": key, "amount": amount}, actor=actor_label(by), org_path=row.unit.path
        )
    return fresh


def pay_out(by: Any, pk: int, *, slip: str = "", note: str = "") -> MoneyBack:
    """A clerk gives back at the counter what was taken there; or notes how else it was given back. Once.

    Raises OutOfScope, NotAllowed, TicketError CHANGED_MEANWHILE, PAY_ELSEWHERE, and what the counter refuses with.
    Locks: the counter's, then the row.
    """
    found = get_row(by, MoneyBack, pk=pk)
    require(by, REFUND, found)
    if found.state == MoneyState.ARRIVED:
        return found
    if found.state != MoneyState.COUNTER:
        raise _meanwhile()
    taken = paymaster_of(found.order_id)
    if taken is not None:
        taken[0].give_back(
            by, found.order_id, found.amount, reason=found.reason, key=found.key, seen=_given_back(found.order_id),
            slip=slip,
        )  # fmt: skip
    elif not note.strip():
        raise TicketError(
            Code.PAY_ELSEWHERE,
            _("这笔款不是柜台收的"),
            "note",
            _("请在收款的渠道退还，再写明退还方式和凭证号"),
        )
    with transaction.atomic():
        row = lock_rows(MoneyBack.objects.filter(pk=pk))[0]
        if row.state == MoneyState.ARRIVED:
            return row
        _arrive(row)
        row.why = note.strip()[:200]
        row.save(update_fields=["why"])
        audit.record(
            PAID_OUT, row, after={"amount": row.amount, "slip": slip, "note": row.why}, actor=actor_label(by),
            org_path=row.unit.path,
        )  # fmt: skip
    return row


def _given_back(order_id: int) -> Decimal:
    from django.db.models import Sum
    from saleor.payment import TransactionKind
    from saleor.payment.models import Transaction

    booked = Transaction.objects.filter(
        payment__order_id=order_id, kind=TransactionKind.REFUND, is_success=True
    )
    return booked.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _meanwhile() -> TicketError:
    return TicketError(Code.CHANGED_MEANWHILE, _("这笔退款刚刚有了变化"), hint=_("请刷新后查看"))


def hand_over_waiting() -> int:
    """What a crash kept from the cashier: once more, under the same key. How many were handed over."""
    late = MoneyBack.objects.filter(state=MoneyState.WAITING, made_at__lt=now() - PATIENCE)
    return each(late.order_by("pk"), hand_over, "money back")
