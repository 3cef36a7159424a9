"""Ordering a basket: from what the client sends to a payable order, in one transaction and one request."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from saleor.account.models import Address
from saleor.core.exceptions import InsufficientStock
from saleor.core.taxes import TaxError
from saleor.discount.models import NotApplicable
from saleor.order.models import Order
from saleor.payment import PaymentError
from saleor.payment import gateway as stock_gateway

from saleor_o2o.cashier.interfaces import is_deferred, open_intent
from saleor_o2o.kernel.idempotency import fingerprint_of, run_once
from saleor_o2o.kernel.money import format_yuan

from ..basket_errors import BasketError
from ..basket_errors import BasketErrorCode as Code
from ..baskets import Basket, Reckoned, reckon
from ..carts import free_units
from .finishing import announce_order
from .paying import new_payment
from .placement import place_order

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def place_basket(
    key: str,
    basket: Basket,
    *,
    user: Any,
    discounts: Any,
    gateway: str,
    expected_total: Decimal | None = None,
    client: str = "",
    client_ip: str = "",
    redirect_url: str = "",
) -> Order:
    """Place a basket as an order that can be paid at once; the same key again answers with the same order.

    Must run outside a transaction. One transaction writes order, allocations, payment and intent; no remote call. Only
    gateways whose money arrives later can be named: charging is a step of its own. ``expected_total`` (yuan) is what
    the shopper saw. Locks: stock rows in primary-key order, rows of sources of deductions, then the voucher. Raises
    BasketError (the first refusal of :func:`reckon`, INSUFFICIENT_STOCK, AMOUNT_CHANGED, GATEWAY_NOT_OFFERED), a
    source's refusal of a deduction, IdempotencyConflict for a key that was used for another basket, LockTimeout.
    Nothing is kept of a refused basket.
    """
    if not _KEY.fullmatch(key):
        raise BasketError(Code.KEY_INVALID, "key")
    owner = user.pk if getattr(user, "is_authenticated", False) else "guest"

    def place() -> dict[str, int]:
        reckoned = reckon(basket, user, discounts)
        if reckoned.refusals:
            raise reckoned.refusals[0]
        order = _place(reckoned, user, discounts, expected_total)
        payment = _payment(order, gateway, client, client_ip)
        if payment is not None:
            open_intent(order, payment, redirect_url, _pay_by(order))
        announce_order(order, payment, user, redirect_url)
        return {"order": order.pk}

    answer = run_once("ordering.basket", f"{owner}:{key}", _fingerprint(basket, gateway), place)
    return Order.objects.get(pk=answer["order"])


def _pay_by(order: Order) -> Any:
    """Until when an order with something held must be paid; None for the usual time."""
    return order.o2o_profile.pay_by if hasattr(order, "o2o_pay_by") else None


def _fingerprint(basket: Basket, gateway: str) -> str:
    addresses = [_data(address) for address in (basket.shipping_address, basket.billing_address)]
    return fingerprint_of(
        sorted(basket.lines),
        basket.email,
        addresses,
        basket.method,
        basket.promo_code,
        basket.note,
        basket.source,
        gateway,
        *([sorted(basket.holds)] if basket.holds else ()),
        *([{name: list(values) for name, values in basket.deductions.items()}] if basket.deductions else ()),
    )


def _data(address: Any) -> dict[str, str] | None:
    if address is None:
        return None
    return {name: str(value) for name, value in address.as_data().items()}


def _place(reckoned: Reckoned, user: Any, discounts: Any, expected_total: Decimal | None) -> Order:
    checkout = reckoned.checkout
    _save_addresses(checkout)
    try:
        order = place_order(checkout, reckoned.lines, "", discounts, user)
    except InsufficientStock as error:
        raise _short(reckoned, error) from error
    except NotApplicable as error:
        raise BasketError(Code.PROMO_CODE_NOT_APPLICABLE, "promoCode") from error
    except TaxError as error:
        raise BasketError(Code.TAX_UNAVAILABLE) from error
    total: Decimal = order.total.gross.amount
    if expected_total is not None and total != expected_total:
        told = _("订单金额已变化：现在应付 %(total)s") % {"total": format_yuan(total)}
        raise BasketError(Code.AMOUNT_CHANGED, "expectedTotal", told)
    return order


def _save_addresses(checkout: Any) -> None:
    """An order has copies of its own of both addresses."""
    shipping, billing = checkout.shipping_address, checkout.billing_address
    if not checkout.is_shipping_required():
        shipping = checkout.shipping_address = None
    if billing is shipping and billing is not None:
        billing = Address(**billing.as_data())
    rows = [address for address in (shipping, billing) if address is not None]
    Address.objects.bulk_create([address for address in rows if address.pk is None])
    checkout.shipping_address, checkout.billing_address = shipping, billing


def _payment(order: Order, gateway: str, client: str, client_ip: str) -> Any:
    """The order's payment, still without money; None where there is nothing to pay."""
    if order.total.gross.amount == 0:
        return None
    if not is_deferred(gateway):
        raise BasketError(Code.GATEWAY_NOT_OFFERED, "gateway")
    payment = new_payment(
        gateway=gateway,
        total=order.total.gross.amount,
        currency=order.currency,
        email=order.user_email,
        customer_ip_address=client_ip or None,
        extra_data={"customer_user_agent": client},
        order=order,
    )
    try:
        stock_gateway.process_payment(payment=payment, token=payment.token)
    except PaymentError as refusal:
        raise BasketError(Code.GATEWAY_NOT_OFFERED, "gateway", str(refusal)) from refusal
    return payment


def _short(reckoned: Reckoned, error: InsufficientStock) -> BasketError:
    variant = error.item
    free = free_units(reckoned.checkout.country.code, [variant.pk]).get(variant.pk, 0)
    told = _("“%(name)s”库存不足，现有 %(left)s 件") % {"name": variant.display_product(), "left": free}
    return BasketError(Code.INSUFFICIENT_STOCK, "lines", told)
