"""Everything an order is made of, reckoned as stock does, without a statement per line.

Stock's ``prepare_order_data`` asks the stock and two tables of translations for each line, and the gift cards five
times. The stock rows are locked by now, so the allocation decides; translations are read for all lines at once; the
gift cards are those that were locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import get_language
from prices import Money
from saleor.checkout import calculations, utils
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.core.exceptions import InsufficientStock
from saleor.core.taxes import quantize_price, zero_taxed_money
from saleor.discount.models import NotApplicable
from saleor.giftcard.models import GiftCard
from saleor.order.models import OrderLine
from saleor.plugins.manager import get_plugins_manager
from saleor.product.models import ProductTranslation, ProductVariantTranslation

from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import bounded_wait

from ..carts import free_units, keep
from ..deductions.reckoning import Reckoning
from ..holds import mark, unit_of


def prepare_order(
    checkout: Checkout,
    lines: Sequence[CheckoutLine],
    cards: Sequence[GiftCard],
    tracking_code: str,
    discounts: Any,
    settled: Reckoning,
) -> dict[str, Any]:
    """The fields of the order, with its unsaved ``lines`` and the ``total_price_left`` for gift cards to pay.

    ``settled`` is what sources take off: the order's discount is the voucher's and theirs.

    Must run in the transaction that holds the locks of stock and ``cards``. Locks: the voucher (by stock). Raises
    InsufficientStock for untracked goods that lie nowhere in the country, NotApplicable for a gift card or voucher that
    has ended, TaxError.
    """
    manager = get_plugins_manager()
    zero = zero_taxed_money(checkout.currency)
    total = calculations.checkout_total(checkout=checkout, lines=lines, discounts=discounts)
    paid = Money(sum((card.current_balance_amount for card in cards), Decimal(0)), checkout.currency)
    total.gross -= paid
    total.net -= paid
    shipping = manager.calculate_checkout_shipping(checkout, lines, discounts)
    data: dict[str, Any] = {
        **utils._process_shipping_data_for_order(checkout, shipping),
        **_buyer(checkout),
        "language_code": get_language(),
        "tracking_client_id": tracking_code,
        "total": max(total, zero),
        "lines": _order_lines(checkout, lines, discounts, manager),
    }
    _refuse_ended(cards)
    if checkout.voucher_code is not None:
        with bounded_wait():
            data.update(utils._get_voucher_data_for_order(checkout))
    subtotal = manager.calculate_checkout_subtotal(checkout, list(lines), discounts)
    if settled.taken:
        _add_deductions(data, settled, checkout.currency)
    data["total_price_left"] = (subtotal + shipping - data.get("discount", checkout.discount)).gross
    manager.preprocess_order_creation(checkout, discounts)
    return data


def _buyer(checkout: Checkout) -> dict[str, Any]:
    """Who buys: as stock tells it, which knows no order without an address."""
    if checkout.billing_address is not None:
        told: dict[str, Any] = utils._process_user_data_for_order(checkout)
        return told
    return {
        "user": checkout.user, "user_email": checkout.get_customer_email(), "billing_address": None,
        "customer_note": checkout.note,
    }  # fmt: skip


def _add_deductions(data: dict[str, Any], settled: Reckoning, currency: str) -> None:
    """The order's discount and its name are those of its voucher and of all that sources took off."""
    before = data.get("discount")
    data["discount"] = Money(settled.total + (before.amount if before is not None else 0), currency)
    names = [data.get("discount_name") or "", *(str(one.source.title) for one in settled.taken)]
    data["discount_name"] = "、".join(dict.fromkeys(name for name in names if name))[:255]
    data["translated_discount_name"] = ""


def _order_lines(
    checkout: Checkout, lines: Sequence[CheckoutLine], discounts: Any, manager: Any
) -> list[OrderLine]:
    untracked = [line.variant for line in lines if not line.variant.track_inventory and unit_of(line) is None]
    if untracked:
        somewhere = free_units(checkout.get_country(), [variant.pk for variant in untracked])
        for variant in untracked:
            if variant.pk not in somewhere:
                raise InsufficientStock(variant)
    translated = [line for line in lines if getattr(line, "o2o_translated", True)]
    prefetch_related_objects(translated, "variant__translations", "variant__product__translations")
    for line in lines:
        if line not in translated:
            keep(line.variant, "translations", [], ProductVariantTranslation)
            keep(line.variant.product, "translations", [], ProductTranslation)
    return [_order_line(line, discounts, manager) for line in lines]


def _order_line(line: CheckoutLine, discounts: Any, manager: Any) -> OrderLine:
    variant, product = line.variant, line.variant.product
    product_name, variant_name = str(product), str(variant)
    translated_product, translated_variant = str(product.translated), str(variant.translated)
    total = manager.calculate_checkout_line_total(line, discounts)
    unit = quantize_price(total / line.quantity, total.currency)
    made = OrderLine(
        product_name=product_name,
        variant_name=variant_name,
        translated_product_name=translated_product if translated_product != product_name else "",
        translated_variant_name=translated_variant if translated_variant != variant_name else "",
        product_sku=variant.sku,
        is_shipping_required=variant.is_shipping_required(),
        quantity=line.quantity,
        variant=variant,
        unit_price=unit,
        # a gift that costs nothing has no rate
        tax_rate=unit.tax / unit.net if unit.net.amount else Decimal("0.0"),
    )
    mark(made, line.data)
    return made


def _refuse_ended(cards: Sequence[GiftCard]) -> None:
    day = today()
    for card in cards:
        if not card.is_active or card.start_date > day or (card.end_date and card.end_date < day):
            raise NotApplicable("Gift card has expired. Order placement cancelled.")
