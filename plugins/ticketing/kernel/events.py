"""What ticketing tells the others, after the commit. Keys: `ticket_order:<pk>`. `order_id` 0: it was never bought."""

from __future__ import annotations

from saleor_o2o.kernel.events import Event


class TicketsIssued(Event):
    """The tickets of an order count; its fee lines of both sides are written. Once per ticket order."""

    name = "ticketing.tickets_issued"

    ticket_order_id: int
    order_id: int


class TicketIssueFailed(Event):
    """A paid ticket order ended without tickets; its money is on its way back. Once per ticket order."""

    name = "ticketing.issue_failed"

    ticket_order_id: int
    order_id: int


class DepositLow(Event):
    """Our deposit at a supplier is less than people want to keep there. Once until it is enough again. Yuan."""

    name = "ticketing.deposit_low"

    supplier: str
    amount: str
    alarm_below: str
