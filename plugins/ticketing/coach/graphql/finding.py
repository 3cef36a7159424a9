"""Whose ticket orders somebody may name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.reach import is_buyer, typed
from saleor_o2o.kernel.scope import get_row

from ..errors import CoachError
from ..errors import CoachErrorCode as Code


def own_order(user: Any, number: str, permission: str, token: str = "") -> TicketOrder:
    """A coach order of the asker's own (a guest's by its token or a pass), or one in the reach of a clerk who holds
    the permission.

    Raises CoachError NOT_FOUND, OutOfScope.
    """
    rows = TicketOrder.objects.filter(trade=Trade.COACH, number=typed(number).upper())
    if user.is_authenticated and user.is_staff and user.has_perm(permission):
        return get_row(user, rows, trade=Trade.COACH)
    found = rows.select_related("order").first()
    if found is None or user.is_staff or not is_buyer(user, found, typed(token, 64)):
        raise CoachError(
            Code.NOT_FOUND, _("没有这个订单"), "number", _("请登录下单的账号，或从短信链接重新验证")
        )
    return found
