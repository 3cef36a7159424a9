"""Mutations of the cashier, one per file."""

import graphene

from .payment_start import PaymentStart


class CashierMutations(graphene.ObjectType):
    """What a payer's page does."""

    payment_start = PaymentStart.Field()
