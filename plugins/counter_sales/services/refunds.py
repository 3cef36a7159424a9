"""Money back at the counter, within the clerk's limit: cash out of the drawer, or through the cashier for a code."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.actions import cancel_fulfillment, cancel_order, order_refunded
from saleor.order.models import Order
from saleor.payment import PaymentError
from saleor.payment import gateway as stock_gateway
from saleor.payment.models import Payment

from plugins.org_hierarchy.interfaces import require_limit
from saleor_o2o.cashier.interfaces import lock_intent_of, refund_order
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSaleRefunded
from ..locks import lock_account, lock_order, lock_sale
from ..models import CashReceipt, CounterSale, MovementKind, PaidBy, ReceiptKind, SaleRefund, SaleState, Shift
from ..numbers import GIVEN_BACK
from ..permissions import REFUND
from ..selectors.mixed import refund_key
from ..wanted import check_key
from .bookkeeping import book_given_back
from .floats import post
from .pos import PosSlip, give_by_pos
from .tills import lock_own_till, lock_till_for_refund

REFUNDED = audit.action("counter.sale_refunded", _("柜台退款"))
ELSEWHERE = audit.action("counter.sale_refunded_elsewhere", _("柜台以外退款"))


@transaction.atomic
def refund_sale(
    user: Any,
    sale_pk: int,
    amount: Decimal,
    reason: str,
    *,
    key: str,
    goods_back: bool = False,
    pos: PosSlip | None = None,
) -> CounterSale:
    """Give money of a paid sale back. `amount` in yuan; `key` names the request, the same again changes nothing.

    Cash: out of the drawer, and the float is free again by as much. Code: a refund of the cashier's, sent after the
    commit. Card: `pos` is the terminal's slip of the return. Several ways: exact shares of each, cash at once, POS
    slips by hand. Cash and cards belong to an open shift, where shifts are needed. The last of the money cancels the
    order: goods not handed over are free at once; goods that were come back into their warehouse if `goods_back` says
    so. Locks: sale, order, (cashier's rows, or shift and Saleor payment), stock, float. Raises OutOfScope, NotAllowed,
    OrgError LIMIT_EXCEEDED (saying who may), CounterError: NOT_PAID, REFUND_INVALID, REFUND_REFUSED, REASON_REQUIRED,
    KEY_REUSED, SHIFT_REQUIRED, POS_INVALID, POS_SLIP_USED.
    """
    found = get_row(user, CounterSale, pk=sale_pk)
    require(user, REFUND, found)
    request = request_of(found, key)
    check_wish(amount, reason)
    sale = lock_sale(found.pk)
    if was_done(request, amount):
        return sale
    check_left(sale, amount)
    # What was given back before counts along: a large refund must not pass in small pieces.
    require_limit(user, "refund", sale.refunded + amount, sale.unit)
    give_back(user, sale, amount, reason, request=request, goods_back=goods_back, pos=pos)
    return sale


def request_of(sale: CounterSale, key: str) -> str:
    """The name of a refund in the books. Raises CounterError REQUEST_KEY_INVALID."""
    return f"refund:{sale.pk}:{check_key(key)}"


def check_wish(amount: Decimal, reason: str) -> None:
    """Raise CounterError REFUND_INVALID or REASON_REQUIRED for what cannot be asked for. `amount` in yuan."""
    if to_fen(amount) <= 0:
        raise CounterError(Code.REFUND_INVALID, _("退款金额须大于零"), "amount")
    if not reason.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请填写退款原因"), "reason")


def check_left(sale: CounterSale, amount: Decimal) -> None:
    """Raise CounterError NOT_PAID or REFUND_INVALID unless a *locked* sale has so much to give back."""
    if sale.state not in (SaleState.PAID, SaleState.HANDED):
        raise CounterError(Code.NOT_PAID, _("这笔销售没有可退的款项"))
    left = sale.total - sale.refunded
    if amount > left:
        raise CounterError(
            Code.REFUND_INVALID, _("最多还能退 %(left)s") % {"left": format_yuan(left)}, "amount"
        )


def give_back(
    user: Any,
    sale: CounterSale,
    amount: Decimal,
    reason: str,
    *,
    request: str,
    goods_back: bool,
    pos: PosSlip | None,
) -> SaleRefund:
    """Give money of a *locked* sale back, after `check_left` and under the name `request`; nobody's limit is asked.

    Locks and errors as `refund_sale`.
    """
    if sale.paid_by in (PaidBy.CODE, PaidBy.MIXED):
        lock_intent_of(sale.order_id)
    order = lock_order(sale)
    till = None
    if sale.paid_by == PaidBy.CASH:
        till = lock_till_for_refund(user, sale)
        token = _give_cash(user, sale, order, amount, reason, till)
    elif sale.paid_by == PaidBy.POS:
        till = lock_till_for_refund(user, sale)
        token = give_by_pos(user, sale, order, amount, reason, till, pos)
    elif sale.paid_by == PaidBy.MIXED:
        token = refund_order(
            order.pk, amount, reason=reason, key=refund_key(request), user=user, at_counter=True
        ).number
    else:
        token = _give_by_provider(user, order, amount)
    refund = SaleRefund.objects.create(
        sale=sale,
        shift=till if till is not None else lock_own_till(user, sale),
        request_key=request,
        amount=amount,
        paid_by=sale.paid_by,
        token=token,
        reason=reason.strip()[:200],
        operator=user,
    )
    sale.refunded += amount
    sale.save(update_fields=["refunded"])
    whole = sale.refunded == sale.total
    if whole:
        _take_goods_back(user, order, goods_back)
        move(sale, "mark_refunded", why=reason, reason=reason)
    audit.record(
        REFUNDED,
        sale,
        after={"request": request, "amount": amount, "token": token, "reason": reason, "whole": whole},
        org_path=sale.unit.path,
    )
    publish(
        CounterSaleRefunded(sale_id=sale.pk, order_id=order.pk, amount=amount, whole=whole),
        key=f"order:{order.pk}",
    )
    return refund


def _give_cash(
    user: Any, sale: CounterSale, order: Order, amount: Decimal, reason: str, till: Shift | None
) -> str:
    if sale.account_id is None:  # cash is never taken without one
        raise CounterError(Code.NO_FLOAT, _("没有找到这笔收款的备付金账户"))
    number = next_number(GIVEN_BACK)
    payment = book_given_back(order, amount, number, user)
    account = lock_account(sale.account_id)
    movement = post(
        account,
        MovementKind.REFUND,
        amount,
        biz_type="cash_refund",
        biz_id=number,
        operator=user,
        order=order,
        shift=till,
        note=sale.number,
    )
    CashReceipt.objects.create(
        number=number,
        kind=ReceiptKind.GIVEN_BACK,
        sale=sale,
        payment=payment,
        movement=movement,
        amount=amount,
        reason=reason.strip()[:200],
        operator=user,
    )
    return number


def _give_by_provider(user: Any, order: Order, amount: Decimal) -> str:
    payment = order.get_last_payment()
    if payment is None:
        raise CounterError(Code.NOT_PAID, _("没有找到这笔收款"))
    try:
        done = stock_gateway.refund(payment, amount)
    except PaymentError as refusal:
        raise CounterError(Code.REFUND_REFUSED, str(refusal)) from refusal
    order_refunded(order, user, amount, payment)
    return str(done.token)


def _take_goods_back(user: Any, order: Order, goods_back: bool) -> None:
    """Nothing is owed any more: free what was not handed over; put back what was, if it came back."""
    handed = list(order.fulfillments.filter(status=FulfillmentStatus.FULFILLED).order_by("pk"))
    if handed and not goods_back:
        if any(line.quantity_unfulfilled > 0 for line in order.lines.all()):
            cancel_order(order, user)  # what the customer has stays fulfilled; the rest is free
        return
    for fulfillment in handed:
        line = fulfillment.lines.select_related("stock__warehouse").first()
        if line is not None and line.stock is not None:
            cancel_fulfillment(fulfillment, user, line.stock.warehouse)
    order.refresh_from_db(fields=["status"])
    if order.status != OrderStatus.CANCELED:
        cancel_order(order, user)


@transaction.atomic
def note_given_back(order_id: int) -> CounterSale | None:
    """Bring a sale along whose money went back past the counter (an after-sale, the dashboard); again: no change.

    What is here of the order's payments says how much. Locks: sale.
    """
    key = CounterSale.objects.filter(order_id=order_id).values_list("pk", flat=True).first()
    if key is None:
        return None
    sale = lock_sale(key)
    here = Payment.objects.filter(order_id=order_id).aggregate(here=Sum("captured_amount"))["here"]
    back = sale.total - (here or Decimal(0))
    if sale.state not in (SaleState.PAID, SaleState.HANDED) or back <= sale.refunded:
        return sale
    before, sale.refunded = sale.refunded, back
    sale.save(update_fields=["refunded"])
    if back == sale.total:
        move(sale, "mark_refunded", why=str(_("售后退款")), reason=str(_("售后退款")))
    audit.record(
        ELSEWHERE, sale, before={"refunded": before}, after={"refunded": back}, org_path=sale.unit.path
    )
    return sale


def was_done(request: str, amount: Decimal) -> bool:
    """True when a refund of this name is booked, for a *locked* sale. Raises CounterError KEY_REUSED (another sum)."""
    known = SaleRefund.objects.filter(request_key=request).first()
    if known is None:
        return False
    if known.amount != amount:
        raise CounterError(Code.KEY_REUSED, _("这次退款已按另一金额登记过，请刷新页面"), "amount")
    return True
