"""Sales that nobody pays: cancelled by the clerk, or by the clock."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.order.actions import cancel_order

from saleor_o2o.cashier.interfaces import cancel_intent, is_paid, live_intent
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..locks import lock_order, lock_sale
from ..models import CounterSale, SaleState
from ..permissions import SELL
from .codes import note_money

logger = logging.getLogger(__name__)

CANCELLED = audit.action("counter.sale_cancelled", _("取消柜台销售"))


def cancel_sale(user: Any, sale_pk: int, reason: str = "") -> CounterSale:
    """Cancel a sale that is not paid; its stock is free. A code that is shown is closed at the provider first.

    No transaction may be open. Locks, while writing: sale, order, allocations. Raises OutOfScope, NotAllowed,
    CounterError ALREADY_PAID (the payer was quicker) and CODE_STILL_OPEN (the provider did not answer: the sweep goes
    on closing, the sale is cancelled then).
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    if sale.state == SaleState.CANCELLED:
        return sale
    _close_code(sale)
    return _cancel(sale.pk, user, reason or str(_("营业员取消")))


def _close_code(sale: CounterSale) -> None:
    intent = live_intent(sale.order_id)
    if intent is None:
        return
    state = cancel_intent(intent, "COUNTER_CANCELLED")
    if state == "paid":
        raise CounterError(Code.ALREADY_PAID, _("顾客刚刚已付款，不能取消"), hint=_("如需退回，请使用退款"))
    if state != "closed":
        raise CounterError(
            Code.CODE_STILL_OPEN,
            _("暂时连不上微信，收款码正在关闭，关掉后自动取消并释放库存"),
            hint=_("顾客若已付款会自动退回"),
        )


@transaction.atomic
def _cancel(sale_pk: int, user: Any, reason: str) -> CounterSale:
    sale = lock_sale(sale_pk)
    if sale.state == SaleState.CANCELLED:
        return sale
    if sale.state != SaleState.PLACED:
        raise CounterError(Code.ALREADY_PAID, _("这笔销售已经收款，不能取消"), hint=_("如需退回，请使用退款"))
    if live_intent(sale.order_id) is not None:  # shown in the meantime, on another screen
        raise CounterError(Code.CODE_STILL_OPEN, _("收款码刚刚又打开了，请再点一次取消"))
    order = lock_order(sale)
    if is_paid(order.pk):
        raise CounterError(Code.ALREADY_PAID, _("顾客刚刚已付款，不能取消"), hint=_("如需退回，请使用退款"))
    if order.status not in (OrderStatus.CANCELED, OrderStatus.DRAFT):
        cancel_order(order, user)
    _note(sale, reason)
    return sale


def _note(sale: CounterSale, reason: str) -> None:
    move(sale, "cancel", why=reason, reason=reason)
    audit.record(CANCELLED, sale, after={"reason": reason}, org_path=sale.unit.path)


@transaction.atomic
def note_closed(order_id: int, reason: str) -> None:
    """The cashier closed the order's code and cancelled the order: the sale follows. Locks: the sale."""
    known = CounterSale.objects.filter(order_id=order_id).values_list("pk", flat=True).first()
    if known is None:
        return
    sale = lock_sale(known)
    if sale.state == SaleState.PLACED and lock_order(sale).status == OrderStatus.CANCELED:
        _note(sale, reason)


def cancel_abandoned(limit: int = 100) -> int:
    """Cancel sales that nobody paid in time and whose code, if any, is closed; returns how many.

    Those with a code that is open are the cashier's matter, which has a deadline of its own. A sale whose money came
    without our hearing of it is marked paid. Trouble with one sale does not keep the others waiting.
    """
    hold = timedelta(minutes=settings.O2O_COUNTER["HOLD_MINUTES"])
    old = CounterSale.objects.filter(state=SaleState.PLACED, made_at__lt=now() - hold)
    done = 0
    for sale in list(old.select_related("operator").order_by("made_at")[:limit]):
        try:
            if note_money(sale.order_id) is None and live_intent(sale.order_id) is None:
                _cancel(sale.pk, sale.operator, str(_("超时未收款")))
                done += 1
        except DomainError as refusal:
            logger.warning("sale %s could not be cancelled: %s", sale.number, refusal.code)
    return done
