"""Mutations of the cashier, one per file."""

import graphene

from .order_payment_compose import OrderPaymentCompose
from .order_refund_request import OrderRefundRequest
from .payment_compose import PaymentCompose
from .payment_start import PaymentStart
from .payment_transfer_submit import PaymentTransferSubmit


class CashierMutations(graphene.ObjectType):
    """What a payer's page and the staff do."""

    payment_start = PaymentStart.Field()
    payment_compose = PaymentCompose.Field()
    payment_transfer_submit = PaymentTransferSubmit.Field()
    order_payment_compose = OrderPaymentCompose.Field()
    order_refund_request = OrderRefundRequest.Field()
