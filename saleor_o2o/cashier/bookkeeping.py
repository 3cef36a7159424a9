"""Stock's payment bookkeeping made safe: under the payment's lock, and each movement counted once (trap 3)."""

from __future__ import annotations

import inspect
import logging
from decimal import Decimal
from functools import wraps
from typing import Any

from django.db import transaction
from saleor.payment import ChargeStatus, PaymentError, TransactionKind
from saleor.payment.models import Payment, Transaction

from saleor_o2o.compat.registry import Stage, adaptation
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows

from .error_codes import CashierErrorCode
from .errors import CashierError
from .registry import is_deferred

logger = logging.getLogger(__name__)

_CHARGES = (TransactionKind.CAPTURE, TransactionKind.CONFIRM)


def _refresh(payment: Payment, locked: Payment) -> None:
    """Give the caller's object the locked row's values (stock adds to what the object says)."""
    for field in ("captured_amount", "charge_status", "is_active", "to_confirm", "order_id", "total"):
        setattr(payment, field, getattr(locked, field))


def counted_before(txn: Transaction, payment: Payment) -> bool:
    """True when the movement is in ``captured_amount`` already.

    Saleor 2.10 charges a payment exactly once, so a charge of a charged payment is a repetition (a second
    ``paymentSecureConfirm``, a repeated completion). A refund of a deferred gateway carries its own number.
    """
    if txn.kind in _CHARGES:
        return bool(payment.charge_status != ChargeStatus.NOT_CHARGED)
    if txn.kind == TransactionKind.REFUND and is_deferred(payment.gateway):
        same = payment.transactions.filter(kind=TransactionKind.REFUND, token=txn.token, is_success=True)
        return bool(same.exclude(pk=txn.pk).exists())
    return False


@adaptation(
    Stage.APPS, "gateway_postprocess adds without a lock and counts repeated confirmations again (trap 3)"
)
def postprocess_under_lock() -> None:
    from saleor.payment import gateway

    stock_postprocess = gateway.gateway_postprocess
    # stock's own transaction would be a savepoint of ours
    book = inspect.unwrap(stock_postprocess)

    @wraps(stock_postprocess)
    def gateway_postprocess(txn: Transaction, payment: Payment) -> None:
        with transaction.atomic():
            rows = lock_rows(Payment.objects.filter(pk=payment.pk))
            if rows:
                _refresh(payment, rows[0])
            moves_money = txn.is_success and not txn.action_required
            if moves_money and counted_before(txn, payment):
                logger.warning("payment %s: a repeated %s was not counted again", payment.pk, txn.kind)
                return
            book(txn, payment)
            if moves_money and txn.kind in _CHARGES and payment.to_confirm:
                payment.to_confirm = False
                payment.save(update_fields=["to_confirm"])

    gateway.gateway_postprocess = gateway_postprocess


@adaptation(
    Stage.APPS,
    "a deferred gateway books from our own rows: each stock payment action is one locked transaction",
)
def deferred_actions_under_lock() -> None:
    from saleor.payment import gateway

    def guarded(stock_action: Any, check: Any = None) -> Any:
        @wraps(stock_action)
        def action(payment: Payment, *args: Any, **kwargs: Any) -> Transaction:
            if not is_deferred(payment.gateway):
                return stock_action(payment, *args, **kwargs)
            try:
                with transaction.atomic():
                    _lock(payment)
                    if check is not None:
                        check(payment, *args, **kwargs)
                    return stock_action(payment, *args, **kwargs)
            except DomainError as error:
                raise PaymentError(error.message) from error

        return action

    gateway.capture = guarded(gateway.capture)
    gateway.refund = guarded(gateway.refund, _check_refund)
    gateway.process_payment = guarded(gateway.process_payment)

    stock_void = gateway.void

    @wraps(stock_void)
    def void(payment: Payment) -> Transaction:
        if not is_deferred(payment.gateway):
            return stock_void(payment)
        return close_now(payment)

    gateway.void = void


def _lock(payment: Payment) -> None:
    """Lock in the cashier's order, which begins with the intent, and take over the payment's values of now."""
    from .locking import lock_intent
    from .models import PaymentIntent

    intent_pk = PaymentIntent.objects.filter(payment=payment).values_list("pk", flat=True).first()
    if intent_pk is not None:
        lock_intent(intent_pk)
    _refresh(payment, lock_rows(Payment.objects.filter(pk=payment.pk))[0])


def _check_refund(payment: Payment, amount: Decimal | None = None) -> None:
    """Refuse in our words what stock would refuse in its own."""
    if amount is not None and amount <= 0:
        raise CashierError(CashierErrorCode.INVALID_AMOUNT, field="amount")
    if payment.captured_amount <= 0 and payment.charge_status != ChargeStatus.FULLY_REFUNDED:
        raise CashierError(CashierErrorCode.ORDER_NOT_PAID)
    if payment.charge_status == ChargeStatus.FULLY_REFUNDED or (amount or 0) > payment.captured_amount:
        raise CashierError(CashierErrorCode.REFUND_TOO_LARGE, field="amount")


def close_now(payment: Payment) -> Transaction:
    """Staff void an unpaid payment: close it at the provider, then here. Raises PaymentError when it cannot be."""
    from .models import IntentState, PaymentIntent
    from .services.closing import begin_closing, drive_closing

    intent = PaymentIntent.objects.filter(payment=payment).first()
    if intent is None:
        raise PaymentError("没有找到这笔支付")
    if intent.state == IntentState.REVIEW:
        raise PaymentError("款项已到，正在风控审核；如需退回请在支付单上选择“拒绝并退款”，或取消订单")
    try:
        begin_closing(intent.pk, "STAFF_VOID")
        intent = drive_closing(intent.pk)
    except DomainError as error:
        raise PaymentError(error.message) from error
    payment.refresh_from_db()
    if intent.state == IntentState.PAID:
        raise PaymentError("顾客已经付款，不能作废；如需退回请使用退款")
    voided = payment.transactions.filter(kind=TransactionKind.VOID, is_success=True).first()
    if intent.state != IntentState.CLOSED or voided is None:
        raise PaymentError("正在向支付机构关闭这笔支付，请稍后刷新查看")
    return voided
