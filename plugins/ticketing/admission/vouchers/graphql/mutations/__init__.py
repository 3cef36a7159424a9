"""Mutations of vouchers, one per file."""

import graphene

from .ticket_mailing_change import TicketMailingChange
from .ticket_postponed_choose import TicketPostponedChoose
from .ticket_redeem import TicketRedeem
from .ticket_voucher_send import TicketVoucherSend


class VoucherMutations(graphene.ObjectType):
    """Sent again, redeemed, posted elsewhere."""

    ticket_voucher_send = TicketVoucherSend.Field()
    ticket_mailing_change = TicketMailingChange.Field()
    ticket_redeem = TicketRedeem.Field()
    ticket_postponed_choose = TicketPostponedChoose.Field()
