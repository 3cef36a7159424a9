"""Mutations of vouchers, one per file."""

import graphene

from .ticket_guest_code_send import TicketGuestCodeSend
from .ticket_guest_vouchers import TicketGuestVouchers
from .ticket_postponed_choose import TicketPostponedChoose
from .ticket_redeem import TicketRedeem
from .ticket_voucher_send import TicketVoucherSend


class VoucherMutations(graphene.ObjectType):
    """Sent again, redeemed."""

    ticket_voucher_send = TicketVoucherSend.Field()
    ticket_redeem = TicketRedeem.Field()
    ticket_postponed_choose = TicketPostponedChoose.Field()
    ticket_guest_code_send = TicketGuestCodeSend.Field()
    ticket_guest_vouchers = TicketGuestVouchers.Field()
