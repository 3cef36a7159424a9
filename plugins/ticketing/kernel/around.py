"""What others have to know of tickets: their order lines go back as tickets, not as goods."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from saleor_o2o.ordering.interfaces import register_own_way


def install() -> None:
    """Register it; called once when the app is ready."""
    register_own_way("ticketing", _ticket_lines)


def _ticket_lines(order_lines: Collection[int]) -> dict[int, str]:
    """The lines that are tickets, differences of changes, or insurances of tickets. Two statements."""
    from .models import ChangeRequest, Insurance, Ticket

    words = _("车票、门票及其保险请在“票务订单”里退票")
    found = set(Ticket.objects.filter(order_line__in=order_lines).values_list("order_line_id", flat=True))
    found |= set(Insurance.objects.filter(order_line__in=order_lines).values_list("order_line_id", flat=True))
    changes = ChangeRequest.objects.filter(Q(difference_order__lines__in=order_lines))
    found |= set(changes.values_list("difference_order__lines", flat=True)) & set(order_lines)
    return {line: words for line in found if line is not None}
