"""What shoppers and providers do in the tests of memberships."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from saleor.order.models import Order

from plugins.memberships.models import Plan
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.ports import RefundState, TradeState
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund
from saleor_o2o.kernel.errors import DomainError
from tests.after_sale.conftest import Shop
from tests.buying.shopper import ADDRESS, ask, start
from tests.stock.world import gid

PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!) {
  orderPlace(key: $key, input: $input, gateway: $gateway) {
    order { token total { gross { amount } } } errors { code message hint field } } }"""


def place(shop: Shop, plan: Plan, quantity: int = 1, *, quote: str = "", user: Any = None) -> Any:
    """Place an order of a plan; the answer."""
    basket: dict[str, Any] = {
        "lines": [{"variantId": gid("ProductVariant", plan.variant), "quantity": quantity}], "billingAddress": ADDRESS,
    }  # fmt: skip
    if quote:
        basket["deductions"] = [{"source": "membership_upgrade", "values": [quote]}]
    key = f"membership-{Order.objects.count():06d}-{quote}"
    told = {"key": key, "input": basket, "gateway": "o2o.wechat_pay"}
    return ask(PLACE, told, user or shop.shopper)["orderPlace"]


def pay(shop: Shop, order: Order) -> None:
    """The payer pays."""
    known = set(shop.provider.trades)
    assert start(order)["errors"] == []
    [number] = set(shop.provider.trades) - known
    shop.provider.trades[number].state = TradeState.PAID
    confirm_paid(shop.provider.fact(number))


def buy(shop: Shop, plan: Plan, quantity: int = 1, *, quote: str = "", user: Any = None) -> Order:
    """A paid order of a plan."""
    done = place(shop, plan, quantity, quote=quote, user=user)
    assert done["errors"] == [], done
    order = Order.objects.get(token=done["order"]["token"])
    pay(shop, order)
    return order


def money_arrives(shop: Shop, order: Order, *, closed: bool = False) -> None:
    """The provider pays a refund out, or closes it, and says so."""
    refund = OrderRefund.objects.get(intent__order=order).remote.get()
    drive_refund(refund.pk)
    [trade] = [one for one in shop.provider.trades.values() if refund.number in one.refunds]
    fen, _state = trade.refunds[refund.number]
    trade.refunds[refund.number] = (fen, RefundState.CLOSED if closed else RefundState.SUCCEEDED)
    apply_refund_fact(shop.provider.refund_fact(refund.number))


def refused(act: partial[object]) -> str:
    """The code with which something is refused."""
    with pytest.raises(DomainError) as refusal:
        act()
    return str(refusal.value.code.value)
