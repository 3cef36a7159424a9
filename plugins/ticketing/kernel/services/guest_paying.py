"""What a guest's change costs more becomes an order to be paid, without a basket page: he has typed his data once."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from saleor.account.models import Address
from saleor.order.models import Order

from saleor_o2o.cashier.interfaces import Method, gateway_offering
from saleor_o2o.ordering.baskets import Basket
from saleor_o2o.ordering.services.basket_placing import place_basket

from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import ChangeRequest
from .change_paying import LINE
from .reach import is_buyer, typed


def order_difference(number: str, token: str) -> Order:
    """The order that pays a guest's change; again: the same one. To mail and address of the order that is changed.

    Call outside transactions. Raises TicketError NOT_FOUND for a change that is not his or an account's, HOLD_GONE;
    what placing a basket refuses; LockTimeout.
    """
    rows = ChangeRequest.objects.select_related("ticket_order__order__billing_address", "difference_order")
    found = rows.filter(number=typed(number).upper(), ticket_order__user=None).first()
    if found is None or not is_buyer(AnonymousUser(), found.ticket_order, token):
        raise TicketError(Code.NOT_FOUND, _("没有这笔改签"), "number", _("请从短信链接重新打开订单"))
    if found.difference_order is not None:
        return found.difference_order
    before = found.ticket_order.order
    address = before.billing_address if before is not None else None
    basket = Basket(
        lines=(), holds=[(f"{LINE}:{found.number}", token)],
        billing_address=address.get_copy() if address is not None else _nowhere(),
        # sold at a counter, the order has none; nobody can register with this one and find the order among his
        email=(before.user_email if before is not None else "") or f"{found.number.lower()}@guest.invalid",
    )  # fmt: skip
    return place_basket(
        f"change-pay-{found.number}", basket, user=AnonymousUser(), discounts=[],
        gateway=gateway_offering(Method.WECHAT_H5), expected_total=found.to_pay,
    )  # fmt: skip


def _nowhere() -> Address:
    """Nothing is sent anywhere; an order has an address all the same."""
    return Address(
        city="重庆市", country_area="重庆市", street_address_1="—", postal_code="400000", country="CN"
    )
