"""``checkoutComplete``: the order first, the money after, and the same answer when it is asked again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from saleor.account.error_codes import AccountErrorCode
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.checkout.models import Checkout
from saleor.core import analytics
from saleor.core.exceptions import InsufficientStock
from saleor.core.taxes import TaxError
from saleor.core.utils.url import validate_storefront_url
from saleor.discount.models import NotApplicable
from saleor.graphql.checkout import mutations as stock
from saleor.graphql.checkout.types import Checkout as CheckoutType
from saleor.graphql.core.types.common import CheckoutError
from saleor.graphql.core.utils import from_global_id_strict_type
from saleor.order.models import Order
from saleor.payment import ChargeStatus, PaymentError, gateway
from saleor.payment.models import Payment
from saleor.payment.utils import store_customer_id

from saleor_o2o.cashier.interfaces import is_deferred, open_intent
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import LockTimeout

from ..carts import read_lines_to_order
from ..deductions.taking import refuse_unusable
from ..errors import OrderingError
from ..services.finishing import finish_order, undo_order
from ..services.outcomes import OutcomeUnknown
from ..services.placement import CheckoutGone, lock_checkout, place_order
from ..services.repeating import refuse_twin


class CheckoutComplete(stock.CheckoutComplete):
    """Stock's mutation with the order of its steps put right.

    1. One transaction: lock checkout and stock, check, allocate, write the order. Nothing has been charged.
    2. Charge (gateways that charge at once), without any lock. A refusal undoes the order; the checkout remains.
       Gateways that are paid later have no such step: their order is finished in the first transaction.
    3. One transaction: hand over the payment, announce the order, drop the checkout.

    A checkout that was completed before answers with its order: a client that lost the answer may simply ask again.
    """

    confirmation_data = graphene.JSONString(
        required=False,
        description="What the client needs for the confirmation (3-D Secure) when confirmationNeeded is true.",
    )

    class Arguments(stock.CheckoutComplete.Arguments):
        confirm_duplicate = graphene.Boolean(
            description="同样的商品几分钟内重复下单时：false 先提示（错误代码 UNIQUE），true 确认再买一份；"
            "不传则不检查。"
        )

    class Meta:
        description = stock.CheckoutComplete._meta.description
        error_type_class = CheckoutError
        error_type_field = "checkout_errors"

    @classmethod
    def perform_mutation(
        cls, _root: Any, info: Any, checkout_id: str, store_source: bool, **data: Any
    ) -> Any:
        """Locks: checkout, stock rows and gift cards in primary-key order, voucher; none while a gateway is called."""
        user = info.context.user
        redirect_url = data.get("redirect_url") or ""
        try:
            with transaction.atomic():
                checkout = lock_checkout(_token_of(checkout_id))
                if redirect_url:
                    _validate_redirect(redirect_url)
                order, payment = _place(checkout, info)
                if data.get("confirm_duplicate") is False:
                    _refuse_twin(order)
                if payment is None or is_deferred(payment.gateway):
                    return cls(
                        order=_finish_now(order, checkout, payment, user, redirect_url),
                        confirmation_needed=False,
                    )
        except CheckoutGone as gone:
            if gone.order is None:
                raise _not_found(checkout_id) from gone
            return cls(order=gone.order, confirmation_needed=False)
        except LockTimeout as busy:
            raise ValidationError(
                {"checkout_id": ValidationError(busy.message, code=CheckoutErrorCode.INVALID)}
            ) from busy
        return cls._charge(order, checkout, payment, user, store_source, redirect_url)

    @classmethod
    def _charge(
        cls,
        order: Order,
        checkout: Checkout,
        payment: Payment,
        user: Any,
        store_source: bool,
        redirect_url: str,
    ) -> Any:
        # what somebody else may have done to it meanwhile; checkout and addresses are those just read
        payment.refresh_from_db(fields=["charge_status", "captured_amount", "is_active", "to_confirm"])
        if payment.charge_status != ChargeStatus.NOT_CHARGED:  # by an earlier try: never a second time
            return cls(order=finish_order(order, checkout, user, redirect_url), confirmation_needed=False)
        try:
            if payment.to_confirm:
                txn = gateway.confirm(payment)
            else:
                txn = gateway.process_payment(payment=payment, token=payment.token, store_source=store_source)
            if not txn.is_success:
                raise PaymentError(txn.error)
        except OutcomeUnknown as unknown:  # perhaps charged: the order stays, recovery asks until it is known
            raise ValidationError(str(unknown), code=CheckoutErrorCode.PAYMENT_ERROR) from unknown
        except PaymentError as refusal:
            undo_order(order)
            raise ValidationError(str(refusal), code=CheckoutErrorCode.PAYMENT_ERROR) from refusal
        if txn.customer_id and user.is_authenticated:
            store_customer_id(user, payment.gateway, txn.customer_id)
        if txn.action_required:  # 3-D Secure: nothing is charged before the payer has confirmed
            undo_order(order)
            data = getattr(txn, "confirmation_data", None)  # handed on, never stored
            return cls(order=None, confirmation_needed=True, confirmation_data=data)
        return cls(order=finish_order(order, checkout, user, redirect_url), confirmation_needed=False)


def _refuse_twin(order: Order) -> None:
    try:
        refuse_twin(order.o2o_profile)
    except OrderingError as refusal:
        raise ValidationError(
            {"confirm_duplicate": ValidationError(refusal.message, code=CheckoutErrorCode.UNIQUE)}
        ) from refusal


def _token_of(checkout_id: str) -> UUID:
    """The checkout's token. Raises ValidationError in stock's words for an ID that is none, or of something else."""
    try:
        pk = from_global_id_strict_type(checkout_id, only_type=CheckoutType, field="checkout_id")
        return UUID(pk)
    except ValueError as malformed:  # not an ID at all: stock lets it become a server error
        raise ValidationError(
            {"checkout_id": ValidationError("购物车编号不正确", code=CheckoutErrorCode.NOT_FOUND)}
        ) from malformed


def _not_found(checkout_id: str) -> ValidationError:
    return ValidationError(
        {
            "checkout_id": ValidationError(
                f"Couldn't resolve to a node: {checkout_id}", code=CheckoutErrorCode.NOT_FOUND
            )
        }
    )


def _validate_redirect(redirect_url: str) -> None:
    try:
        validate_storefront_url(redirect_url)
    except ValidationError as error:
        raise ValidationError({"redirect_url": error}, code=AccountErrorCode.INVALID) from error


def _place(checkout: Checkout, info: Any) -> tuple[Order, Payment | None]:
    """Check and write the order of a locked checkout, in stock's words where it refuses."""
    read_lines_to_order(checkout)
    prefetch_related_objects([checkout], "gift_cards", "payments")
    lines = list(checkout)
    discounts = info.context.discounts
    if Order.objects.filter(checkout_token=str(checkout.token)).exists():
        raise ValidationError(
            {
                "checkout_id": ValidationError(
                    "订单正在处理中，请稍候查看订单", code=CheckoutErrorCode.PAYMENT_ERROR
                )
            }
        )
    try:
        refuse_unusable(checkout, lines, discounts)
    except DomainError as refusal:
        raise _not_deductible(refusal) from refusal
    stock.clean_checkout_shipping(checkout, lines, discounts, CheckoutErrorCode)
    stock.clean_checkout_payment(checkout, lines, discounts, CheckoutErrorCode)
    payment = checkout.get_last_active_payment()
    try:
        order = place_order(
            checkout, lines, analytics.get_client_id(info.context), discounts, info.context.user
        )
    except InsufficientStock as error:
        raise ValidationError(f"Insufficient product stock: {error.item}", code=error.code) from error
    except NotApplicable as error:
        raise ValidationError(
            "Voucher not applicable", code=CheckoutErrorCode.VOUCHER_NOT_APPLICABLE
        ) from error
    except TaxError as error:
        raise ValidationError(
            f"Unable to calculate taxes - {error}", code=CheckoutErrorCode.TAX_ERROR
        ) from error
    except LockTimeout:
        raise
    except DomainError as refusal:  # what was chosen does not count any more: another phone was faster
        raise _not_deductible(refusal) from refusal
    total = order.total.gross.amount
    if payment is None and total > 0:
        raise ValidationError(
            "Provided payment methods can not cover the checkout's total amount",
            code=CheckoutErrorCode.CHECKOUT_NOT_FULLY_PAID,
        )
    if payment is not None and payment.total != total:  # a price, a gift card or the cart changed in between
        raise ValidationError(
            "订单金额已变化，请重新选择支付方式", code=CheckoutErrorCode.CHECKOUT_NOT_FULLY_PAID
        )
    if payment is not None and total == 0 and is_deferred(payment.gateway):
        payment.is_active = False  # also for whoever asks the checkout, which has its payments read
        payment.save(update_fields=["is_active"])
        return order, None  # gift cards pay for everything: there is nothing to wait for
    return order, payment


def _not_deductible(refusal: DomainError) -> ValidationError:
    """A coupon (points …) that cannot be used, or a hold that is gone: the basket stays as it is."""
    held = refusal.field in ("holds", "lines")  # a seat that is gone is goods that are gone
    code = CheckoutErrorCode.INSUFFICIENT_STOCK if held else CheckoutErrorCode.VOUCHER_NOT_APPLICABLE
    told = ValidationError(refusal.in_words, code=code)
    return ValidationError({refusal.field or "deductions": told})


def _finish_now(
    order: Order, checkout: Checkout, payment: Payment | None, user: Any, redirect_url: str
) -> Order:
    """Finish an order that is charged later, or costs nothing, in the transaction that wrote it."""
    if payment is not None:
        checkout.payments.update(order=order)
        payment.order = order
        try:
            gateway.process_payment(payment=payment, token=payment.token)
        except PaymentError as refusal:
            raise ValidationError(str(refusal), code=CheckoutErrorCode.PAYMENT_ERROR) from refusal
        open_intent(order, payment, redirect_url, order.o2o_profile.pay_by)
    return finish_order(order, checkout, user, redirect_url)
