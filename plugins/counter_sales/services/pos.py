"""A card at the counter's terminal: the terminal has taken the money, the books say so once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import bounded_wait
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import CounterSalePaid
from ..locks import lock_sale
from ..models import CounterSale, PaidBy, PosReceipt, ReceiptKind, Shift
from ..numbers import POS_BACK, POS_TAKEN
from ..permissions import SELL
from .bookkeeping import book_given_back, book_taken
from .taking import close_code, refuse_unless_payable, unpaid_order
from .tills import lock_till

TAKEN = audit.action("counter.pos_taken", _("刷卡收款"))

_TERMINAL = re.compile(r"[0-9A-Z-]{4,20}")
_SLIP = re.compile(r"[0-9A-Z]{4,20}")


@dataclass(frozen=True, slots=True)
class PosSlip:
    """What stands on the terminal's paper: its number (终端号) and the slip's (凭证号)."""

    terminal: str
    slip: str

    def __str__(self) -> str:
        return f"{self.terminal}/{self.slip}"


def read_slip(terminal: str, slip: str) -> PosSlip:
    """A slip as typed, in capitals. Raises CounterError POS_INVALID, naming the field."""
    told = PosSlip(terminal.strip().upper(), slip.strip().upper())
    if not _TERMINAL.fullmatch(told.terminal):
        raise CounterError(Code.POS_INVALID, _("终端号为 4–20 位数字或字母，见签购单"), "terminal")
    if not _SLIP.fullmatch(told.slip):
        raise CounterError(Code.POS_INVALID, _("凭证号为 4–20 位数字或字母，见签购单"), "slip")
    return told


def read_reference(text: str) -> PosSlip:
    """A slip typed in one field as `终端号/凭证号`. Raises CounterError POS_INVALID."""
    terminal, _slash, slip = text.partition("/")
    return read_slip(terminal, slip)


def write_slip(sale: CounterSale, told: PosSlip, kind: ReceiptKind, **columns: Any) -> PosReceipt:
    """Write a slip of today down, once; the only way into the table. `columns`: what else the row says.

    Locks: terminal, day and number, by their unique index. Raises CounterError POS_SLIP_USED, LockTimeout.
    """
    try:
        with bounded_wait(), transaction.atomic():
            return PosReceipt.objects.create(
                sale=sale, kind=kind, terminal=told.terminal, slip=told.slip, day=today(), **columns
            )
    except IntegrityError as error:
        if "o2o_counter_pos_slip_once" not in str(error):
            raise
        raise CounterError(
            Code.POS_SLIP_USED,
            _("终端 %(terminal)s 的凭证 %(slip)s 今天已经登记过")
            % {"terminal": told.terminal, "slip": told.slip},
            "slip",
            _("请核对签购单上的凭证号"),
        ) from error


def pay_pos(user: Any, sale_pk: int, amount: Decimal, told: PosSlip) -> PosReceipt:
    """Book a card payment of a placed sale; the same slip again is answered with the same receipt. `amount` in yuan.

    A code that is still shown is closed first, outside any transaction. The float is not touched: the money is at the
    bank. Locks: sale, intent, order, shift, the slip's number. Raises OutOfScope, NotAllowed, CounterError:
    ALREADY_PAID, SALE_CLOSED, CODE_STILL_OPEN, SHIFT_REQUIRED, AMOUNT_INVALID (the slip's sum is not the sale's),
    POS_SLIP_USED (another sale's); nothing is booked then.
    """
    sale = get_row(user, CounterSale, pk=sale_pk)
    require(user, SELL, sale)
    known = _receipt_of(sale, told)
    if known is not None:
        return known
    refuse_unless_payable(sale)
    if amount != sale.total:
        raise CounterError(
            Code.AMOUNT_INVALID,
            _("签购单金额 %(amount)s 与应收 %(total)s 不一致")
            % {"amount": format_yuan(amount), "total": format_yuan(sale.total)},
            "amount",
            _("请在 POS 机上撤销后按应收金额重刷"),
        )
    close_code(sale)
    return _take(user, sale.pk, told)


@transaction.atomic
def _take(user: Any, sale_pk: int, told: PosSlip) -> PosReceipt:
    sale = lock_sale(sale_pk)
    known = _receipt_of(sale, told)
    if known is not None:
        return known
    refuse_unless_payable(sale)
    order = unpaid_order(sale)
    till = lock_till(user, sale)
    number = next_number(POS_TAKEN)
    payment = book_taken(order, sale.total, number, user)
    move(sale, "mark_paid", paid_by=PaidBy.POS, account_id=sale.account_id, shift_id=till and till.pk)
    receipt = write_slip(
        sale,
        told,
        ReceiptKind.TAKEN,
        number=number,
        shift=till,
        payment=payment,
        amount=sale.total,
        operator=user,
    )
    audit.record(
        TAKEN,
        sale,
        after={"receipt": number, "amount": sale.total, "terminal": told.terminal, "slip": told.slip},
        org_path=sale.unit.path,
    )
    publish(
        CounterSalePaid(sale_id=sale.pk, order_id=sale.order_id, amount=sale.total, paid_by=PaidBy.POS.value),
        key=f"order:{sale.order_id}",
    )
    return receipt


def give_by_pos(
    user: Any,
    sale: CounterSale,
    order: Order,
    amount: Decimal,
    reason: str,
    till: Shift | None,
    told: PosSlip | None,
) -> str:
    """Book a return that the terminal has made, for a *locked* sale and order; its number. `amount` in yuan.

    Locks: the slip's number, the Saleor payment. Raises CounterError POS_INVALID (no slip was told), POS_SLIP_USED.
    """
    if told is None:
        raise CounterError(
            Code.POS_INVALID, _("刷卡的款须在 POS 机上退货，并填写退货签购单的终端号和凭证号"), "slip"
        )
    number = next_number(POS_BACK)
    write_slip(
        sale,
        told,
        ReceiptKind.GIVEN_BACK,
        number=number,
        shift=till,
        payment=book_given_back(order, amount, number, user),
        amount=amount,
        reason=reason.strip()[:200],
        operator=user,
    )
    return number


def _receipt_of(sale: CounterSale, told: PosSlip) -> PosReceipt | None:
    return PosReceipt.objects.filter(
        sale=sale, kind=ReceiptKind.TAKEN, terminal=told.terminal, slip=told.slip
    ).first()
