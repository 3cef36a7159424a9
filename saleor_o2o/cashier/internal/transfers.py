"""Offline transfers as a tender: promised when held, money once two people have said so, given back by the bank."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..models import OfflineTransfer, PaymentPart, TransferState
from ..tenders import Asked, Audience, Found, Held, Payer, Tender, Wish


class TransferTender(Tender):
    """`ref` is the transfer's number, which `services.transfers.submit_transfer` hands out with its voucher."""

    kind = "transfer"
    title = _("线下转账")
    audience = frozenset(Audience)
    prompt = _("请上传转账凭证")

    def identify(self, wish: Wish, payer: Payer) -> Found:
        number = wish.code.strip()
        states = (
            TransferState.DRAFT,
            TransferState.SUBMITTED,
            TransferState.CHECKED,
            TransferState.CONFIRMED,
        )
        if not number or not OfflineTransfer.objects.filter(number=number, state__in=states).exists():
            raise CashierError(Code.VOUCHER_MISSING, field="code")
        return Found(number, str(_("线下转账")))

    def lock(self, refs: list[str]) -> None:
        lock_rows(OfflineTransfer.objects.filter(number__in=refs))

    def hold(self, asked: Asked) -> Held:
        transfer = self._row(asked.ref)
        if transfer.intent_id != asked.intent.pk or transfer.state != TransferState.DRAFT:
            raise CashierError(Code.VOUCHER_MISSING, field="code")
        amount = asked.most if asked.amount is None else asked.amount
        return Held(amount, ready=False, patience=timedelta(days=settings.O2O_CASHIER["TRANSFER_DAYS"]))

    def held(self, part: PaymentPart) -> None:
        move(self._row(part.ref), "submit", amount=part.amount)

    def release(self, part: PaymentPart) -> bool:
        transfer = self._row(part.ref)
        is_here = transfer.state in (TransferState.CHECKED, TransferState.CONFIRMED)
        if transfer.state not in (TransferState.REFUSED, TransferState.CONFIRMED):
            move(transfer, "cancel")
        return not is_here  # what is in our account, the bank must send back

    def refund(self, part: PaymentPart, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        return False

    def _row(self, number: str) -> OfflineTransfer:
        return lock_rows(OfflineTransfer.objects.filter(number=number))[0]


TRANSFER = TransferTender()
