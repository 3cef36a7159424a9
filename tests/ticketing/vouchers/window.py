"""Who stands behind the exchange window in the tests: paper, a clerk who prints, a supervisor, tickets to exchange."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from saleor.account.models import User

from plugins.ticketing.admission.models import TicketClass, Voucher
from plugins.ticketing.admission.services.catalogue import add_class
from plugins.ticketing.admission.vouchers.access import EXCHANGE, REDEEM, REISSUE, VIEW
from plugins.ticketing.coach.access import PAPER_PRINT, PAPER_STOCK, PAPER_VIEW
from plugins.ticketing.coach.services.papers import give, take_in
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND, SELL
from tests.orgs import again, person

from .conftest import World

CLERK = (VIEW, EXCHANGE, PAPER_VIEW, PAPER_PRINT, SELL, REFUND, ORDER_VIEW)


@dataclass
class Window:
    """A window of the spot's unit with `clerk`, and `other` beside him; five sheets each."""

    world: World
    kind: TicketClass
    clerk: User
    other: User
    boss: User

    def vouchers(self, count: int = 1, **told: Any) -> list[Voucher]:
        """The vouchers of an order of so many tickets."""
        order = self.world.order(*[(self.kind, 1)] * count, **told)
        return list(Voucher.objects.filter(ticket_order=order).order_by("pk"))


def window_of(world: World, mode: str = "on_site", sheets: int = 5) -> Window:
    """A class that is exchanged, and those who do it."""
    kind = add_class(
        None, world.product, code=mode, name="观光票", price=Decimal("80.00"), settlement_price=Decimal("60.00"),
        exchange_mode=mode, verify_mode="each",
    )  # fmt: skip
    unit = world.org["C11"]
    keeper = again(person(unit, "keeper", (PAPER_VIEW, PAPER_STOCK)))
    clerks = [again(person(unit, name, CLERK)) for name in ("window1", "window2")]
    for place, clerk in enumerate(clerks):
        stock = take_in(keeper, unit, "YZ", 1 + 100 * place, sheets + 100 * place)
        give(keeper, stock.pk, clerk, sheets)
    boss = again(person(unit, "supervisor", (VIEW, REDEEM, REISSUE, PAPER_VIEW, PAPER_PRINT)))
    return Window(world, kind, clerks[0], clerks[1], boss)
