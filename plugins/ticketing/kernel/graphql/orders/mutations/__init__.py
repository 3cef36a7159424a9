"""Mutations of ticket orders, one per file; holding is each trade's own."""

import graphene

from .ticket_guest_code_send import TicketGuestCodeSend
from .ticket_guest_open import TicketGuestOpen
from .ticket_hold_release import TicketHoldRelease
from .ticket_hold_to_checkout import TicketHoldToCheckout
from .ticket_text_send import TicketTextSend


class TicketOrderMutations(graphene.ObjectType):
    """What can be done with a hold; orders without an account."""

    ticket_hold_release = TicketHoldRelease.Field()
    ticket_hold_to_checkout = TicketHoldToCheckout.Field()
    ticket_guest_code_send = TicketGuestCodeSend.Field()
    ticket_guest_open = TicketGuestOpen.Field()
    ticket_text_send = TicketTextSend.Field()
