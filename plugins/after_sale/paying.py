"""The one line between after-sale and the cashier: money goes back, under the after-sale's own key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.cashier.interfaces import CashierErrorCode, lock_intent_of, refund_order
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows

from .errors import AfterSaleError
from .errors import AfterSaleErrorCode as Code

_ELSEWHERE = (CashierErrorCode.REFUND_ELSEWHERE, CashierErrorCode.ORDER_NOT_PAID)


def lock_order(order_id: int) -> Order:
    """Lock the order's money, then the order. Raises LockTimeout."""
    lock_intent_of(order_id)
    return lock_rows(Order.objects.filter(pk=order_id))[0]


def give_back(order: Order, amount: Decimal, *, reason: str, key: str, user: Any) -> str:
    """Write a refund of an order *locked* by `lock_order`, once per `key`; the refund's own number.

    Raises AfterSaleError REFUND_ELSEWHERE (the money did not come through the cashier), REFUND_REFUSED (with the
    cashier's words); nothing is booked then. Locks: the cashier's rows, the Saleor payment.
    """
    try:
        return str(refund_order(order.pk, amount, reason=reason, key=key, user=user).number)
    except DomainError as refusal:
        if refusal.code in _ELSEWHERE:
            raise AfterSaleError(
                Code.REFUND_ELSEWHERE,
                _("这笔款不能在这里原路退回"),
                hint=_("请到收款的柜台或支付渠道办理退款"),
            ) from refusal
        raise AfterSaleError(Code.REFUND_REFUSED, refusal.message, "amount", refusal.hint) from refusal
