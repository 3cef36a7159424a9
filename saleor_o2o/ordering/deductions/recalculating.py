"""Stock reckons an order's discount anew from its voucher alone: the sources' part of it stays."""

from __future__ import annotations

from typing import Any

from saleor_o2o.compat.registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    "Changing the shipping of a placed order reckons its discount anew and would forget deductions",
)
def recalculation_keeps_deductions() -> None:
    from prices import Money
    from saleor.core.taxes import zero_money
    from saleor.discount.models import NotApplicable
    from saleor.order import utils

    from saleor_o2o.compat.rebinding import rebind
    from saleor_o2o.kernel.money import to_yuan

    stock_discount = utils.get_voucher_discount_for_order

    def get_voucher_discount_for_order(order: Any) -> Any:
        from .keeping import deducted_of

        deducted = deducted_of(order)
        if not deducted.total:
            return stock_discount(order)
        try:
            of_voucher = stock_discount(order)
        except NotApplicable:
            of_voucher = zero_money(order.currency)
        return of_voucher + Money(to_yuan(deducted.total), order.currency)

    rebind(stock_discount, get_voucher_discount_for_order)
