"""Offline transfers: a voucher, the money seen by the cashier (出纳), agreed to by the accountant (会计)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.request import actor_label, current
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..locking import LockedTrade, lock_trade
from ..models import OPEN_TRANSFERS, IntentState, OfflineTransfer, PaymentIntent, TransferState
from ..pictures import clean_picture
from ..tenders import Payer, Wish
from .composing import add_part, make_ready
from .settling import release_parts

TRANSFER_NUMBER = number_kind("offline_transfer", "ZZ")
CHECK = "payment.transfer_check"
CONFIRM = "payment.transfer_confirm"
CHECKED = audit.action("cashier.transfer_checked", _("出纳确认转账到账"))
CONFIRMED = audit.action("cashier.transfer_confirmed", _("会计复核转账"))
REFUSED = audit.action("cashier.transfer_refused", _("退回转账凭证"))


def submit_transfer(
    intent: PaymentIntent, payer: Payer, payer_name: str, voucher: Any, amount: Any = None, note: str = ""
) -> OfflineTransfer:
    """Promise `amount` yuan (None: all that is left) of an intent by transfer, with the picture of its voucher.

    The order then waits `O2O_CASHIER["TRANSFER_DAYS"]` for it. Errors as `composing.compose`, and CashierError
    PICTURE_UNUSABLE, REASON_REQUIRED (no payer's name); nothing is held then.
    """
    if not 0 < len(payer_name.strip()) <= 60:
        raise CashierError(Code.REASON_REQUIRED, field="payerName", message=_("请填写付款户名"))
    picture = clean_picture(voucher, "voucher")
    transfer = OfflineTransfer.objects.create(
        number=next_number(TRANSFER_NUMBER),
        intent=intent,
        payer_name=payer_name.strip(),
        voucher=picture,
        note=note.strip()[:100],
        submitted_by=current().actor,
    )
    try:
        add_part(intent, Wish("transfer", transfer.number, amount), payer)
    except Exception:
        # Nothing points to it yet: what was refused leaves no picture behind.
        OfflineTransfer.objects.filter(pk=transfer.pk, state=TransferState.DRAFT).delete()
        raise
    return OfflineTransfer.objects.get(pk=transfer.pk)


@transaction.atomic
def check_transfer(user: Any, pk: int, bank_ref: str, received: Any) -> OfflineTransfer:
    """The cashier has seen `received` yuan under the bank's number. Locks: the intent's trade, the transfer.

    Raises OutOfScope, NotAllowed, IllegalMove, CashierError: REASON_REQUIRED (no number), INVALID_AMOUNT (another
    amount than promised), BANK_REF_USED (counted for another transfer).
    """
    trade, transfer = _locked(user, pk, CHECK)
    number = bank_ref.strip().upper()
    if not 0 < len(number) <= 64:
        raise CashierError(Code.REASON_REQUIRED, field="bank_ref", message=_("请填写银行流水号"))
    if to_fen(received) != to_fen(transfer.amount):
        raise CashierError(
            Code.INVALID_AMOUNT,
            field="received",
            message=_("到账金额与应付 %(amount)s 不符，请退回并联系顾客")
            % {"amount": format_yuan(transfer.amount)},
            hint="",
        )
    counted = OfflineTransfer.objects.filter(
        bank_ref=number, state__in=(TransferState.CHECKED, TransferState.CONFIRMED)
    )
    if counted.exclude(pk=pk).exists():
        raise CashierError(Code.BANK_REF_USED, field="bank_ref")
    move(transfer, "check_in", user_id=user.pk, bank_ref=number)
    # the money is here: a slow accountant must not cost the payer the goods
    patience = timedelta(days=settings.O2O_CASHIER["TRANSFER_DAYS"])
    trade.intent.expires_at = max(trade.intent.expires_at, now() + patience)
    trade.intent.save(update_fields=["expires_at"])
    audit.record(CHECKED, transfer, after={"amount": transfer.amount, "bank_ref": number})
    return transfer


@transaction.atomic
def confirm_transfer(user: Any, pk: int) -> OfflineTransfer:
    """A second person agrees: the part counts, and the order is paid if nothing else is missing.

    Locks: the intent's trade, the tenders' rows, the transfer. Raises OutOfScope, NotAllowed, IllegalMove,
    CashierError: SAME_PERSON (who checked, or who submitted, cannot agree), PAYMENT_CLOSED.
    """
    trade, transfer = _locked(user, pk, CONFIRM)
    if user.pk == transfer.checked_by_id or actor_label(user) == transfer.submitted_by:
        raise CashierError(Code.SAME_PERSON)
    move(transfer, "confirm", user_id=user.pk)
    part = next((one for one in trade.parts if (one.kind, one.ref) == ("transfer", transfer.number)), None)
    if part is None or not make_ready(part.pk, trade.intent.pk):
        raise CashierError(Code.PAYMENT_CLOSED)
    audit.record(CONFIRMED, transfer, after={"amount": transfer.amount, "bank_ref": transfer.bank_ref})
    return transfer


@transaction.atomic
def refuse_transfer(user: Any, pk: int, reason: str) -> OfflineTransfer:
    """The money is not there, or not as promised: the payer may pay otherwise for as long as any order has.

    Either of the two may. Locks as `confirm_transfer`. Raises OutOfScope, NotAllowed, IllegalMove, CashierError
    REASON_REQUIRED.
    """
    found = get_row(user, OfflineTransfer, pk=pk)
    trade, transfer = _locked(user, pk, CHECK if found.state == TransferState.SUBMITTED else CONFIRM)
    if not reason.strip():
        raise CashierError(Code.REASON_REQUIRED, field="reason", message=_("请填写退回原因"))
    move(transfer, "refuse", user_id=user.pk, why=reason.strip()[:200])
    release_parts(trade, [one for one in trade.parts if (one.kind, one.ref) == ("transfer", transfer.number)])
    if trade.intent.state == IntentState.PENDING:
        minutes = settings.O2O_CASHIER["PAY_MINUTES"]
        trade.intent.expires_at = now() + timedelta(minutes=minutes)
        trade.intent.save(update_fields=["expires_at"])
    audit.record(REFUSED, transfer, after={"reason": transfer.reason})
    return transfer


def waiting_transfers() -> Any:
    """Transfers that somebody must look at."""
    return OfflineTransfer.objects.filter(state__in=OPEN_TRANSFERS).defer("voucher")


def _locked(user: Any, pk: int, permission: str) -> tuple[LockedTrade, OfflineTransfer]:
    found = get_row(user, OfflineTransfer, pk=pk)
    require(user, permission, found)
    trade = lock_trade(found.intent_id)
    return trade, lock_rows(OfflineTransfer.objects.filter(pk=pk))[0]
