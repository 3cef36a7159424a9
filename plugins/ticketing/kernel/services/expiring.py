"""Holds that nobody paid for in time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.interfaces import is_paid
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.interfaces import profile_of

from ..choices import OrderState
from ..locks import lock_order
from ..models import TicketOrder
from ..settings import grace
from .holding import end
from .jobs import each

S = OrderState


def expire_due(limit: int = 200) -> int:
    """Close unpaid ticket orders whose time is over; how many. One transaction each.

    Those in a Saleor order wait a little longer: whoever paid in the last second is not told that his seat is gone.
    """
    moment = now()
    due = TicketOrder.objects.filter(state__in=(S.HOLDING, S.HELD)).filter(
        Q(order=None, held_until__lte=moment) | Q(held_until__lte=moment - grace())
    )
    return each(due.order_by("held_until"), expire, "expiring ticket order", limit)


@transaction.atomic
def expire(pk: int) -> bool:
    """Close one if its time is over and it is not paid. Again: nothing. Locks: order, tickets, our own inventory."""
    order = lock_order(pk)
    if order is None or order.state not in (S.HOLDING, S.HELD) or order.held_until is None:
        return False
    if order.order_id is not None and is_paid_for(order.order_id):
        return False  # the news is on its way
    if order.held_until > now() - (grace() if order.order_id is not None else grace() * 0):
        return False
    end(order, str(_("超过支付时间，座位已释放")))
    return True


def is_paid_for(order_id: int) -> bool:
    """Whether the money of a Saleor order is here, whoever took it."""
    profile = profile_of(order_id)
    return is_paid(order_id) or (profile is not None and profile.paid_at is not None)
