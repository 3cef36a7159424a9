"""GraphQL of ordering: stock's mutations with our placement behind them, one's own orders, and the order desk."""

import graphene

from .basket_quote import BasketQueries
from .checkout_billing_address_update import CheckoutBillingAddressUpdate
from .checkout_complete import CheckoutComplete
from .checkout_create import CheckoutCreate
from .checkout_payment_create import CheckoutPaymentCreate
from .checkout_shipping_address_update import CheckoutShippingAddressUpdate
from .checkout_shipping_method_update import CheckoutShippingMethodUpdate
from .deductions import DeductionQueries
from .draft_order_complete import DraftOrderComplete
from .draft_order_create import DraftOrderCreate
from .mutations import (
    CheckoutDeductionsChoose,
    MyOrderCancel,
    MyOrderReceive,
    MyOrderReorder,
    OrderMark,
    OrderPriceChange,
)
from .order_fulfill import OrderFulfill
from .order_place import OrderPlace
from .order_update import OrderUpdate
from .payment_secure_confirm import PaymentSecureConfirm
from .queries import OrderingQueries

__all__ = ["BasketQueries", "DeductionQueries", "OrderingMutations", "OrderingQueries"]


class OrderingMutations(graphene.ObjectType):
    """Replace stock's fields of the same names; ours are about the buyer's own orders and the order desk."""

    checkout_billing_address_update = CheckoutBillingAddressUpdate.Field()
    checkout_complete = CheckoutComplete.Field()
    checkout_create = CheckoutCreate.Field()
    checkout_deductions_choose = CheckoutDeductionsChoose.Field()
    checkout_payment_create = CheckoutPaymentCreate.Field()
    checkout_shipping_address_update = CheckoutShippingAddressUpdate.Field()
    checkout_shipping_method_update = CheckoutShippingMethodUpdate.Field()
    draft_order_complete = DraftOrderComplete.Field()
    draft_order_create = DraftOrderCreate.Field()
    order_fulfill = OrderFulfill.Field()
    order_place = OrderPlace.Field()
    order_update = OrderUpdate.Field()
    payment_secure_confirm = PaymentSecureConfirm.Field()
    my_order_cancel = MyOrderCancel.Field()
    my_order_receive = MyOrderReceive.Field()
    my_order_reorder = MyOrderReorder.Field()
    order_mark = OrderMark.Field()
    order_price_change = OrderPriceChange.Field()
