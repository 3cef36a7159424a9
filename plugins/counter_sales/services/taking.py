"""Before money is taken over the counter: nothing else has paid, and no code is open any more."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.models import Order

from saleor_o2o.cashier.interfaces import (
    CashierErrorCode,
    close_open_attempts,
    is_paid,
    live_intent,
    replace_intent,
)
from saleor_o2o.kernel.errors import DomainError

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_order
from ..models import CounterSale, SaleState


def refuse_unless_payable(sale: CounterSale) -> None:
    """Raise CounterError ALREADY_PAID or SALE_CLOSED unless the sale waits for money."""
    if sale.state == SaleState.PLACED:
        return
    if sale.state in (SaleState.PAID, SaleState.HANDED):
        raise CounterError(Code.ALREADY_PAID, _("顾客已经付过款，不要再收款"), hint=_("请刷新查看收款方式"))
    raise CounterError(Code.SALE_CLOSED, _("这笔销售已结束，不要收款"), hint=_("请重新开单"))


def close_code(sale: CounterSale) -> None:
    """Close a code that is still shown, at the provider: no transaction may be open.

    Raises CounterError CODE_STILL_OPEN, ALREADY_PAID, SALE_CLOSED.
    """
    intent = live_intent(sale.order_id)
    if intent is None:
        return
    try:
        close_open_attempts(intent)
    except DomainError as refusal:
        raise _told(refusal) from refusal


def unpaid_order(sale: CounterSale) -> Order:
    """The order of a *locked* sale, locked, its intent replaced: whoever has it takes the money.

    Locks: intent, order. Raises CounterError ALREADY_PAID, SALE_CLOSED, CODE_STILL_OPEN.
    """
    intent = live_intent(sale.order_id)
    if intent is not None:
        try:
            replace_intent(intent)
        except DomainError as refusal:
            raise _told(refusal) from refusal
    order = lock_order(sale)
    if is_paid(order.pk):  # the event that tells us is on its way
        raise CounterError(Code.ALREADY_PAID, _("顾客刚刚已扫码付款，不要再收款"))
    if order.status == OrderStatus.CANCELED:
        raise CounterError(Code.SALE_CLOSED, _("订单已取消，不要收款"), hint=_("请重新开单"))
    return order


def _told(refusal: DomainError) -> DomainError:
    """The cashier's refusal in the words of somebody with money in the hand."""
    if refusal.code == CashierErrorCode.ALREADY_PAID:
        return CounterError(Code.ALREADY_PAID, _("顾客刚刚已扫码付款，不要再收款"))
    if refusal.code == CashierErrorCode.PAYMENT_CLOSED:
        return CounterError(Code.SALE_CLOSED, _("付款时间已过，订单正在关闭，不要收款"), hint=_("请重新开单"))
    if refusal.code == CashierErrorCode.PROVIDER_UNREACHABLE:
        return CounterError(
            Code.CODE_STILL_OPEN,
            _("暂时连不上微信，收款码还没有关掉，先不要收款"),
            hint=_("稍后再点一次收款；顾客也可以继续扫码"),
        )
    return refusal
