"""Nobody issues a paid order: it ends, all of its money goes back, and the buyer is told."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.states import move_all_locked, move_locked

from ..choices import DeskKind, RefundCause
from ..events import TicketIssueFailed
from ..locks import lock_tickets
from ..models import RefundItem, RefundRequest, Ticket, TicketOrder
from ..numbers import REFUND
from ..parts import parts_of
from ..settings import desk_time
from ..telling import FAILED, tell
from .attention import call_people, settled
from .giving_back import finish_if_paid, owe
from .paid import ZERO, Paid, by_order, paid_for
from .releasing import free


def fail(order: TicketOrder, why: str, *, with_money: bool = True) -> RefundRequest | None:
    """End a *locked* paid order without tickets; the money is owed in this transaction and given back after it.

    `with_money` False: it went back another way. Locks: its tickets, our own inventory. Twice is refused by the state
    (IllegalMove); the refund has one key per order.
    """
    order.why = why[:200]
    tickets = lock_tickets(order)
    paid = paid_for(tickets)
    free(order)
    move_all_locked(tickets, "void", reason=why[:200])
    move_locked(order, "fail", reason=order.why)
    for kind in (DeskKind.ISSUE, DeskKind.UNKNOWN, DeskKind.HOURS):
        settled(order, kind, why)
    publish(
        TicketIssueFailed(ticket_order_id=order.pk, order_id=order.order_id or 0),
        key=f"ticket_order:{order.pk}",
    )
    if not with_money:
        return None
    call_people(order, DeskKind.FAILED, _("已自动退款：%(why)s") % {"why": why}, within=desk_time() * 4)
    _tell(order)
    return _give_back(order, tickets, paid, why)


def _give_back(order: TicketOrder, tickets: list[Ticket], paid: dict[int, Paid], why: str) -> RefundRequest:
    """A refund without a fee, both sides written down: nothing is owed to a supplier that issued nothing."""
    due = sum((one.total for one in paid.values()), ZERO)
    request = RefundRequest.objects.create(
        number=next_number(REFUND), key=f"issue-failed:{order.number}", ticket_order=order,
        cause=RefundCause.ISSUE_FAILED, reason=why[:200], unit=order.unit, due=due, supplier_due=ZERO,
        supplier_back=ZERO,
    )  # fmt: skip
    RefundItem.objects.bulk_create(_item(request, ticket, paid[ticket.pk]) for ticket in tickets)
    move_locked(request, "pay", reason=why[:200])
    shares = by_order([source for one in paid.values() for source in one.sources])
    for position, (order_id, amount) in enumerate(sorted(shares.items())):
        key = request.number if not position else f"{request.number}-{position + 1}"
        owe(order_id, amount, key=key, unit=order.unit, reason=_("出票失败全额退款"), refund=request)
    if not shares:
        finish_if_paid(request.pk)
    return request


def _item(request: RefundRequest, ticket: Ticket, paid: Paid) -> RefundItem:
    return RefundItem(
        refund=request, ticket=ticket, quantity=ticket.uses, face=ticket.price - ticket.service,
        **parts_of(ticket), service=ticket.service, discount=paid.discount, fee=Decimal(0), due=paid.total,
        supplier_due=Decimal(0),
        supplier_back=Decimal(0), words=str(_("出票失败，全额退款，不收手续费")),
    )  # fmt: skip


def _tell(order: TicketOrder) -> None:
    if order.ends_at >= now():
        tell(order, FAILED, f"issue-failed:{order.number}", {})
