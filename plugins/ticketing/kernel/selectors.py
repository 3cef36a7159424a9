"""Reads of ticket orders for those whose they are. Callers that act for the staff take rows through scope first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.scope import OutOfScope, get_row

from .choices import OrderState
from .errors import TicketError
from .models import TicketOrder
from .outcomes import still_goes_on, with_outcome
from .services.binding import mine
from .services.reach import is_buyer

S = OrderState
#: Orders on a page.
MOST = 50


class Tab(models.TextChoices):
    """How a shopper's ticket orders are put in order."""

    ALL = "all", _("全部")
    TO_PAY = "to_pay", _("待支付")
    ISSUING = "issuing", _("出票中")
    ISSUED = "issued", _("已出票")
    ENDED = "ended", _("已结束")


#: What was never issued, or not to the end.
_OVER = Q(state__in=(S.HOLD_FAILED, S.ISSUE_FAILED, S.CLOSED))
_TABS = {
    Tab.TO_PAY: Q(state__in=(S.HOLDING, S.HELD)),
    Tab.ISSUING: Q(state__in=(S.PAID, S.ISSUING)),
    Tab.ISSUED: Q(state=S.ISSUED) & still_goes_on(),
    Tab.ENDED: _OVER | (Q(state=S.ISSUED) & ~still_goes_on()),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of orders, and where the next one begins ("" where there is none)."""

    items: list[TicketOrder]
    cursor: str = ""


def with_tickets() -> QuerySet[TicketOrder]:
    """Ticket orders with what the API shows of them; four statements however many, five where some have legs."""
    rows = TicketOrder.objects.select_related("supplier", "order__o2o_profile").prefetch_related(
        "segments", "tickets__passenger", "tickets__carried_by", "tickets__segment"
    )
    return with_outcome(rows)


def page(user: Any, tab: Tab, first: int = 20, cursor: str = "") -> Shown:
    """One's own ticket orders, the newest first."""
    size = min(max(first, 1), MOST)
    rows = with_tickets().filter(user=user)
    if tab in _TABS:
        rows = rows.filter(_TABS[tab])
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 16:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows.order_by("-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Shown(found, str(found[-1].pk) if more else "")


def one_for(user: Any, number: str, key: str = "", token: str = "") -> TicketOrder | None:
    """A ticket order for whom it is: its account, its clerk, a guest with key or order token, the staff in reach."""
    found = with_tickets().filter(number=number.strip().upper()[:24]).first()
    if found is None or is_buyer(user, found, token):
        return found
    try:
        mine(found.number, key, user)
    except TicketError:
        if not getattr(user, "is_authenticated", False):
            return None
        try:
            get_row(user, TicketOrder, pk=found.pk)
        except OutOfScope:
            return None
    return found
