"""Codes: the one on the screen, and the one on the customer's phone; through the cashier, whose books decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus
from saleor.payment import PaymentError
from saleor.payment import gateway as stock_gateway
from saleor.payment.models import Payment

from saleor_o2o.cashier.interfaces import (
    Charge,
    ChargeState,
    Method,
    ask_now,
    charge_code,
    check_charge,
    gateway_offering,
    intent_facts,
    is_mixed,
    is_paid,
    live_intent,
    open_intent,
    start_code,
)
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSalePaid
from ..locks import lock_order, lock_sale
from ..models import CounterSale, PaidBy, SaleState
from ..permissions import SELL
from .tills import lock_open_till


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What the screen shows: the code's content and until when it can be paid."""

    content: str
    expires_at: datetime


def show_code(user: Any, sale_pk: int, payer_ip: str | None = None) -> ShownCode:
    """Show the code of a placed sale; asking again shows the same one. Calls the provider: no transaction may be open.

    Locks, while writing: sale, order. Raises OutOfScope, NotAllowed, CounterError ALREADY_PAID, SALE_CLOSED, and what
    the cashier refuses (PROVIDER_UNREACHABLE, NOT_CONFIGURED …); nothing is charged by this.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    intent = open_code(sale.pk)
    content = start_code(intent, payer_ip)
    expires_at, _state = intent_facts(intent)
    return ShownCode(content, expires_at)


@transaction.atomic
def open_code(sale_pk: int, time: timedelta | None = None) -> int:
    """Open (or find) the cashier's intent of a placed sale, to be paid within `time` (the cashier's own for None); its
    key. Locks: sale, order."""
    sale = lock_sale(sale_pk)
    if sale.state in (SaleState.PAID, SaleState.HANDED):
        raise CounterError(Code.ALREADY_PAID, _("这笔销售已经收过款"))
    if sale.state != SaleState.PLACED:
        raise CounterError(Code.SALE_CLOSED, _("这笔销售已结束"), hint=_("请重新开单"))
    known = live_intent(sale.order_id)
    if known is not None:
        return known
    order = lock_order(sale)
    if order.status == OrderStatus.CANCELED:
        raise CounterError(Code.SALE_CLOSED, _("订单已取消"), hint=_("请重新开单"))
    gateway = gateway_offering(Method.WECHAT_NATIVE)
    payment = Payment.objects.create(
        gateway=gateway,
        order=order,
        token=sale.number,
        total=sale.total,
        currency=order.currency,
        billing_email=order.user_email,
    )
    try:
        stock_gateway.process_payment(payment=payment, token=payment.token)
    except PaymentError as refusal:
        raise CounterError(Code.PLACE_CLOSED, str(refusal), hint=_("请改收现金")) from refusal
    open_intent(order, payment, expires_at=now() + time if time is not None else None)
    opened = live_intent(order.pk)
    if opened is None:
        raise CounterError(Code.SALE_CLOSED, _("收款码没有生成，请重试"))
    return opened


def charge_phone(user: Any, sale_pk: int, auth_code: str, payer_ip: str | None = None) -> Charge:
    """Charge the phone whose payment code (付款码) was scanned; scanning the same code again is the same charge.

    Calls the provider: no transaction may be open. Raises OutOfScope, NotAllowed, CounterError as `show_code`, and what
    the cashier refuses (CODE_INVALID, CODE_EXPIRED, PAYER_SHORT, CODE_PENDING …): nothing was charged then.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    store = sale.unit.code
    charge = charge_code(open_code(sale.pk), auth_code, store=store, device=store[-12:], payer_ip=payer_ip)
    if charge.state is ChargeState.PAID:
        note_money(sale.order_id)
    return charge


def charge_standing(user: Any, sale_pk: int) -> Charge | None:
    """Where the charge of a sale stands: what the page asks while the customer types the password. Raises
    OutOfScope."""
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    intent = live_intent(sale.order_id)
    charge = check_charge(intent) if intent is not None else None
    if sale.state == SaleState.PLACED:
        note_money(sale.order_id)
    return charge


def check_code(user: Any, sale_pk: int, *, ask: bool = False) -> CounterSale:
    """Where a sale stands; `ask` asks the provider first, for a notification that does not come.

    Reads only, unless money turns out to have arrived. Raises OutOfScope.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    intent = live_intent(sale.order_id) if sale.state == SaleState.PLACED else None
    if intent is not None and ask:
        ask_now(intent)
    if sale.state == SaleState.PLACED:
        note_money(sale.order_id)
    return get_row(user, CounterSale, pk=sale_pk)


@transaction.atomic
def note_money(order_id: int) -> CounterSale | None:
    """Mark a sale paid by code once the cashier's intent is paid; repeating it changes nothing. Locks: the sale, the
    shift of whoever sold it, if open.

    The receiver of the cashier's event calls it, and so does a page that is quicker than the event.
    """
    known = CounterSale.objects.filter(order_id=order_id).values_list("pk", flat=True).first()
    if known is None or not is_paid(order_id):
        return None
    sale = lock_sale(known)
    if sale.state != SaleState.PLACED:
        return sale
    paid_by = PaidBy.MIXED if is_mixed(order_id) else PaidBy.CODE
    till = lock_open_till(sale)
    # cash in part was taken over this float, and goes back over it
    account = sale.account_id if paid_by is PaidBy.MIXED else None
    move(sale, "mark_paid", paid_by=paid_by, account_id=account, shift_id=till and till.pk)
    publish(
        CounterSalePaid(sale_id=sale.pk, order_id=order_id, amount=sale.total, paid_by=paid_by.value),
        key=f"order:{order_id}",
    )
    return sale
