"""Somebody who buys a way there and back in one order, of a till whose supplier also takes back and changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.kernel import ports, trades
from plugins.ticketing.kernel.models import RefundRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.services.goods import ticket_variant
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from saleor_o2o.kernel.clock import now
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures

from ..orders.conftest import open_accounts
from ..orders.till import Till
from ..orders.trips import person, there_and_back, want
from ..refunds.changes import CHANGE_RULE, REFUND_RULE, Changing, Desk
from ..refunds.scripted import PlainTrade

D = Decimal
#: What the way there and the way back cost; 2.00 of each are the service fee.
THERE, BACK = "50.00", "42.00"


@dataclass
class Travel(Desk):
    """A desk that sells two legs."""

    def wants(self, people: int = 1, **told: Any) -> list[Any]:
        rules = {"refund_rule": REFUND_RULE, "change_rule": CHANGE_RULE, **told}
        return [
            want(self.till.variant.pk, person(at + 1), price, leg=leg, **rules)
            for at in range(people)
            for leg, price in enumerate((THERE, BACK))
        ]

    def held(
        self, *suppliers: str, people: int = 1, starts: datetime | None = None, **told: Any
    ) -> TicketOrder:
        return self.till.hold(
            *suppliers,
            wants=told.pop("wants", None) or self.wants(people),
            make=there_and_back,
            starts=starts,
            **told,
        )

    def both(self, *suppliers: str, people: int = 1, hours: float = 48, **told: Any) -> TicketOrder:
        """Bought and issued; leaves in so many hours, comes back three days later."""
        held = self.held(*suppliers, people=people, starts=now() + timedelta(hours=hours), **told)
        self.till.pay(self.till.place(held))
        return self.till.fresh(held)

    def give_back(self, *tickets: Ticket, key: str = "refund-000001") -> RefundRequest:
        offers = preview_refund(tickets)
        wanted = [Wanted(one.ticket.pk, one.quote.token) for one in offers]
        done = submit_refund(self.till.shop.shopper, key, wanted)
        assert isinstance(done, RefundRequest)
        return RefundRequest.objects.get(pk=done.pk)


@pytest.fixture
def travel(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Travel:  # noqa: F811 - the fixture
    suppliers = {"first": Changing(prefix="A"), "second": Changing(prefix="B")}
    for code, supplier in suppliers.items():
        monkeypatch.setitem(ports._adapters, f"test-{code}", supplier)
    trade = PlainTrade()
    monkeypatch.setitem(trades._trades, "coach", trade)  # type: ignore[arg-type]
    line = ticket_variant("coach", "test-line", "甲县—乙县", "full", "全票")
    return Travel(Till(shop, suppliers, open_accounts(suppliers), trade, line))  # type: ignore[arg-type]
