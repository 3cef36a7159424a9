"""Checkouts: the same answers with fewer statements, wherever stock asks for them."""

from __future__ import annotations

from typing import Any

from .rebinding import rebind
from .registry import Stage, adaptation

#: Set to ``[]`` on a checkout (its ``__dict__``): what is looked up first serves the second look, too.
REUSE = "_o2o_shipping_methods"


@adaptation(
    Stage.APPS, "Applicable shipping methods take three statements, several times in each step of a checkout"
)
def shipping_methods_in_one_statement() -> None:
    from django.db.models import Exists, Q
    from saleor.shipping import ShippingMethodType, models

    def within(what: str, of_type: str, amount: Any) -> Any:
        upper = Q(**{f"maximum_order_{what}__isnull": True}) | Q(**{f"maximum_order_{what}__gte": amount})
        return Q(type=of_type, **{f"minimum_order_{what}__lte": amount}) & upper

    def applicable_shipping_methods(self: Any, price: Any, weight: Any, country_code: str) -> Any:
        dedicated = Q(shipping_zone__countries__contains=country_code, shipping_zone__default=False)
        covered = Exists(self.model.objects.filter(dedicated, currency=price.currency).order_by())
        here = dedicated | (Q(shipping_zone__default=True) & ~covered)
        fits = within("price_amount", ShippingMethodType.PRICE_BASED, price.amount) | within(
            "weight", ShippingMethodType.WEIGHT_BASED, weight
        )
        found = self.filter(here, fits, currency=price.currency)
        return found.select_related("shipping_zone").order_by("price_amount")

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


@adaptation(
    Stage.APPS,
    "Choosing a shipping method looks the applicable ones up, and its answer does so again with nothing changed",
)
def shipping_methods_of_a_step_once() -> None:
    from saleor.shipping import models

    queryset = models.ShippingMethodQueryset
    stock_lookup = queryset.applicable_shipping_methods_for_instance

    def applicable_shipping_methods_for_instance(
        self: Any, instance: Any, price: Any, country_code: Any = None
    ) -> Any:
        kept = instance.__dict__.get(REUSE)
        if kept is None or instance.shipping_address is None:
            return stock_lookup(self, instance, price, country_code)
        asked = (price, instance.get_total_weight(), country_code or instance.shipping_address.country.code)
        if not kept:
            kept += [asked, stock_lookup(self, instance, price, country_code)]
            return kept[1]
        # once: the answer writes taxed prices onto what it is given
        del instance.__dict__[REUSE]
        return kept[1] if kept[0] == asked else stock_lookup(self, instance, price, country_code)

    queryset.applicable_shipping_methods_for_instance = applicable_shipping_methods_for_instance


@adaptation(
    Stage.APPS, "The balance of a checkout's gift cards is asked for although the cards have been read"
)
def gift_cards_that_are_known() -> None:
    from saleor.checkout.models import Checkout
    from saleor.core.taxes import zero_money

    stock_balance = Checkout.get_total_gift_cards_balance

    def get_total_gift_cards_balance(self: Any) -> Any:
        if "gift_cards" not in getattr(self, "_prefetched_objects_cache", ()):
            return stock_balance(self)
        cards = self.gift_cards.all()
        return sum((card.current_balance for card in cards), zero_money(self.currency))

    Checkout.get_total_gift_cards_balance = get_total_gift_cards_balance
