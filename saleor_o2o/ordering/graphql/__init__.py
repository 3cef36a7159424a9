"""GraphQL of ordering: stock's mutations with our placement behind them."""

import graphene

from .checkout_complete import CheckoutComplete
from .checkout_payment_create import CheckoutPaymentCreate
from .draft_order_complete import DraftOrderComplete
from .draft_order_create import DraftOrderCreate
from .order_fulfill import OrderFulfill
from .payment_secure_confirm import PaymentSecureConfirm


class OrderingMutations(graphene.ObjectType):
    """Replace stock's fields of the same names."""

    checkout_complete = CheckoutComplete.Field()
    checkout_payment_create = CheckoutPaymentCreate.Field()
    draft_order_complete = DraftOrderComplete.Field()
    draft_order_create = DraftOrderCreate.Field()
    order_fulfill = OrderFulfill.Field()
    payment_secure_confirm = PaymentSecureConfirm.Field()
