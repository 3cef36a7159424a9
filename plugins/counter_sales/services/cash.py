"""Cash at the counter: receipt, float, payment and state are one transaction, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSalePaid
from ..locks import lock_account, lock_sale
from ..models import CashReceipt, CounterSale, MovementKind, PaidBy, ReceiptKind
from ..numbers import RECEIPT
from ..permissions import SELL
from ..sellers import check_limit
from .bookkeeping import book_taken
from .floats import post
from .taking import close_code, refuse_unless_payable, unpaid_order
from .tills import lock_till

TAKEN = audit.action("counter.cash_taken", _("收取现金"))


def pay_cash(user: Any, sale_pk: int, tendered: Decimal) -> CashReceipt:
    """Take cash for a placed sale; a repetition is answered with the same receipt. `tendered` in yuan.

    A code that is still shown is closed at the provider first, outside any transaction. Then, in one transaction:
    receipt, debit of the float, Saleor payment, state. Locks: sale, intent, order, Saleor payment, shift, float. Raises
    OutOfScope, NotAllowed, OrgError LIMIT_EXCEEDED (cash), CounterError: TENDERED_TOO_LITTLE, ALREADY_PAID,
    SALE_CLOSED, CODE_STILL_OPEN, SHIFT_REQUIRED, NO_FLOAT, FLOAT_FROZEN, FLOAT_INSUFFICIENT; nothing is booked then.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    to_fen(tendered)
    known = _receipt_of(sale)
    if known is not None:
        return known
    refuse_unless_payable(sale)
    _check_amounts(user, sale, tendered)
    close_code(sale)
    return _take(user, sale.pk, tendered)


@transaction.atomic
def _take(user: Any, sale_pk: int, tendered: Decimal) -> CashReceipt:
    sale = lock_sale(sale_pk)
    known = _receipt_of(sale)
    if known is not None:
        return known
    refuse_unless_payable(sale)
    order = unpaid_order(sale)
    if sale.account_id is None:
        raise CounterError(
            Code.NO_FLOAT,
            _("这个销售点没有备付金账户，不能收现金"),
            hint=_("可改用扫码收款，或请区县财务开户"),
        )
    till = lock_till(user, sale)
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
        shift=till,
        note=number,
    )
    payment = book_taken(order, sale.total, number, user)
    move(sale, "mark_paid", paid_by=PaidBy.CASH, account_id=account.pk, shift_id=till and till.pk)
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
