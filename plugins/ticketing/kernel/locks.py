"""Locks of the kernel. Their order: Saleor's order, ticket orders, supplier calls, tickets, then a trade's own rows."""

from __future__ import annotations

from collections.abc import Collection

from saleor_o2o.kernel.locks import AdvisoryKey, lock_rows

from .models import SupplierCall, Ticket, TicketOrder


class TicketLock(AdvisoryKey):
    """PERSON: whoever is put on a trip; two trips of one person are looked for one after the other.

    BATCH: whoever begins to give whole sessions back, by hand or because one is cancelled; after a session's own row,
    before all other locks.
    """

    PERSON = "ticketing.person"
    BATCH = "ticketing.batch"


def lock_order(pk: int) -> TicketOrder | None:
    """Lock a ticket order, and read it; None where there is none. Raises LockTimeout.

    FOR NO KEY UPDATE: new calls, tasks and fee lines may point to it meanwhile.
    """
    found = lock_rows(TicketOrder.objects.select_related("supplier").filter(pk=pk), no_key=True)
    return found[0] if found else None


def lock_orders(keys: Collection[int]) -> list[TicketOrder]:
    """Lock ticket orders in the order of their keys. Raises LockTimeout."""
    return lock_rows(TicketOrder.objects.select_related("supplier").filter(pk__in=keys), no_key=True)


def lock_call(pk: int) -> SupplierCall | None:
    """Lock a supplier call, after its ticket order. Raises LockTimeout."""
    found = lock_rows(SupplierCall.objects.select_related("supplier").filter(pk=pk))
    return found[0] if found else None


def lock_tickets(order: TicketOrder) -> list[Ticket]:
    """Lock the tickets of a *locked* order, in the order of their keys. Raises LockTimeout."""
    return lock_rows(Ticket.objects.select_related("passenger").filter(ticket_order=order), no_key=True)
