"""Saleor's plugin of the channels: the owner's price in a shop's checkout. Thin: it asks :mod:`.pricing`."""

from __future__ import annotations

from typing import Any

from prices import Money, TaxedMoney
from saleor.plugins.base_plugin import BasePlugin


class ShopPricesPlugin(BasePlugin):
    """Always on: without a shop on the checkout it changes nothing."""

    PLUGIN_ID = "o2o.shop_prices"
    PLUGIN_NAME = "社区微店售价"
    PLUGIN_DESCRIPTION = "社区微店在价格区间内的店主自定售价。"
    DEFAULT_ACTIVE = True

    def calculate_checkout_line_total(
        self, checkout_line: Any, discounts: Any, previous_value: TaxedMoney
    ) -> TaxedMoney:
        """The line's total at the owner's price; what it was where there is none."""
        from .pricing import own_price

        if not self.active or not checkout_line.quantity:
            return previous_value
        unit = own_price(checkout_line, discounts)
        if unit is None:
            return previous_value
        total = Money(unit * checkout_line.quantity, previous_value.currency)
        return TaxedMoney(net=total, gross=total)
