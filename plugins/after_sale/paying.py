"""The one line between after-sale and the cashier: money goes back, under the after-sale's own key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order
from saleor.payment import TransactionKind
from saleor.payment.models import Payment, Transaction
from saleor.plugins.manager import get_plugins_manager

from saleor_o2o.cashier.interfaces import CashierErrorCode, came_back, lock_intent_of, refund_order
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows

from .errors import AfterSaleError
from .errors import AfterSaleErrorCode as Code

#: The codes of :func:`give_back` after which people pay out where the money was taken.
ELSEWHERE = Code.REFUND_ELSEWHERE


def lock_order(order_id: int) -> Order:
    """Lock the order's money, then the order. Raises LockTimeout."""
    lock_intent_of(order_id)
    return lock_rows(Order.objects.filter(pk=order_id))[0]


def give_back(
    order: Order, amount: Decimal, *, reason: str, key: str, user: Any, at_counter: bool = False
) -> tuple[str, bool]:
    """Write a refund of an order *locked* by `lock_order`, once per `key`; its number, and whether all has arrived.

    Raises AfterSaleError REFUND_ELSEWHERE (the money did not come through the cashier), REFUND_REFUSED (with the
    cashier's words); nothing is booked then. Locks: the cashier's rows, the Saleor payment.
    """
    try:
        refund = refund_order(order.pk, amount, reason=reason, key=key, user=user, at_counter=at_counter)
    except DomainError as refusal:
        if refusal.code == CashierErrorCode.REFUND_ELSEWHERE:
            raise AfterSaleError(
                Code.REFUND_ELSEWHERE,
                _("这笔款不能在这里原路退回"),
                hint=_("请到收款的柜台或支付渠道办理退款"),
            ) from refusal
        raise AfterSaleError(Code.REFUND_REFUSED, refusal.message, "amount", refusal.hint) from refusal
    return refund.number, refund.has_arrived


def rest_of(key: str) -> Decimal:
    """What of a refund that failed is still to be given back, in yuan.

    Raises AfterSaleError REFUND_UNDER_WAY while another part of it has no answer yet.
    """
    failed, more = came_back(key)
    if more:
        raise AfterSaleError(
            Code.REFUND_UNDER_WAY,
            _("这笔退款的另一部分还在途中"),
            hint=_("请等支付渠道答复后再试"),
        )
    return failed


def given_back(order_id: int) -> Decimal:
    """What the order's payments have given back in all, in yuan, whoever did it. One statement."""
    booked = Transaction.objects.filter(
        payment__order_id=order_id, kind=TransactionKind.REFUND, is_success=True
    )
    return booked.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def taken_by(order_id: int) -> str:
    """Through which gateways an order's money came, by the names that stock's plugins give themselves."""
    paid = Payment.objects.filter(order_id=order_id, captured_amount__gt=0).order_by("pk")
    names = {plugin.PLUGIN_ID: str(plugin.PLUGIN_NAME) for plugin in get_plugins_manager().plugins}
    return "、".join(names.get(one, one) for one in dict.fromkeys(paid.values_list("gateway", flat=True)))
