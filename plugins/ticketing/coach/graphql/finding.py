"""Whose ticket orders somebody may name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.scope import get_row

from ..errors import CoachError
from ..errors import CoachErrorCode as Code


def own_order(user: Any, number: str, permission: str) -> TicketOrder:
    """A coach order of the asker's own, or one in the reach of a clerk who holds the permission.

    Raises CoachError NOT_FOUND, OutOfScope.
    """
    rows = TicketOrder.objects.filter(trade=Trade.COACH, number=number.strip().upper()[:24])
    if user.is_authenticated and user.is_staff and user.has_perm(permission):
        return get_row(user, rows, trade=Trade.COACH)
    found = rows.filter(user=user).first() if user.is_authenticated and not user.is_staff else None
    if found is None:
        raise CoachError(Code.NOT_FOUND, _("没有这个订单"), "number", _("请登录下单的账号"))
    return found
