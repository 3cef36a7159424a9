"""Saleor's plugin of ordering: tells the sub-orders that something happened to an order. Thin."""

from __future__ import annotations

from typing import Any

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
