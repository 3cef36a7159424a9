"""Ticket orders when two members become one, when an account is closed, and when it is forgotten."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import (
    ClosingBlocker,
    register_closing_blocker,
    register_customer_erasure,
    register_customer_move,
)
from saleor_o2o.kernel.clock import now

from .choices import OrderState, TicketState
from .legs import column
from .models import Ticket, TicketOrder, TicketPassenger

#: Tickets that somebody may still use, or whose money is on its way.
_LIVE = (TicketState.ISSUED, TicketState.PART_USED, TicketState.REFUNDING, TicketState.CHANGING)
_OPEN = (OrderState.HOLDING, OrderState.HELD, OrderState.PAID, OrderState.ISSUING)


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("ticketing", _move, _("票务订单"))
    register_closing_blocker("ticketing", _running)
    register_customer_erasure("ticketing", _forget)


def _move(old: Any, new: Any) -> int:
    """In the transaction of the merge."""
    return int(TicketOrder.objects.filter(user=old).update(user=new))


def _running(user: Any) -> list[ClosingBlocker]:
    """Nobody loses a ticket, or money on its way, with his account. One statement for each kind."""
    rows = TicketOrder.objects.filter(user_id=user.pk)
    found = [
        ClosingBlocker(
            _("“%(title)s”还在%(state)s") % {"title": one.title, "state": one.get_state_display()},
            _("请先付款出票，或取消订单"),
        )
        for one in rows.filter(state__in=_OPEN)
    ]
    usable = Ticket.objects.annotate(over=column("ends_at")).filter(
        ticket_order__user=user.pk, state__in=_LIVE, over__gt=now()
    )
    coming = rows.filter(pk__in=usable.values("ticket_order"))
    return found + [
        ClosingBlocker(
            _("“%(title)s”的票还没有使用") % {"title": one.title}, _("请在使用之后再注销，或先退票")
        )
        for one in coming
    ]


def _forget(user: Any) -> int:
    """Orders stay for the books, without whom they were for. Twice is harmless."""
    keys = list(TicketOrder.objects.filter(user=user).values_list("pk", flat=True))
    people = TicketPassenger.objects.filter(ticket_order__in=keys).exclude(document_index="")
    people.update(name="", document_number="", document_index="", mobile="")
    return int(
        TicketOrder.objects.filter(pk__in=keys).update(
            user=None, contact="", mobile="", mobile_index="", pick_code=""
        )
    )
