"""Vouchers of who bought without an account."""

from __future__ import annotations

from typing import Any

from plugins.ticketing.kernel.services.binding import order_to_show

from ...models import Voucher
from ..visits import shown

#: More are not told at once.
MOST = 100


def vouchers_of(user: Any, number: str, key: str = "", token: str = "") -> list[Voucher]:
    """The vouchers of a ticket order for whoever bought it or goes with it (`order_to_show`); none for anybody else."""
    order = order_to_show(user, number, key, token)
    if order is None:
        return []
    return list(shown(Voucher.objects.filter(ticket_order=order))[:MOST])
