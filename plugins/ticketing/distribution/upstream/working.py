"""Work on notices: each is only a reason to ask the distributor how it stands now, so that their order never counts.

A notice that comes twice, late, or before the one it follows leads to the same rows.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from plugins.ticketing.admission.suppliers import distributor
from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import SupplierAccount, SupplierCall, SupplierNotice, TicketOrder
from plugins.ticketing.kernel.ports import OTHER, SupplierRefused
from plugins.ticketing.kernel.services import facts
from plugins.ticketing.kernel.services.notices import Unknown
from saleor_o2o.kernel.clock import now

from ..choices import NoticeKind
from .catalogue import take_over
from .using import reconcile


def work(notice: SupplierNotice) -> None:
    """Bring our rows in step with what a notice is about. Asks the distributor: call it outside transactions.

    Raises Unknown, SupplierSilent, SupplierRefused, DomainError.
    """
    data: dict[str, Any] = json.loads(json.loads(notice.body)["data"])
    if notice.kind == NoticeKind.PRODUCT:
        for account in SupplierAccount.objects.filter(adapter=distributor.ADAPTER, active=True):
            take_over(account, spot=str(data.get("spotCode") or ""))
    elif notice.kind == NoticeKind.REFUND:
        refund_told(str(data.get("outRefundNo") or ""))
    elif notice.kind in (NoticeKind.ISSUED, NoticeKind.FAILED):
        issue_told(str(data.get("orderNo") or ""))
    else:
        used_told(
            str(data.get("orderNo") or ""), _moment(data.get("consumedAt")), str(data.get("gate") or "")
        )


def issue_told(order_no: str) -> None:
    """An order there was confirmed or failed: the kernel is told. Raises SupplierSilent, Unknown, DomainError."""
    told = distributor.ask_order(order_no)
    number = str(told.get("outPayNo") or "")
    call = SupplierCall.objects.select_related("supplier").filter(number=number).first()
    if call is None:
        raise Unknown(_("没有这笔出票业务"))
    try:
        facts.issued(call.supplier.code, number, distributor.issued_found(told))
    except SupplierRefused as refusal:
        facts.refused(call.supplier.code, number, CallKind.ISSUE, OTHER, str(refusal.words))


def refund_told(number: str) -> None:
    """A refund was audited there: the kernel gets the facts. Raises SupplierSilent, Unknown, DomainError."""
    call = SupplierCall.objects.select_related("supplier").filter(number=number, kind=CallKind.REFUND).first()
    if call is None:
        raise Unknown(_("没有这笔退票业务"))
    told = distributor.ask_refund(number)
    try:
        fact = distributor.refund_found(number, told)
    except SupplierRefused as refusal:
        facts.refused(call.supplier.code, number, CallKind.REFUND, refusal.code, str(refusal.words))
        return
    facts.refunded(call.supplier.code, number, fact)
    used_told(str(SupplierCall.objects.values_list("ticket_order__their_number", flat=True).get(pk=call.pk)))


def used_told(order_no: str, at: datetime | None = None, gate: str = "") -> None:
    """Bring our tickets in step with the order there. Raises SupplierSilent, Unknown, TicketError."""
    order = TicketOrder.objects.filter(their_number=order_no, supplier__adapter=distributor.ADAPTER).first()
    if order is None or not order_no:
        raise Unknown(_("没有这个订单"))
    asked_at = now()
    reconcile(order, distributor.ask_order(order_no), at=at, gate=gate, asked_at=asked_at)


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
