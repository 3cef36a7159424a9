"""Cash at the counter: receipt, float, payment and state are one transaction, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order import OrderStatus

from saleor_o2o.cashier.interfaces import (
    CashierErrorCode,
    close_open_attempts,
    is_paid,
    live_intent,
    replace_intent,
)
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSalePaid
from ..locks import lock_account, lock_order, lock_sale
from ..models import CashReceipt, CounterSale, MovementKind, PaidBy, ReceiptKind, SaleState
from ..numbers import RECEIPT
from ..permissions import SELL
from ..sellers import check_limit
from .bookkeeping import book_taken
from .floats import post

TAKEN = audit.action("counter.cash_taken", _("收取现金"))


def pay_cash(user: Any, sale_pk: int, tendered: Decimal) -> CashReceipt:
    """Take cash for a placed sale; a repetition is answered with the same receipt. `tendered` in yuan.

    A code that is still shown is closed at the provider first, outside any transaction. Then, in one transaction:
    receipt, debit of the float, Saleor payment, state. Locks: sale, intent, order, Saleor payment, float. Raises
    OutOfScope, NotAllowed, OrgError LIMIT_EXCEEDED (cash), CounterError: TENDERED_TOO_LITTLE, ALREADY_PAID,
    SALE_CLOSED, CODE_STILL_OPEN, NO_FLOAT, FLOAT_FROZEN, FLOAT_INSUFFICIENT; nothing is booked in any of these cases.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    to_fen(tendered)
    known = _receipt_of(sale)
    if known is not None:
        return known
    _refuse_unless_payable(sale)
    _check_amounts(user, sale, tendered)
    intent = live_intent(sale.order_id)
    if intent is not None:
        _close_code(intent)
    return _take(user, sale.pk, tendered)


@transaction.atomic
def _take(user: Any, sale_pk: int, tendered: Decimal) -> CashReceipt:
    sale = lock_sale(sale_pk)
    known = _receipt_of(sale)
    if known is not None:
        return known
    _refuse_unless_payable(sale)
    intent = live_intent(sale.order_id)
    if intent is not None:
        _replace(intent)
    order = lock_order(sale)
    if is_paid(order.pk):  # the event that tells us is on its way
        raise CounterError(Code.ALREADY_PAID, _("顾客刚刚已扫码付款，不要再收现金"))
    if order.status == OrderStatus.CANCELED:
        raise CounterError(Code.SALE_CLOSED, _("订单已取消，不要收款"), hint=_("请重新开单"))
    if sale.account_id is None:
        raise CounterError(
            Code.NO_FLOAT,
            _("这个销售点没有备付金账户，不能收现金"),
            hint=_("可改用扫码收款，或请区县财务开户"),
        )
    number = next_number(RECEIPT)
    account = lock_account(sale.account_id)
    movement = post(
        account,
        MovementKind.SALE,
        -sale.total,
        biz_type="cash_sale",
        biz_id=sale.number,
        operator=user,
        order=order,
        note=number,
    )
    payment = book_taken(order, sale.total, number, user)
    move(sale, "mark_paid", paid_by=PaidBy.CASH, account_id=account.pk)
    receipt = CashReceipt.objects.create(
        number=number,
        kind=ReceiptKind.TAKEN,
        sale=sale,
        payment=payment,
        movement=movement,
        amount=sale.total,
        tendered=tendered,
        change=tendered - sale.total,
        operator=user,
    )
    audit.record(
        TAKEN,
        sale,
        after={"receipt": number, "amount": sale.total, "tendered": tendered, "float": account.balance},
        org_path=sale.unit.path,
    )
    publish(
        CounterSalePaid(
            sale_id=sale.pk, order_id=sale.order_id, amount=sale.total, paid_by=PaidBy.CASH.value
        ),
        key=f"order:{sale.order_id}",
    )
    return receipt


def _receipt_of(sale: CounterSale) -> CashReceipt | None:
    return CashReceipt.objects.filter(sale=sale, kind=ReceiptKind.TAKEN).first()


def _refuse_unless_payable(sale: CounterSale) -> None:
    if sale.state == SaleState.PLACED:
        return
    if sale.state in (SaleState.PAID, SaleState.HANDED):
        raise CounterError(Code.ALREADY_PAID, _("顾客已经付过款，不要再收现金"), hint=_("请刷新查看收款方式"))
    raise CounterError(Code.SALE_CLOSED, _("这笔销售已结束，不要收款"), hint=_("请重新开单"))


def _check_amounts(user: Any, sale: CounterSale, tendered: Decimal) -> None:
    if tendered < sale.total:
        raise CounterError(
            Code.TENDERED_TOO_LITTLE,
            _("实收 %(tendered)s 少于应收 %(total)s")
            % {"tendered": format_yuan(tendered), "total": format_yuan(sale.total)},
            "tendered",
        )
    if tendered - sale.total >= 10000:
        raise CounterError(Code.AMOUNT_INVALID, _("实收金额看起来多输了，请核对"), "tendered")
    check_limit(user, "cash", sale.total, sale.unit, sale.channel_code)


def _close_code(intent_pk: int) -> None:
    try:
        close_open_attempts(intent_pk)
    except DomainError as refusal:
        raise _told(refusal) from refusal


def _replace(intent_pk: int) -> None:
    try:
        replace_intent(intent_pk)
    except DomainError as refusal:
        raise _told(refusal) from refusal


def _told(refusal: DomainError) -> DomainError:
    """The cashier's refusal in the words of somebody with banknotes in the hand."""
    if refusal.code == CashierErrorCode.ALREADY_PAID:
        return CounterError(Code.ALREADY_PAID, _("顾客刚刚已扫码付款，不要再收现金"))
    if refusal.code == CashierErrorCode.PAYMENT_CLOSED:
        return CounterError(Code.SALE_CLOSED, _("付款时间已过，订单正在关闭，不要收款"), hint=_("请重新开单"))
    if refusal.code == CashierErrorCode.PROVIDER_UNREACHABLE:
        return CounterError(
            Code.CODE_STILL_OPEN,
            _("暂时连不上微信，收款码还没有关掉，先不要收现金"),
            hint=_("稍后再点一次“收现金”；顾客也可以继续扫码"),
        )
    return refusal
