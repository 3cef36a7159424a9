"""``checkoutCreate``: stock's first step, with all lines checked and written at once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.core.exceptions import InsufficientStock, ProductNotPublished
from saleor.graphql.checkout import mutations as stock
from saleor.graphql.core.types.common import CheckoutError
from saleor.graphql.product.types import ProductVariant as ProductVariantType
from saleor.plugins.manager import get_plugins_manager

from ..carts import free_units, keep_lines, keep_no_cards, variants_with_products
from .answering import hand_on


class CheckoutCreate(stock.CheckoutCreate):
    """Stock's mutation, in the same words. Statements do not grow with the lines."""

    class Meta:
        description = stock.CheckoutCreate._meta.description
        model = Checkout
        return_field_name = "checkout"
        error_type_class = CheckoutError
        error_type_field = "checkout_errors"

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, **data: Any) -> Any:
        """As stock: a signed-in customer's open checkout is answered as it is, with ``created: false``."""
        answer = super().perform_mutation(_root, info, **data)
        if answer.created:
            hand_on(info, answer.checkout)
        return answer

    @classmethod
    def process_checkout_lines(cls, lines: list[Any], country: str) -> tuple[list[Any], list[int]]:
        """Find the variants and check quantities and stock, in stock's words."""
        variants = cls.get_nodes_or_error(
            [line.get("variant_id") for line in lines],
            "variant_id",
            ProductVariantType,
            qs=variants_with_products(),
        )
        quantities = [line.get("quantity") for line in lines]
        units = free_units(country, [variant.pk for variant in variants])
        for variant, quantity in zip(variants, quantities, strict=False):  # a variant named twice comes once
            _check_quantity(quantity)
            free = units.get(variant.pk)
            if free is None or (variant.track_inventory and quantity > free):
                raise _refused(
                    f"Could not add item {variant.display_product()}. Only {free or 0} remaining in stock.",
                    InsufficientStock(variant).code,
                )
        return variants, quantities

    @classmethod
    def clean_instance(cls, info: Any, instance: Checkout) -> None:
        """Check the fields; the token is random and needs no look at the others."""
        instance.full_clean(validate_unique=False, validate_constraints=False)

    @classmethod
    @transaction.atomic
    def save(cls, info: Any, instance: Checkout, cleaned_input: dict[str, Any]) -> None:
        """Write addresses, checkout and lines. Raises ValidationError for goods that are not published."""
        pairs = zip(cleaned_input.get("variants") or (), cleaned_input.get("quantities") or (), strict=False)
        lines = []
        for variant, quantity in pairs:
            if not variant.product.is_published:
                raise ValidationError(
                    "Can't create checkout with unpublished product.", code=ProductNotPublished().code
                )
            if quantity:
                lines.append(CheckoutLine(checkout=instance, variant=variant, quantity=quantity))
        keep_lines(instance, lines)
        keep_no_cards(instance)
        instance.quantity = sum(line.quantity for line in lines)
        instance.set_country(info.context.country.code)
        shipping, billing = cleaned_input.get("shipping_address"), cleaned_input.get("billing_address")
        if shipping and instance.is_shipping_required():
            shipping.save()
            instance.shipping_address = shipping.get_copy()
        if billing:
            billing.save()
            instance.billing_address = billing.get_copy()
        instance.save(force_insert=True)
        CheckoutLine.objects.bulk_create(lines)
        if lines:
            get_plugins_manager().checkout_quantity_changed(instance)


def _check_quantity(quantity: int) -> None:
    if quantity < 0:
        raise _refused("The quantity should be higher than zero.", CheckoutErrorCode.ZERO_QUANTITY)
    most = settings.MAX_CHECKOUT_LINE_QUANTITY
    if quantity > most:
        raise _refused(
            f"Cannot add more than {most} times this item.", CheckoutErrorCode.QUANTITY_GREATER_THAN_LIMIT
        )


def _refused(message: str, code: Any) -> ValidationError:
    return ValidationError({"quantity": ValidationError(message, code=code)})
