"""Saleor's plugin of ordering: tells the sub-orders that something happened to an order, and lowers totals. Thin."""

from __future__ import annotations

from typing import Any

from prices import Money, TaxedMoney
from saleor.order.models import Order
from saleor.plugins.base_plugin import BasePlugin


class SubOrdersPlugin(BasePlugin):
    """Always on: every action of stock on an order ends with this hook, in the action's own transaction."""

    PLUGIN_ID = "o2o.sub_orders"
    PLUGIN_NAME = "子订单"
    PLUGIN_DESCRIPTION = "子订单随 Saleor 订单的付款、发货、撤销、取消和退款变化。"
    DEFAULT_ACTIVE = True

    def order_updated(self, order: Order, previous_value: Any) -> Any:
        """Bring the sub-orders to where the order is. Also while switched off: states must not stand still."""
        from .services.syncing import sync_order

        sync_order(order.pk)
        return previous_value

    def calculate_checkout_line_total(
        self, checkout_line: Any, discounts: Any, previous_value: TaxedMoney
    ) -> TaxedMoney:
        """A held line costs what its hold says. Also while switched off."""
        from .holds import unit_of

        unit = unit_of(checkout_line)
        if unit is None:
            return previous_value
        total = Money(unit * checkout_line.quantity, previous_value.currency)
        return TaxedMoney(net=total, gross=total)

    def calculate_checkout_total(
        self, checkout: Any, lines: Any, discounts: Any, previous_value: TaxedMoney
    ) -> TaxedMoney:
        """Take off what sources of deductions do. Also while switched off: an order is always lowered by them."""
        from .deductions.reckoning import deductions_of

        off = deductions_of(checkout, lines, discounts).total
        if not off:
            return previous_value
        less = Money(off, previous_value.currency)
        zero = Money(0, previous_value.currency)
        return TaxedMoney(
            net=max(previous_value.net - less, zero), gross=max(previous_value.gross - less, zero)
        )
