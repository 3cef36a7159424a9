"""A supplier's gate let somebody in whose ticket is on its way back, or is gone already (0146).

Nobody pays him in silence: while it goes back the ticket remembers that it was used, so that it is used as soon as it
counts again, and people decide where the supplier took it back all the same. Where the money is gone, people are told.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import now

from ..choices import DeskKind, RefundState, TicketState
from ..models import RefundItem, Ticket
from .attention import call_people

#: On the way back, and gone.
GOING = (TicketState.REFUNDING, TicketState.CHANGING)
GONE = (TicketState.REFUNDED, TicketState.CHANGED)


def gone_in(item: RefundItem) -> bool:
    """Whether somebody whose money is asked back went in meanwhile: more are in than the others of his ticket."""
    ticket = item.ticket
    return ticket.state == TicketState.REFUNDING and ticket.used + ticket.back + item.quantity > ticket.uses


def note_gone_in(ticket: Ticket) -> bool:
    """The supplier says that everybody of a ticket went in, which does not count at the moment; False: it was known.

    Called in a transaction with the ticket locked. Locks: the desk's task, the last of all.
    """
    told = {"number": ticket.number, "state": ticket.get_state_display()}
    if ticket.state in GOING:
        if ticket.used >= ticket.uses - ticket.back:
            return False
        Ticket.objects.filter(pk=ticket.pk).update(used=ticket.uses - ticket.back, used_at=now())
        audits = RefundItem.objects.filter(ticket=ticket, refund__state=RefundState.AUDIT)
        if audits.exists():
            call_people(
                ticket.ticket_order, DeskKind.REFUND,
                _("票 %(number)s 已检票上车，退票正待审核，请核实旅客是否乘车") % told,
            )  # fmt: skip
        return True
    if ticket.state not in GONE or ticket.used_at is not None:
        return False
    Ticket.objects.filter(pk=ticket.pk).update(used_at=now())
    call_people(
        ticket.ticket_order, DeskKind.CONTACT,
        _("票 %(number)s %(state)s，却已检票上车，请与供应商和旅客核实") % told,
    )  # fmt: skip
    return True


def forget(item: RefundItem, *, decided: bool) -> None:
    """A ticket is given back although somebody went in: it counts as given back. `decided`: people said so; else they
    are told. In the transaction, the ticket locked, before its `back` is moved; not saved."""
    ticket = item.ticket
    ticket.used = max(ticket.uses - ticket.back - item.quantity, 0)
    if not decided:
        call_people(
            ticket.ticket_order, DeskKind.CONTACT,
            _("票 %(number)s 已退，却已检票上车，请与供应商和旅客核实") % {"number": ticket.number},
        )  # fmt: skip
