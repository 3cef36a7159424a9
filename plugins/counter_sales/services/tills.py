"""Which shift money belongs to: found and locked in the transaction that moves it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.locks import lock_rows

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..models import CounterSale, Shift, ShiftState
from ..places import place_of_sale
from ..selectors.shifts import needs_shift

#: Where a shift is opened.
TILL_PAGE = reverse_lazy("admin:o2o_counter_sales_shift_till")


def lock_till(user: Any, sale: CounterSale) -> Shift | None:
    """The user's open shift at the sale's unit, locked: no count is entered while this transaction runs.

    None where shifts are not needed and none is open. Locks: the shift, after the order's rows and before the float.
    Raises CounterError SHIFT_REQUIRED (with the address of 开班 in `details`), LockTimeout.
    """
    if _at_shop(sale):
        return None
    rows = lock_rows(Shift.objects.filter(clerk=user, unit=sale.unit_id, state=ShiftState.OPEN))
    if rows:
        return rows[0]
    _require(sale)
    return None


def lock_open_till(sale: CounterSale) -> Shift | None:
    """The open shift of whoever made the sale, locked; None without one: a code is paid without a drawer."""
    rows = lock_rows(Shift.objects.filter(clerk=sale.operator_id, unit=sale.unit_id, state=ShiftState.OPEN))
    return rows[0] if rows else None


def lock_own_till(user: Any, sale: CounterSale) -> Shift | None:
    """The user's open shift at the sale's unit, locked, if there is one: to say where a refund of a code was asked."""
    rows = lock_rows(Shift.objects.filter(clerk=user, unit=sale.unit_id, state=ShiftState.OPEN))
    return rows[0] if rows else None


def lock_till_for_refund(user: Any, sale: CounterSale) -> Shift | None:
    """The drawer that money goes back from: the user's own open shift, or the one that took it, if still open.

    A manager without a drawer gives it back from the clerk's. Where both are closed, from the longest open one of the
    place. Locks and errors as `lock_till`.
    """
    if _at_shop(sale):
        return None
    rows = lock_rows(Shift.objects.filter(unit=sale.unit_id, state=ShiftState.OPEN))
    for shift in rows:
        if shift.clerk_id == user.pk:
            return shift
    for shift in rows:
        if shift.pk == sale.shift_id:
            return shift
    if rows:
        return rows[0]
    _require(sale)
    return None


def _at_shop(sale: CounterSale) -> bool:
    """True for a sale on a shop's own float: owners have no shifts, and a clerk's drawer gets nothing of it."""
    return bool(sale.channel_code) and place_of_sale(sale).shop is not None


def _require(sale: CounterSale) -> None:
    if needs_shift(sale.unit_id):
        raise CounterError(
            Code.SHIFT_REQUIRED,
            _("还没有开班，不能收付现金和刷卡"),
            hint=_("请先开班；扫码收款不受影响"),
            details={"open": str(TILL_PAGE)},
        )
