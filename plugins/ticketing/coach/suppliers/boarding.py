"""A ticket that passed a station's gate, as the network says it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

CHECKED = audit.action("coach.network_checked", _("车站检票（客票网通知）"))


@transaction.atomic
def note_checked(adapter: str, their_number: str) -> bool:
    """Note that a passenger is on the bus, so that nothing is given back or changed any more; False: it was known.

    A ticket that is on its way back stays so: the network refuses it. Locks: the ticket. Raises LockTimeout.
    """
    rows = lock_rows(
        Ticket.objects.filter(
            their_number=their_number, ticket_order__supplier__adapter=adapter, state=TicketState.ISSUED
        )
    )
    for ticket in rows:
        move_locked(ticket, "use", reason=str(_("车站已检票")))
        Ticket.objects.filter(pk=ticket.pk).update(used=1, used_at=now())
        audit.record(CHECKED, ticket, after={"network": adapter}, actor="system")
    return bool(rows)
