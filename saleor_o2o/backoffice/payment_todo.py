"""What waits on the home page: payments to look at, transfers to see and to agree to, money to give back by hand."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.cashier.models import (
    IntentState,
    OfflineTransfer,
    PartRefund,
    PaymentIntent,
    ShareState,
    TransferState,
)
from saleor_o2o.cashier.services.handing_back import REFUND
from saleor_o2o.cashier.services.reviewing import RISK
from saleor_o2o.cashier.services.transfers import CHECK, CONFIRM, waiting_transfers
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import policy_for, rows_for

from .todo import Todo

#: Entries of one kind at most.
SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five of each kind, of those the user may act on."""
    found: list[Todo] = []
    if policy_for(PaymentIntent).may(user, RISK, PaymentIntent):
        waiting = rows_for(user, PaymentIntent.objects.filter(state=IntentState.REVIEW), RISK)
        found += [
            Todo(
                _("风控审核 %(number)s") % {"number": intent.number},
                f"{format_yuan(intent.amount)} {intent.risk}",
                reverse("admin:o2o_cashier_paymentintent_change", args=[intent.pk]),
                intent.created_at,
            )
            for intent in waiting.order_by("created_at")[:SHOWN]
        ]
    for permission, state, words in (
        (CHECK, TransferState.SUBMITTED, _("确认转账到账 %(number)s")),
        (CONFIRM, TransferState.CHECKED, _("复核转账 %(number)s")),
    ):
        if not policy_for(OfflineTransfer).may(user, permission, OfflineTransfer):
            continue
        rows = rows_for(user, waiting_transfers().filter(state=state), permission)
        if state == TransferState.CHECKED:
            rows = rows.exclude(checked_by_id=user.pk)
        found += [
            Todo(
                words % {"number": transfer.number},
                format_yuan(transfer.amount),
                reverse("admin:o2o_cashier_offlinetransfer_change", args=[transfer.pk]),
                transfer.submitted_at,
                transfer.intent.expires_at,
            )
            for transfer in rows.select_related("intent").order_by("submitted_at")[:SHOWN]
        ]
    if policy_for(PartRefund).may(user, REFUND, PartRefund):
        shares = rows_for(user, PartRefund.objects.filter(state=ShareState.WAITING), REFUND)
        found += [
            Todo(
                _("人工退回 %(number)s") % {"number": share.number},
                f"{share.part.label} {format_yuan(share.amount)}",
                reverse("admin:o2o_cashier_partrefund_change", args=[share.pk]),
                share.created_at,
            )
            for share in shares.select_related("part").order_by("created_at")[:SHOWN]
        ]
    return found
