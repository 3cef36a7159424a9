"""Whose ticket orders somebody may name when he changes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.choices import Trade
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.reach import is_buyer, typed
from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code


def own_order(user: Any, number: str, token: str = "") -> TicketOrder:
    """An order of tickets for spots and shows: the asker's own (a guest's by its token or a pass), or one in the reach
    of a clerk who may change it.

    Raises AdmissionError NOT_FOUND.
    """
    rows = TicketOrder.objects.filter(trade__in=(Trade.SCENIC, Trade.SHOW), number=typed(number).upper())
    found = rows.select_related("order").first()
    if found is not None and is_buyer(user, found, typed(token, 64)):
        return found
    if found is not None and user.is_authenticated and user.is_staff and user.has_perm(REFUND):
        try:
            return get_row(user, rows, pk=found.pk)
        except OutOfScope:
            pass
    raise AdmissionError(Code.NOT_FOUND, _("没有这个订单"), "insteadOf", _("请登录下单的账号"))
