"""Mutations of refunds and changes, one per file."""

import graphene

from .ticket_refund import TicketRefund
from .ticket_refund_preview import TicketRefundPreview


class TicketAfterMutations(graphene.ObjectType):
    """Giving back and changing."""

    ticket_refund_preview = TicketRefundPreview.Field()
    ticket_refund = TicketRefund.Field()
