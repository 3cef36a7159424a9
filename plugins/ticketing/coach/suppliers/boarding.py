"""A ticket that was fetched on paper or passed a station's gate, as the network says it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket
from plugins.ticketing.kernel.services.gone_in import GOING, GONE, note_gone_in
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

COLLECTED = audit.action("coach.network_collected", _("车站取纸质车票（客票网通知）"))
CHECKED = audit.action("coach.network_checked", _("车站检票（客票网通知）"))


@transaction.atomic
def note_checked(adapter: str, their_number: str) -> bool:
    """Note that a passenger is on the bus, so that nothing is given back or changed any more; False: it was known.

    What is on its way back, or gone, is the kernel's (`note_gone_in`): people look before anybody is paid. Locks: the
    ticket, then the desk's task. Raises LockTimeout.
    """
    if not their_number:
        return False
    rows = lock_rows(
        Ticket.objects.select_related("ticket_order").filter(
            their_number=their_number, ticket_order__supplier__adapter=adapter,
            state__in=(TicketState.ISSUED, *GOING, *GONE),
        )
    )  # fmt: skip
    noted = False
    for ticket in rows:
        if ticket.state == TicketState.ISSUED:
            move_locked(ticket, "use", reason=str(_("车站已检票")))
            Ticket.objects.filter(pk=ticket.pk).update(used=1, used_at=now())
        elif not note_gone_in(ticket):
            continue
        audit.record(CHECKED, ticket, after={"network": adapter, "state": ticket.state}, actor="system")
        noted = True
    return noted


@transaction.atomic
def note_collected(adapter: str, their_number: str, at: datetime) -> bool:
    """Note that a ticket lies on the station's paper since `at`: it is given back or changed at the window only; False:
    it was known, or is no ticket of ours that counts. Locks: the ticket. Raises LockTimeout.
    """
    if not their_number:
        return False
    rows = lock_rows(
        Ticket.objects.filter(
            their_number=their_number, ticket_order__supplier__adapter=adapter, collected_at=None,
            state__in=(TicketState.ISSUED, TicketState.REFUNDING, TicketState.CHANGING, TicketState.USED),
        )
    )  # fmt: skip
    for ticket in rows:
        Ticket.objects.filter(pk=ticket.pk).update(collected_at=at)
        audit.record(COLLECTED, ticket, after={"network": adapter}, actor="system")
    return bool(rows)
