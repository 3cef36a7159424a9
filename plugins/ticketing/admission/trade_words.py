"""The words of what was bought, for papers and pages."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.trades import trade_of


def words_of(order: TicketOrder) -> Sequence[tuple[str, str]]:
    """Label and words, as the order's trade tells them."""
    return trade_of(order.trade).describe(order)
