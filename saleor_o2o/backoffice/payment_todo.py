"""What waits on the home page: payments to look at, transfers to see and to agree to, money to give back by hand."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.models import (
    IntentState,
    OfflineTransfer,
    Orphan,
    OrphanState,
    PartRefund,
    PaymentIntent,
    ShareState,
    TransferState,
)
from saleor_o2o.cashier.services.handing_back import REFUND
from saleor_o2o.cashier.services.orphans import HANDLE, title_of
from saleor_o2o.cashier.services.reviewing import RISK
from saleor_o2o.cashier.services.transfers import CHECK, CONFIRM, waiting_transfers
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from .todo import Todo

#: Entries of one kind at most.
SHOWN = 5
WORDS = {
    TransferState.SUBMITTED: _("确认转账到账 %(number)s"),
    TransferState.CHECKED: _("复核转账 %(number)s"),
}


def todo(user: Any) -> list[Todo]:
    """At most five of each kind, of those the user may act on."""
    found: list[Todo] = []
    if policy_for(PaymentIntent).may(user, RISK, PaymentIntent):
        waiting = rows_for(user, PaymentIntent.objects.filter(state=IntentState.REVIEW), RISK)
        found += [
            Todo(
                str(_("风控审核 %(number)s")) % {"number": intent.number},
                f"{format_yuan(intent.amount)} {intent.risk}",
                reverse("admin:o2o_cashier_paymentintent_change", args=[intent.pk]),
                intent.created_at,
            )
            for intent in waiting.order_by("created_at")[:SHOWN]
        ]
    transfers = _transfers(user)
    if transfers is not None:
        found += [
            Todo(
                str(WORDS[TransferState(transfer.state)]) % {"number": transfer.number},
                format_yuan(transfer.amount),
                reverse("admin:o2o_cashier_offlinetransfer_change", args=[transfer.pk]),
                transfer.submitted_at,
                transfer.intent.expires_at,
            )
            for transfer in transfers.select_related("intent").order_by("submitted_at")[: SHOWN * 2]
        ]
    if policy_for(PartRefund).may(user, REFUND, PartRefund):
        shares = rows_for(user, PartRefund.objects.filter(state=ShareState.WAITING), REFUND)
        found += [
            Todo(
                str(_("人工退回 %(number)s")) % {"number": share.number},
                f"{share.part.label} {format_yuan(share.amount)}",
                reverse("admin:o2o_cashier_partrefund_change", args=[share.pk]),
                share.created_at,
            )
            for share in shares.select_related("part").order_by("created_at")[:SHOWN]
        ]
        orphans = rows_for(user, Orphan.objects.filter(state=OrphanState.OPEN), HANDLE)
        found += [
            Todo(
                title_of(orphan.kind),
                " ".join(filter(None, (
                    f"#{orphan.order_id}" if orphan.order_id else "",
                    format_yuan(orphan.amount) if orphan.amount is not None else "",
                    orphan.note,
                ))),
                reverse("admin:o2o_cashier_orphan_change", args=[orphan.pk]),
                orphan.found_at,
            )
            for orphan in orphans.order_by("found_at")[:SHOWN]
        ]  # fmt: skip
    return found


def _transfers(user: Any) -> QuerySet[OfflineTransfer] | None:
    """Transfers that the user may confirm as the cashier or agree to as the accountant; in one statement."""
    mine: QuerySet[OfflineTransfer] | None = None
    for permission, state in ((CHECK, TransferState.SUBMITTED), (CONFIRM, TransferState.CHECKED)):
        if policy_for(OfflineTransfer).may(user, permission, OfflineTransfer):
            rows = rows_for(user, waiting_transfers().filter(state=state), permission)
            mine = rows if mine is None else mine | rows
    return mine if mine is None else mine.exclude(checked_by_id=user.pk)
