"""Who may serve a passenger of another unit: the clerk to whom he came, with what that clerk may do at his own desk."""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import may_at, staff_of
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND, SELL
from plugins.ticketing.kernel.lending import lendable, register_lender
from saleor_o2o.kernel.clock import now

from .access import PAPER_PRINT, PAPER_VIEW, RECEIVE
from .models import CoachTrip, FareProof, PaperSheet, Reception

_KEPT = "_o2o_coach_received"
#: What may be done for a passenger of another unit; never as the carrier's fault, never exports or audits.
LENT = frozenset({ORDER_VIEW, REFUND, SELL, PAPER_VIEW, PAPER_PRINT})


def received(user: Any, right: str) -> tuple[int, ...]:
    """The orders that a user may serve now by this right. No statement for who does not receive passengers."""
    if right not in LENT or user.is_superuser or not (user.is_authenticated and user.is_staff):
        return ()
    staff = staff_of(user)
    if staff is None or not (may_at(user, RECEIVE, staff.unit) and may_at(user, right, staff.unit)):
        return ()
    return lent_to(user)


def lent_to(user: Any) -> tuple[int, ...]:
    """The orders whose passengers came to this clerk and whose time is not over; kept for the request."""
    kept: tuple[int, ...] | None = getattr(user, _KEPT, None)
    if kept is None:
        found = Reception.objects.filter(by_id=user.pk, until__gt=now(), ticket_order__isnull=False)
        kept = tuple(sorted(set(found.order_by().values_list("ticket_order", flat=True))))
        setattr(user, _KEPT, kept)
    return kept


def forget(user: Any) -> None:
    """Something was lent just now: the next question asks anew."""
    if hasattr(user, _KEPT):
        delattr(user, _KEPT)


def install() -> None:
    """Lend, also the coach's own rows of an order; called once, after their rules are registered."""
    register_lender(received)
    lendable(CoachTrip, "ticket_order")
    lendable(FareProof, "ticket__ticket_order")
    lendable(PaperSheet, "ticket__ticket_order", PAPER_VIEW)
