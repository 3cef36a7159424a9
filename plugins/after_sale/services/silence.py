"""A clock ran out: silence agrees, closes, or asks the levels above. Doing it twice changes nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..choices import COMPLAINT_OVER, OVER, SWAPS, Clock, ComplaintState, Kind, State
from ..clocks import clock
from ..models import AfterSale, Complaint
from ..noting import note, note_complaint
from ..places import return_address
from .deciding import agree_locked, end
from .exchanging import arrive_locked, decline_locked, take_in_locked
from .refunding import look_for_payout
from .returning import accept_locked

_QUIET = "超时未处理，系统自动同意"


def sweep(limit: int = 200) -> int:
    """Look at every after-sale and complaint whose clock ran out; returns how many. Each in its own transaction."""
    late = {"due_at__lte": now(), "escalated_at__isnull": True}
    sales = AfterSale.objects.filter(**late).exclude(state__in=OVER).order_by("due_at")
    complaints = Complaint.objects.filter(**late).exclude(state__in=COMPLAINT_OVER).order_by("due_at")
    drive_each(_paid_out(), look_for_payout)
    done = drive_each(sales.values_list("pk", flat=True)[:limit], after_sale_due)
    return done + drive_each(complaints.values_list("pk", flat=True)[:limit], complaint_due)


def _paid_out() -> list[int]:
    """After-sales that people pay out: the books are looked at again."""
    rows = AfterSale.objects.filter(state=State.REFUNDING, refund_base__isnull=False)
    return list(rows.values_list("pk", flat=True))


def after_sale_due(pk: int) -> AfterSale | None:
    """What silence does to an after-sale whose clock ran out. Locks: the after-sale, then as `refunding.start`."""
    try:
        with transaction.atomic():
            row = _late(AfterSale, pk)
            if row is None:
                return None
            if row.state in (State.TO_RETURN, State.REFUSED, State.GOODS_REFUSED):
                text = (
                    "买家超时未寄回，售后关闭"
                    if row.state == State.TO_RETURN
                    else "买家超时未申请仲裁，售后关闭"
                )
                move(row, "close")
                end(row, text)
            elif row.state == State.OFFERED:
                decline_locked(row, "买家超时未确认改退款")
            elif row.state == State.SENT:
                arrive_locked(row, "寄出后到期，系统自动确认收到，售后完成")
            elif not _agrees(row):
                _escalate(row)
            elif row.state == State.APPLIED:
                note(row, "商家超时未处理，系统自动同意")
                agree_locked(row, None, "" if row.kind == Kind.REFUND else return_address(row), _QUIET)
            elif row.kind in SWAPS:
                note(row, "商家超时未登记收货，系统自动登记")
                take_in_locked(row, {})
            else:
                note(row, "商家超时未验货，系统自动同意")
                accept_locked(row, None, {}, row.freight, _QUIET)
            return row
    except DomainError as refusal:
        # Nothing can go by itself (shipped meanwhile, paid elsewhere): people must look.
        with transaction.atomic():
            row = _late(AfterSale, pk)
            if row is not None:
                _escalate(row, str(refusal.message))
            return row


def _agrees(row: AfterSale) -> bool:
    which = {State.APPLIED: Clock.ANSWER, State.TO_RECEIVE: Clock.INSPECT}.get(State(row.state))
    if which is None or not row.auto:
        return False
    return bool(row.amount <= clock(which, row.sub_order.line).auto_limit)


def _escalate(row: Any, why: str = "") -> None:
    row.escalated_at = now()
    row.save(update_fields=["escalated_at"])
    text = f"超时未处理，已升级{'：' + why if why else ''}"
    if isinstance(row, Complaint):
        note_complaint(row, text)
    else:
        note(row, text)


@transaction.atomic
def complaint_due(pk: int) -> Complaint | None:
    """A complaint goes on without who was silent: the seller's turn passes, the city is asked, or levels above are."""
    row = _late(Complaint, pk)
    if row is None:
        return None
    if row.state in (ComplaintState.APPEAL, ComplaintState.DIALOGUE):
        silent = "商家超时未申诉" if row.state == ComplaintState.APPEAL else "对话期满未达成一致"
        move(row, "escalate", due_at=clock(Clock.RULING, row.sub_order.line).until)
        note_complaint(row, f"{silent}，提交市中心仲裁")
    else:
        _escalate(row)
    return row


def _late(model: Any, pk: int) -> Any:
    rows = lock_rows(model.objects.filter(pk=pk, due_at__lte=now(), escalated_at__isnull=True))
    return rows[0] if rows else None
