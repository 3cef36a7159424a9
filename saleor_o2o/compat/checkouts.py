"""Checkouts: the same answers with fewer statements, wherever stock asks for them."""

from __future__ import annotations

from typing import Any

from .rebinding import rebind
from .registry import Stage, adaptation


@adaptation(
    Stage.APPS, "Applicable shipping methods take three statements, several times in each step of a checkout"
)
def shipping_methods_in_one_statement() -> None:
    from django.db.models import Exists, Q
    from saleor.shipping import models

    def applicable_shipping_methods(self: Any, price: Any, weight: Any, country_code: str) -> Any:
        dedicated = Q(shipping_zone__countries__contains=country_code, shipping_zone__default=False)
        covered = Exists(self.model.objects.filter(dedicated, currency=price.currency).order_by())
        mine = self.filter(dedicated | (Q(shipping_zone__default=True) & ~covered), currency=price.currency)
        mine = mine.select_related("shipping_zone").order_by("price_amount")
        return models._applicable_price_based_methods(price, mine) | models._applicable_weight_based_methods(
            weight, mine
        )

    models.ShippingMethodQueryset.applicable_shipping_methods = applicable_shipping_methods


@adaptation(
    Stage.APPS,
    "A checkout without a voucher is written anew in each step, to take away what it does not have",
)
def nothing_to_remove_writes_nothing() -> None:
    from saleor.checkout import utils

    stock_remove = utils.remove_voucher_from_checkout

    def remove_voucher_from_checkout(checkout: Any) -> None:
        has_some = checkout.voucher_code or checkout.discount_name or checkout.translated_discount_name
        if has_some or checkout.discount_amount or checkout._state.adding:
            stock_remove(checkout)

    rebind(stock_remove, remove_voucher_from_checkout)
