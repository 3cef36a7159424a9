"""Cash over the float and POS slips as parts of a sale that is paid in several ways (`services.mixed`).

A sale paid wholly in cash goes as ever (`services.cash`). Here the float is debited in the transaction that holds the
part, and only released to the customer by the clerk's own hand: what is given up waits until somebody says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.interfaces import Asked, Audience, Found, Held, Payer, Tender, Wish
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import current

from .error_codes import CounterErrorCode as Code
from .errors import CounterError
from .locks import lock_account
from .models import CashReceipt, CounterSale, FloatMovement, MovementKind, ReceiptKind, SaleState
from .numbers import GIVEN_BACK, POS_BACK, POS_TAKEN, RECEIPT
from .services.floats import post
from .services.pos import read_reference, write_slip
from .services.tills import lock_till, lock_till_for_refund


def _sale_of(order_id: int) -> CounterSale:
    sale = CounterSale.objects.select_related("operator").filter(order_id=order_id).first()
    if sale is None:
        raise CounterError(Code.NOT_FOUND, _("只有柜台销售可以收现金或刷 POS"))
    return sale


def _operator(sale: CounterSale) -> Any:
    """Who is doing it; the sale's own clerk where nobody is named."""
    kind, _colon, key = current().actor.partition(":")
    if kind == "user" and key.isdigit():
        return type(sale.operator).objects.filter(pk=int(key)).first() or sale.operator
    return sale.operator


class CashTender(Tender):
    """Cash in the drawer of the selling place: one part of a sale, over its float (decision 0015)."""

    kind = "cash"
    title = _("现金")
    audience = frozenset({Audience.STAFF})

    def identify(self, wish: Wish, payer: Payer) -> Found:
        return Found("", str(_("现金")))

    def hold(self, asked: Asked) -> Held:
        sale = _sale_of(asked.order.pk)
        if sale.state != SaleState.PLACED:
            raise CounterError(Code.SALE_CLOSED, _("这笔销售已结束，不要收款"), hint=_("请重新开单"))
        if sale.account_id is None:
            raise CounterError(
                Code.NO_FLOAT,
                _("这个销售点没有备付金账户，不能收现金"),
                hint=_("可改用扫码收款，或请区县财务开户"),
            )
        return Held(asked.most if asked.amount is None else asked.amount)

    def held(self, part: Any) -> None:
        self._move(part, MovementKind.SALE, -part.amount, "cash_part", part.number)

    def capture(self, part: Any) -> None:
        sale = _sale_of(part.intent.order_id)
        CashReceipt.objects.create(
            number=next_number(RECEIPT),
            kind=ReceiptKind.TAKEN,
            sale=sale,
            payment_id=part.intent.payment_id,
            movement=FloatMovement.objects.get(biz_type="cash_part", biz_id=part.number),
            amount=part.amount,
            tendered=part.amount,
            change=Decimal("0.00"),
            operator=_operator(sale),
        )

    def release(self, part: Any) -> bool:
        return False

    def refund(self, part: Any, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        if at_counter:
            self._give(part, amount, number)
        return at_counter

    def handed_back(self, part: Any, amount: Decimal, number: str, reference: str, user: Any) -> None:
        self._give(part, amount, number)

    def _give(self, part: Any, amount: Decimal, number: str) -> None:
        sale = _sale_of(part.intent.order_id)
        movement = self._move(part, MovementKind.REFUND, amount, "cash_part_back", number)
        CashReceipt.objects.create(
            number=next_number(GIVEN_BACK),
            kind=ReceiptKind.GIVEN_BACK,
            sale=sale,
            payment_id=part.intent.payment_id,
            movement=movement,
            amount=amount,
            reason=str(_("组合支付退回")),
            operator=_operator(sale),
        )

    def _move(self, part: Any, kind: MovementKind, amount: Decimal, biz_type: str, key: str) -> FloatMovement:
        sale = _sale_of(part.intent.order_id)
        if sale.account_id is None:  # cash is never taken without one
            raise CounterError(Code.NO_FLOAT, _("没有找到这笔收款的备付金账户"))
        clerk = _operator(sale)
        till = (lock_till if kind is MovementKind.SALE else lock_till_for_refund)(clerk, sale)
        return post(
            lock_account(sale.account_id),
            kind,
            amount,
            biz_type=biz_type,
            biz_id=key,
            operator=clerk,
            order=sale.order,
            shift=till,
            note=sale.number,
        )


class PosTender(Tender):
    """A card swiped on the bank's terminal: its slip counts once (`services.pos`). Given back on the terminal, by hand.

    What is typed, and what a return by hand is noted with, is `终端号/凭证号`.
    """

    kind = "pos"
    title = _("POS 刷卡")
    audience = frozenset({Audience.STAFF})
    prompt = _("请输入签购单上的 终端号/凭证号")

    def identify(self, wish: Wish, payer: Payer) -> Found:
        told = read_reference(wish.code)
        return Found(str(told), f"{_('POS 刷卡')} ****{told.slip[-4:]}")

    def hold(self, asked: Asked) -> Held:
        _sale_of(asked.order.pk)
        if asked.amount is None:
            raise CounterError(Code.AMOUNT_INVALID, _("请填写 POS 小票上的金额"), "amount")
        return Held(asked.amount)

    def held(self, part: Any) -> None:
        sale = _sale_of(part.intent.order_id)
        clerk = _operator(sale)
        self._write(sale, part, part.ref, ReceiptKind.TAKEN, part.amount, clerk, lock_till(clerk, sale))

    def release(self, part: Any) -> bool:
        return False

    def refund(self, part: Any, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        return False

    def handed_back(self, part: Any, amount: Decimal, number: str, reference: str, user: Any) -> None:
        sale = _sale_of(part.intent.order_id)
        till = lock_till_for_refund(user, sale)
        self._write(sale, part, reference, ReceiptKind.GIVEN_BACK, amount, user, till)

    def _write(
        self, sale: CounterSale, part: Any, ref: str, kind: ReceiptKind, amount: Decimal, user: Any, till: Any
    ) -> None:
        write_slip(
            sale,
            read_reference(ref),
            kind,
            number=next_number(POS_TAKEN if kind is ReceiptKind.TAKEN else POS_BACK),
            part_number=part.number,
            shift=till,
            payment_id=part.intent.payment_id,
            amount=amount,
            operator=user,
        )


CASH = CashTender()
POS = PosTender()
