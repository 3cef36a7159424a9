"""Mutations of coach tickets, one per file."""

import graphene

from .coach_hold import CoachHold
from .coach_invoice_ask import CoachInvoiceAsk
from .coach_missed_change import CoachMissedChange


class CoachMutations(graphene.ObjectType):
    """Seats held, invoices asked for, missed buses made up for."""

    coach_hold = CoachHold.Field()
    coach_invoice_ask = CoachInvoiceAsk.Field()
    coach_missed_change = CoachMissedChange.Field()
