"""How orders of resellers stand, compared with what they were told: what is different becomes a notice.

Nothing in the gate's or the refund's way has to know of resellers, and nothing is forgotten: whatever changed a ticket
(a gate, a clerk, a supervisor, a cancelled session), the next look finds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from plugins.ticketing.kernel.choices import GONE, UNDECIDED, OrderState
from plugins.ticketing.kernel.models import RefundRequest, Ticket
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import to_fen

from ..choices import BuyState, EntryKind, NoticeKind
from ..models import ResellerEntry, ResellerOrder
from .telling import tell

#: So long after its last day an order is looked at no more.
KEPT = timedelta(days=40)
_LEFT = ExpressionWrapper(F("uses") - F("used"), output_field=IntegerField())
# tickets that are gone are so wholly, but for who went in before
_BACK = Case(When(state__in=GONE, then=_LEFT), default=F("back"), output_field=IntegerField())
_COUNTS = (OrderState.ISSUED, OrderState.ISSUE_FAILED, OrderState.CLOSED)


@dataclass(frozen=True, slots=True)
class Standing:
    """People of an order: ordered, in, gone back; and yuan that are back in the deposit."""

    ordered: int
    used: int
    back: int
    money: Decimal


def standing_of(row: ResellerOrder) -> Standing:
    """How it stands now. Two statements."""
    told = Ticket.objects.filter(ticket_order=row.ticket_order_id).aggregate(
        ordered=Sum("uses"), used_now=Sum("used"), back_now=Sum(_BACK)
    )
    order_id = row.ticket_order.order_id if row.ticket_order is not None else None
    return Standing(
        int(told["ordered"] or 0),
        int(told["used_now"] or 0),
        int(told["back_now"] or 0),
        money_back(order_id),
    )


def money_back(order_id: int | None) -> Decimal:
    """Yuan of an order that went back into the deposit."""
    if order_id is None:
        return Decimal("0.00")
    rows = ResellerEntry.objects.filter(order_id=order_id, kind=EntryKind.REFUND)
    return Decimal(rows.aggregate(total=Sum("amount"))["total"] or 0)


def differing(limit: int = 200) -> list[int]:
    """Open orders whose tickets are not as they were told. One statement."""
    tickets = Ticket.objects.filter(ticket_order=OuterRef("ticket_order")).order_by().values("ticket_order")
    used = tickets.annotate(n=Sum("used")).values("n")
    back = tickets.annotate(n=Sum(_BACK)).values("n")
    moving = RefundRequest.objects.filter(ticket_order=OuterRef("ticket_order"), state__in=UNDECIDED)
    rows = ResellerOrder.objects.filter(open=True, state=BuyState.PLACED).annotate(
        used_now=Coalesce(used, Value(0)), back_now=Coalesce(back, Value(0)), moving=Exists(moving)
    )
    changed = (
        (~Q(told_state=F("ticket_order__state")) & Q(ticket_order__state__in=_COUNTS))
        | ~Q(told_used=F("used_now"))
        | (~Q(told_back=F("back_now")) & Q(moving=False))
    )
    return list(rows.filter(changed).order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def tell_standing(pk: int) -> list[NoticeKind]:
    """Tell what is different of one order. Again: nothing. Locks: the row, its reseller. Raises LockTimeout."""
    rows = lock_rows(ResellerOrder.objects.filter(pk=pk).select_related("ticket_order"), no_key=True)
    if not rows or rows[0].ticket_order is None or rows[0].state != BuyState.PLACED:
        return []
    row = rows[0]
    order: Any = row.ticket_order
    stands = standing_of(row)
    told: list[NoticeKind] = []
    if order.state in _COUNTS and row.told_state != order.state:
        issued = order.state == OrderState.ISSUED
        told.append(NoticeKind.ISSUED if issued else NoticeKind.FAILED)
        row.told_state = order.state
    if row.told_used != stands.used:
        told.append(NoticeKind.CONSUMED)
    settled = not RefundRequest.objects.filter(ticket_order=order, state__in=UNDECIDED).exists()
    if settled and row.told_back != stands.back and order.state == OrderState.ISSUED:
        told.append(NoticeKind.REFUNDED)
    for kind in told:
        tell(row.reseller_id, kind, f"order:{row.number}", _body(row, order, stands, kind))
    row.told_used = stands.used
    if settled:
        row.told_back = stands.back
    row.open = (stands.ordered > stands.back and order.ends_at > now() - KEPT) or not settled
    row.save(update_fields=["told_state", "told_used", "told_back", "open"])
    return told


def _body(row: ResellerOrder, order: Any, stands: Standing, kind: NoticeKind) -> dict[str, Any]:
    body: dict[str, Any] = {
        "orderNo": row.number, "outOrderNo": row.their_number, "status": order.state.upper(),
        "orderQuantity": stands.ordered, "useQuantity": stands.used, "reQuantity": stands.back,
        "refundAmount": to_fen(stands.money),
    }  # fmt: skip
    if kind == NoticeKind.CONSUMED:
        body["changed"] = stands.used - row.told_used
    if kind == NoticeKind.FAILED:
        body["code"], body["message"] = "ISSUE_FAILED", order.why
    return body


def tell_all(keys: Iterable[int]) -> int:
    """Tell of several orders, a transaction each; how many notices were written."""
    return sum(len(tell_standing(pk)) for pk in keys)
