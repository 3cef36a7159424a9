"""The counter's locks, in their one order: sale → (the cashier's: intent, order, Saleor payment) → stock →
drawer → shift → remittance → float. A request for a refund: its approval → sale → request.

The float is last and shortest: everybody at a place needs it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel.locks import lock_rows

from .error_codes import CounterErrorCode
from .errors import CounterError
from .models import CounterSale, Drawer, FloatAccount, RefundRequest, Remittance, Shift


def lock_sale(pk: int) -> CounterSale:
    """Lock one sale. Raises CounterError NOT_FOUND, LockTimeout.

    FOR NO KEY UPDATE: the cashier, which holds the intent, writes receipts that point here, while whoever holds the
    sale goes on to the intent.
    """
    rows = lock_rows(CounterSale.objects.filter(pk=pk), no_key=True)
    if not rows:
        raise CounterError(CounterErrorCode.NOT_FOUND, _("没有找到这笔销售"))
    return rows[0]


def lock_order(sale: CounterSale) -> Order:
    """Lock the order of a locked sale. Raises LockTimeout."""
    return lock_rows(Order.objects.filter(pk=sale.order_id))[0]


def lock_account(pk: int) -> FloatAccount:
    """Lock one float. Raises CounterError NO_FLOAT, LockTimeout."""
    rows = lock_rows(FloatAccount.objects.filter(pk=pk))
    if not rows:
        raise CounterError(CounterErrorCode.NO_FLOAT, _("没有找到这个备付金账户"))
    return rows[0]


def lock_drawer(pk: int) -> Drawer:
    """Lock one drawer, so that one person opens a shift at it. Raises CounterError NOT_FOUND, LockTimeout."""
    rows = lock_rows(Drawer.objects.filter(pk=pk))
    if not rows:
        raise CounterError(CounterErrorCode.NOT_FOUND, _("没有找到这个台席"))
    return rows[0]


def lock_shift(pk: int) -> Shift:
    """Lock one shift. Raises CounterError NOT_FOUND, LockTimeout."""
    rows = lock_rows(Shift.objects.filter(pk=pk))
    if not rows:
        raise CounterError(CounterErrorCode.NOT_FOUND, _("没有找到这个班次"))
    return rows[0]


def lock_remittance(pk: int) -> Remittance:
    """Lock one remittance slip. Raises CounterError NOT_FOUND, LockTimeout."""
    rows = lock_rows(Remittance.objects.filter(pk=pk))
    if not rows:
        raise CounterError(CounterErrorCode.NOT_FOUND, _("没有找到这张缴款单"))
    return rows[0]


def lock_refund_request(pk: int) -> RefundRequest:
    """Lock one request for a refund, its sale being locked. Raises CounterError NOT_FOUND, LockTimeout."""
    rows = lock_rows(RefundRequest.objects.filter(pk=pk))
    if not rows:
        raise CounterError(CounterErrorCode.NOT_FOUND, _("没有找到这张退款申请"))
    return rows[0]
