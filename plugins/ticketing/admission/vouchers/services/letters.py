"""Letters with paper tickets, for whoever gives tickets back or voids their paper: whether they went, or need to."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import GONE
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.papers import stock
from saleor_o2o.kernel.locks import lock_rows, require_transaction

from ...models import Mailing, Voucher
from ..choices import MailState, PaperWay


def unsent(ticket: Ticket) -> bool:
    """Whether a ticket's paper is to be posted and has not left the house."""
    return Mailing.objects.filter(ticket_order=ticket.ticket_order_id, state=MailState.WAITING).exists()


def stop(tickets: Sequence[Ticket]) -> None:
    """*Locked* tickets went back before they were posted: their sheets are void, and an order without any other ticket
    is not posted. Locks: the sheets, the mailing."""
    require_transaction()
    orders = {one.ticket_order_id for one in tickets}
    there = dict(
        Mailing.objects.filter(ticket_order__in=orders, state=MailState.WAITING).values_list(
            "ticket_order", "pk"
        )
    )
    for ticket in tickets:
        if ticket.state in GONE and ticket.ticket_order_id in there:
            stock().end(None, ticket, str(_("寄出前已退票")), spoilt=True)
    for row in lock_rows(Mailing.objects.filter(pk__in=there.values(), state=MailState.WAITING)):
        left = Ticket.objects.filter(ticket_order=row.ticket_order_id).exclude(state__in=GONE)
        if not left.exists():
            row.state = MailState.CANCELLED
            row.save(update_fields=["state"])


def post_again(voucher: Voucher) -> None:
    """The sheet of a *locked* voucher was lost or spoilt after it left: its order is to be posted once more."""
    require_transaction()
    if voucher.on_paper != PaperWay.MAIL:
        return
    rows = Mailing.objects.filter(ticket_order=voucher.ticket_order_id, state=MailState.SENT)
    for row in lock_rows(rows):
        row.state, row.printed_at, row.waybill, row.carrier = MailState.WAITING, None, "", ""
        row.sent_at = row.sent_by = None
        row.save(update_fields=["state", "printed_at", "waybill", "carrier", "sent_at", "sent_by"])
