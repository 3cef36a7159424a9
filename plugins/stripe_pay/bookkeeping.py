"""Stock's payment actions for this gateway: the call to Stripe first, under our number; then stock books the answer.

Stock asks the gateway and books in one go, so a lost answer becomes "failed" and a death in between leaves no trace.
Here the answer is a row of ours before stock hears of it; stock's own functions then write transaction and amounts.
"""

from __future__ import annotations

from decimal import Decimal
from functools import wraps

from django.utils.translation import gettext as _
from saleor.payment import PaymentError, gateway
from saleor.payment.models import Payment, Transaction
from saleor.payment.utils import clean_capture

from saleor_o2o.compat.registry import Stage, adaptation

from .booking import STOCK
from .configuration import GATEWAY
from .models import MoveKind
from .services.paying import move_money, pay


@adaptation(
    Stage.APPS,
    "stock asks Stripe and books in one go: a lost answer becomes a failure, a death in between leaves no trace",
)
def stripe_is_asked_first() -> None:
    for name in ("process_payment", "confirm", "capture", "refund", "void"):
        STOCK[name] = getattr(gateway, name)

    def ours(payment: Payment) -> bool:
        return bool(payment.gateway == GATEWAY)

    def active(payment: Payment) -> None:
        if not payment.is_active:
            raise PaymentError(_("这笔支付已经结束，请刷新查看"))

    @wraps(STOCK["process_payment"])
    def process_payment(payment: Payment, token: str, store_source: bool = False) -> Transaction:
        if not ours(payment):
            return STOCK["process_payment"](payment=payment, token=token, store_source=store_source)
        active(payment)
        return pay(payment, store_source)

    @wraps(STOCK["confirm"])
    def confirm(payment: Payment) -> Transaction:
        if not ours(payment):
            return STOCK["confirm"](payment)
        active(payment)
        return pay(payment, False)

    @wraps(STOCK["capture"])
    def capture(payment: Payment, amount: Decimal | None = None, store_source: bool = False) -> Transaction:
        if not ours(payment):
            return STOCK["capture"](payment, amount, store_source)
        active(payment)
        wanted = Decimal(amount if amount is not None else payment.get_charge_amount())
        clean_capture(payment, wanted)
        return move_money(payment, MoveKind.CAPTURE, wanted)

    @wraps(STOCK["refund"])
    def refund(payment: Payment, amount: Decimal | None = None) -> Transaction:
        if not ours(payment):
            return STOCK["refund"](payment, amount)
        active(payment)
        wanted = Decimal(amount if amount is not None else payment.captured_amount)
        if wanted <= 0:
            raise PaymentError(_("退款金额须大于零"))
        return move_money(payment, MoveKind.REFUND, wanted)

    @wraps(STOCK["void"])
    def void(payment: Payment) -> Transaction:
        if not ours(payment):
            return STOCK["void"](payment)
        active(payment)
        return move_money(payment, MoveKind.VOID, payment.total)

    gateway.process_payment, gateway.confirm = process_payment, confirm
    gateway.capture, gateway.refund, gateway.void = capture, refund, void
