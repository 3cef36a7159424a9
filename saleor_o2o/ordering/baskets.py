"""A basket that its client keeps: reckoned without a row, so that a shopper needs one request to order.

It is reckoned through a checkout that is never saved; so every price, discount and check is the one that stock's six
steps come to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from prices import TaxedMoney
from saleor.account.models import Address
from saleor.checkout import calculations
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.checkout.utils import (
    get_valid_shipping_methods_for_checkout,
    get_voucher_discount_for_checkout,
)
from saleor.core.taxes import TaxError
from saleor.discount import VoucherType
from saleor.discount.models import NotApplicable, Voucher
from saleor.shipping.models import ShippingMethod

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError

from .basket_errors import BasketError
from .basket_errors import BasketErrorCode as Code
from .carts import keep_lines, variants_with_products
from .choices import DeliveryMode
from .deductions.choosing import put_choices
from .deductions.reckoning import NONE, Reckoning, deductions_of
from .error_codes import OrderingErrorCode
from .errors import OrderingError
from .holds import lines_of
from .models import ProductTypeLine
from .origin import note_source
from .services.writing import WITH_KINDS

#: Lines of one basket; more is a bulk purchase, which people make an offer for.
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Basket:
    """What a shopper wants. ``lines`` are (variant key, quantity); addresses are unsaved rows.

    ``deductions`` are what is chosen of each source (``deductions.choosing``).
    """

    lines: Sequence[tuple[int, int]]
    #: Number and key of what is held (tickets); their lines are the holds'.
    holds: Sequence[tuple[str, str]] = ()
    email: str = ""
    shipping_address: Address | None = None
    billing_address: Address | None = None
    method: int | None = None
    promo_code: str = ""
    note: str = ""
    source: str = ""
    deductions: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A basket's unsaved checkout with lines, what is applicable, and the money (yuan inside ``TaxedMoney``)."""

    checkout: Checkout
    lines: list[CheckoutLine]
    methods: list[ShippingMethod]
    subtotal: TaxedMoney
    shipping: TaxedMoney
    total: TaxedMoney
    refusals: list[DomainError] = field(default_factory=list)
    deductions: Reckoning = NONE
    #: Whether it must be said where to: not where a member buys only what comes by itself.
    needs_address: bool = True

    @property
    def amount(self) -> Decimal:
        """What is to be paid, in yuan."""
        amount: Decimal = self.total.gross.amount
        return amount


def reckon(basket: Basket, user: Any, discounts: Any) -> Reckoned:
    """Reckon a basket as stock's checkout does; nothing is written and nothing locked.

    What stands in the way of ordering (no address, no method, a promotion code that does not apply) is listed in
    ``refusals``, so that a page can show prices before all is filled in. Raises BasketError EMPTY, QUANTITY_INVALID,
    GOODS_GONE and TAX_UNAVAILABLE, where there is nothing to reckon, and the refusal of a hold that cannot be bought.
    """
    owner = user if getattr(user, "is_authenticated", False) else None
    checkout = Checkout(
        user=owner,
        email=basket.email or (owner.email if owner is not None else ""),
        country=_country(basket),
        currency=settings.DEFAULT_CURRENCY,
        shipping_address=basket.shipping_address,
        billing_address=basket.billing_address or basket.shipping_address,
        note=basket.note,
    )
    if basket.source:
        note_source(checkout, basket.source)
    held = _held_lines(checkout, basket.holds, owner)
    lines = [*_lines(checkout, basket.lines, may_be_empty=bool(held)), *held]
    keep_lines(checkout, lines)
    checkout.quantity = sum(line.quantity for line in lines)
    refusals: list[DomainError] = []
    _choose_deductions(checkout, basket, refusals)
    try:
        methods = _methods(checkout, lines, discounts)
        _choose_method(checkout, basket, methods, refusals)
        _apply_promotion(checkout, lines, basket.promo_code.strip(), discounts, refusals)
        given = {"checkout": checkout, "lines": lines, "discounts": discounts}
        money = (
            calculations.checkout_subtotal(**given),
            calculations.checkout_shipping_price(**given),
            calculations.checkout_total(**given),
        )
        deductions = deductions_of(checkout, lines, discounts)
    except TaxError as error:
        raise BasketError(Code.TAX_UNAVAILABLE) from error
    if not checkout.email:
        refusals.append(BasketError(Code.EMAIL_REQUIRED, "email"))
    needs_address = owner is None or not all(_comes_by_itself(line) for line in lines)
    if needs_address and checkout.billing_address is None:
        refusals.append(BasketError(Code.ADDRESS_REQUIRED, "billingAddress"))
    refusals += deductions.refusals
    return Reckoned(checkout, lines, methods, *money, refusals, deductions, needs_address)


def _comes_by_itself(line: CheckoutLine) -> bool:
    """Money on account, a membership: nothing is brought and nothing fetched, so nobody has to say where to."""
    kind = line.variant.product.product_type
    rule: ProductTypeLine | None = getattr(kind, "o2o_line", None)  # read along with the lines
    if rule is not None and rule.mode:
        return rule.mode == DeliveryMode.VIRTUAL
    return not kind.is_shipping_required


def _choose_deductions(checkout: Checkout, basket: Basket, refusals: list[DomainError]) -> None:
    """What nobody can choose, or a guest may not, is refused and left out."""
    if not basket.deductions:
        return
    if checkout.user is None:
        refusals.append(OrderingError(OrderingErrorCode.LOGIN_NEEDED, "deductions"))
        return
    try:
        put_choices(checkout, basket.deductions)
    except OrderingError as refusal:
        refusals.append(refusal)


def _country(basket: Basket) -> str:
    address = basket.shipping_address or basket.billing_address
    return str(address.country.code) if address is not None and address.country else settings.DEFAULT_COUNTRY


def _held_lines(checkout: Checkout, holds: Sequence[tuple[str, str]], user: Any) -> list[CheckoutLine]:
    """The lines of what is held, at the holds' prices; two statements for each hold at most."""
    found = [one for number, key in dict(holds).items() for one in lines_of(number, key, user)]
    if not found:
        return []
    variants = {
        variant.pk: variant
        for variant in variants_with_products(*WITH_KINDS).filter(
            pk__in={line.variant for line, _data in found}
        )
    }
    return [
        CheckoutLine(checkout=checkout, variant=variants[line.variant], quantity=line.quantity, data=data)
        for line, data in found
    ]


def _lines(
    checkout: Checkout, wanted: Sequence[tuple[int, int]], *, may_be_empty: bool = False
) -> list[CheckoutLine]:
    quantities: dict[int, int] = {}
    for pk, quantity in wanted:
        if quantity < 1:
            raise BasketError(Code.QUANTITY_INVALID, "lines")
        quantities[pk] = quantities.get(pk, 0) + quantity
    if not quantities:
        if may_be_empty:
            return []
        raise BasketError(Code.EMPTY, "lines")
    if len(quantities) > MOST_LINES or max(quantities.values()) > settings.MAX_CHECKOUT_LINE_QUANTITY:
        raise BasketError(Code.QUANTITY_INVALID, "lines")
    variants = {
        variant.pk: variant for variant in variants_with_products(*WITH_KINDS).filter(pk__in=quantities)
    }
    if any(pk not in variants or not variants[pk].product.is_published for pk in quantities):
        raise BasketError(Code.GOODS_GONE, "lines")
    return [
        CheckoutLine(checkout=checkout, variant=variants[pk], quantity=quantity)
        for pk, quantity in quantities.items()
    ]


def _methods(checkout: Checkout, lines: list[CheckoutLine], discounts: Any) -> list[ShippingMethod]:
    """The applicable ways to ship; none where nothing is shipped or the address is missing."""
    found: QuerySet[ShippingMethod] | None = get_valid_shipping_methods_for_checkout(
        checkout, lines, discounts
    )
    return [] if found is None else list(found.select_related("shipping_zone", "o2o_mode"))


def _choose_method(
    checkout: Checkout, basket: Basket, methods: list[ShippingMethod], refusals: list[DomainError]
) -> None:
    if not checkout.is_shipping_required():
        return
    if checkout.shipping_address is None:
        refusals.append(BasketError(Code.ADDRESS_REQUIRED, "shippingAddress"))
    elif basket.method is None:
        refusals.append(BasketError(Code.METHOD_REQUIRED, "shippingMethod"))
    else:
        chosen = next((method for method in methods if method.pk == basket.method), None)
        if chosen is None:
            refusals.append(BasketError(Code.METHOD_NOT_APPLICABLE, "shippingMethod"))
        checkout.shipping_method = chosen


def _apply_promotion(
    checkout: Checkout,
    lines: list[CheckoutLine],
    code: str,
    discounts: Any,
    refusals: list[DomainError],
) -> None:
    if not code:
        return
    voucher = Voucher.objects.active(date=now()).filter(code=code).first()
    if voucher is None:
        refusals.append(BasketError(Code.PROMO_CODE_INVALID, "promoCode"))
        return
    try:
        discount = get_voucher_discount_for_checkout(voucher, checkout, lines, discounts)
    except NotApplicable:
        refusals.append(BasketError(Code.PROMO_CODE_NOT_APPLICABLE, "promoCode"))
        return
    if voucher.type != VoucherType.SHIPPING:
        subtotal = calculations.checkout_subtotal(checkout=checkout, lines=lines, discounts=discounts)
        discount = min(discount, subtotal.gross)
    checkout.voucher_code = voucher.code
    checkout.discount = discount
    checkout.discount_name = str(voucher)
    translated = voucher.translated.name
    checkout.translated_discount_name = translated if translated != voucher.name else ""
