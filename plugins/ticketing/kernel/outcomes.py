"""What became of an issued ticket order as a whole, told by its tickets' states; counted in the database.

The order's own state ends with 已出票; its tickets go on by themselves, each in its own way.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from .choices import GONE, OrderState, TicketState
from .models import Ticket, TicketOrder

T = TicketState


class Outcome(models.TextChoices):
    """The first one that fits: some gone back and some not, all gone back, all changed, nothing left to use."""

    NONE = "", _("按订单状态")
    PART_REFUNDED = "part_refunded", _("部分退款")
    REFUNDED = "refunded", _("全部退款")
    CHANGED = "changed", _("已改签")
    DONE = "done", _("已完成")


#: Tickets that somebody may still use, or that are on their way back or to another trip.
LIVE = (T.ISSUED, T.PART_USED, T.REFUNDING, T.CHANGING)


def with_outcome(rows: QuerySet[TicketOrder]) -> QuerySet[TicketOrder]:
    """These orders, each with its `outcome`; no more statements."""
    mine = Ticket.objects.filter(ticket_order=OuterRef("pk"))
    back = Exists(mine.filter(Q(state=T.REFUNDED) | Q(back__gt=0)))
    stays = Exists(mine.exclude(state__in=GONE))
    return rows.annotate(
        outcome=Case(
            When(~Q(state=OrderState.ISSUED), then=Value(Outcome.NONE.value)),
            When(back & ~stays & ~Exists(mine.filter(state=T.CHANGED)), then=Value(Outcome.REFUNDED.value)),
            When(back, then=Value(Outcome.PART_REFUNDED.value)),
            When(Exists(mine.filter(state=T.CHANGED)) & ~stays, then=Value(Outcome.CHANGED.value)),
            When(stays & ~Exists(mine.filter(state__in=LIVE)), then=Value(Outcome.DONE.value)),
            default=Value(Outcome.NONE.value), output_field=CharField(),
        )
    )  # fmt: skip


def outcome_of(order: TicketOrder) -> Outcome:
    """Of one order: as it was read, else by a statement of its own."""
    known = getattr(order, "outcome", None)
    if known is None:
        known = getattr(with_outcome(TicketOrder.objects.filter(pk=order.pk)).first(), "outcome", "")
    return Outcome(known or "")


def still_goes_on() -> Q:
    """Issued orders of which a ticket can still be used, or is on its way."""
    return Q(Exists(Ticket.objects.filter(ticket_order=OuterRef("pk"), state__in=LIVE)))
