"""Mutations of refunds and changes, one per file."""

import graphene

from .ticket_change import TicketChange
from .ticket_change_pay import TicketChangePay
from .ticket_change_preview import TicketChangePreview
from .ticket_insure import TicketInsure
from .ticket_refund import TicketRefund
from .ticket_refund_preview import TicketRefundPreview
from .ticket_refund_withdraw import TicketRefundWithdraw


class TicketAfterMutations(graphene.ObjectType):
    """Giving back and changing."""

    ticket_refund_preview = TicketRefundPreview.Field()
    ticket_refund = TicketRefund.Field()
    ticket_refund_withdraw = TicketRefundWithdraw.Field()
    ticket_change_preview = TicketChangePreview.Field()
    ticket_change = TicketChange.Field()
    ticket_change_pay = TicketChangePay.Field()
    ticket_insure = TicketInsure.Field()
