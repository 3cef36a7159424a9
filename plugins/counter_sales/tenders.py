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
from .locks import lock_account, lock_slip
from .models import CashReceipt, CounterSale, FloatMovement, MovementKind, PosSlip, ReceiptKind, SaleState
from .numbers import GIVEN_BACK, RECEIPT
from .selectors.slips import taken_whole
from .services.floats import post
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
    """A card swiped on the bank's terminal: its slip's number counts once. Given back on the terminal, by hand."""

    kind = "pos"
    title = _("POS 刷卡")
    audience = frozenset({Audience.STAFF})
    prompt = _("请输入 POS 凭证号")

    def identify(self, wish: Wish, payer: Payer) -> Found:
        number = wish.code.strip().upper()
        if not 4 <= len(number) <= 32 or not number.isascii() or not number.isalnum():
            raise CounterError(Code.SLIP_INVALID, _("请填写 POS 小票上的凭证号"), "code")
        return Found(number, f"{_('POS 刷卡')} ****{number[-4:]}")

    def hold(self, asked: Asked) -> Held:
        _sale_of(asked.order.pk)
        if asked.amount is None:
            raise CounterError(Code.AMOUNT_INVALID, _("请填写 POS 小票上的金额"), "amount")
        return Held(asked.amount)

    def held(self, part: Any) -> None:
        sale = _sale_of(part.intent.order_id)
        clerk = _operator(sale)
        till = lock_till(clerk, sale)
        lock_slip(sale, part.ref)
        if taken_whole(sale, part.ref):
            raise _slip_used()
        slip = PosSlip(
            number=part.ref,
            part_number=part.number,
            sale=sale,
            shift=till,
            amount=part.amount,
            operator=clerk,
        )
        # Two counters with one slip: the second finds the first's, whoever was quicker.
        PosSlip.objects.bulk_create([slip], ignore_conflicts=True)
        if not PosSlip.objects.filter(number=part.ref, part_number=part.number).exists():
            raise _slip_used()

    def release(self, part: Any) -> bool:
        return False

    def refund(self, part: Any, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        return False


def _slip_used() -> CounterError:
    return CounterError(Code.SLIP_USED, _("这张 POS 小票已经用过"), "code", hint=_("请核对凭证号"))


CASH = CashTender()
POS = PosTender()
