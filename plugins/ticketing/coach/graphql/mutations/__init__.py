"""Mutations of coach tickets, one per file."""

import graphene

from .coach_hold import CoachHold
from .coach_invoice_ask import CoachInvoiceAsk


class CoachMutations(graphene.ObjectType):
    """Seats held, invoices asked for."""

    coach_hold = CoachHold.Field()
    coach_invoice_ask = CoachInvoiceAsk.Field()
