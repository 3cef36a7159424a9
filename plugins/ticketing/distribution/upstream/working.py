"""Work on notices: each is only a reason to ask the distributor how it stands now, so that their order never counts.

A notice that comes twice, late, or before the one it follows leads to the same rows.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from plugins.ticketing.admission.suppliers import distributor
from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import SupplierAccount, SupplierCall, TicketOrder
from plugins.ticketing.kernel.ports import OTHER, SupplierRefused, SupplierSilent
from plugins.ticketing.kernel.services import facts
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError

from ..choices import NoticeKind, NoticeState
from ..models import SupplierNotice
from .catalogue import take_over
from .using import reconcile

logger = logging.getLogger(__name__)
#: After so many tries a person has to look.
MOST_TRIES = 12
#: How long refused ones are kept.
KEPT = timedelta(days=30)


class Unknown(Exception):
    """The notice speaks of something that we do not have (yet)."""


def work(pk: int) -> str:
    """Work on one notice that waits; its state afterwards. Asks the distributor, so call it outside transactions."""
    notice = SupplierNotice.objects.filter(pk=pk, state=NoticeState.WAITING).first()
    if notice is None:
        return ""
    notice.tries += 1
    try:
        _do(notice)
    except (SupplierSilent, SupplierRefused, Unknown, DomainError) as error:
        words = error.words if isinstance(error, SupplierSilent | SupplierRefused) else str(error)
        return _again(notice, str(words) or type(error).__name__)
    notice.state, notice.done_at, notice.next_at, notice.why = NoticeState.DONE, now(), None, ""
    return _kept(notice)


def _kept(notice: SupplierNotice) -> str:
    SupplierNotice.objects.filter(pk=notice.pk, state=NoticeState.WAITING).update(
        state=notice.state,
        done_at=notice.done_at,
        next_at=notice.next_at,
        why=notice.why[:200],
        tries=notice.tries,
    )
    return str(notice.state)


def _again(notice: SupplierNotice, why: str) -> str:
    logger.warning("notice %s: %s", notice.number, why)
    over = notice.tries >= MOST_TRIES
    notice.state = NoticeState.STUCK if over else NoticeState.WAITING
    notice.next_at = None if over else now() + timedelta(seconds=min(30 * 2**notice.tries, 3600))
    notice.why = why
    return _kept(notice)


def again(pk: int) -> None:
    """Let a notice that is stuck wait once more."""
    SupplierNotice.objects.filter(pk=pk, state=NoticeState.STUCK).update(
        state=NoticeState.WAITING, tries=0, next_at=now()
    )


def forget() -> int:
    """Delete what was refused at the door a month ago; how many."""
    old = SupplierNotice.objects.filter(state=NoticeState.REFUSED, received_at__lt=now() - KEPT)
    return old.delete()[0]


def due(limit: int = 100) -> list[int]:
    """Notices whose next try has come."""
    waiting = SupplierNotice.objects.filter(state=NoticeState.WAITING, next_at__lte=now())
    return list(waiting.order_by("next_at").values_list("pk", flat=True)[:limit])


def _do(notice: SupplierNotice) -> None:
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
    reconcile(order, distributor.ask_order(order_no), at=at, gate=gate)


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
