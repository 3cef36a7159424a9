"""Three coach tickets in one paid order, a supplier that is scripted, and people who refund and audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel import ports, trades
from plugins.ticketing.kernel.access import (
    CARRIERS_FAULT,
    EXPORT,
    ORDER_VIEW,
    REFUND,
    REFUND_AUDIT,
    REPORT,
    SETTLE,
    SUPPLIER_VIEW,
)
from plugins.ticketing.kernel.models import RefundRequest, SupplierAccount, Ticket, TicketOrder
from plugins.ticketing.kernel.numbers import TICKET, TICKET_ORDER
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.cashier.ports import RefundState
from saleor_o2o.cashier.services.refunding import apply_refund_fact, drive_refund
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.numbering import next_number
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.orgs import person

from ..fares import RULES
from .scripted import PlainTrade, Scripted

D = Decimal
RULE = RULES["公路客票退票（全国）"]


@dataclass
class Tickets:
    """The shop with tickets in it."""

    shop: Shop
    supplier: Scripted
    trade: PlainTrade
    account: SupplierAccount
    people: dict[str, User] = field(default_factory=dict)

    @property
    def org(self) -> dict[str, OrgUnit]:
        return self.shop.org

    @property
    def shopper(self) -> User:
        return self.shop.shopper

    def order(
        self,
        hours: float = 24,
        *,
        count: int = 3,
        service: str = "0",
        cost: str = "38.00",
        order: Order | None = None,
        **more: Any,
    ) -> TicketOrder:
        """A paid order of `count` tickets at 39.90 that leave in so many hours, issued."""
        paid = order or self.shop.buy({self.shop.world.variant: count})
        return self.issued(paid, hours, count=count, service=service, cost=cost, **more)

    def issued(
        self, paid: Order, hours: float, *, count: int, service: str = "0", cost: str = "38.00", **more: Any
    ) -> TicketOrder:
        """Tickets of the oranges of a paid order."""
        starts = now() + timedelta(hours=hours)
        price = D("39.90")
        row = TicketOrder.objects.create(
            number=next_number(TICKET_ORDER), request_key=next_number(TICKET_ORDER), trade="coach", title="主城—万州",
            key="coach:1", place={}, starts_at=starts, ends_at=starts + timedelta(hours=4), supplier=self.account,
            product={"shift": "K1"}, their_number="L1", user=paid.user, unit=self.org["B111"], order=paid,
            face=price * count, total=price * count,
        )  # fmt: skip
        TicketOrder.objects.filter(pk=row.pk).update(state="issued", issued_at=now(), paid_at=now())
        line = paid.lines.get(variant=self.shop.world.variant)
        for at in range(count):
            ticket = Ticket.objects.create(
                number=next_number(TICKET), ticket_order=row, fare="full", fare_name="全票", order_line=line,
                face=price - D(service), service=D(service), price=price, cost=D(cost), full_fare=price - D(service),
                their_number=f"T{row.pk}-{at}", refund_rule=RULE.to_json(), valid_from=now(),
                valid_until=starts + timedelta(hours=4), **more,
            )  # fmt: skip
            Ticket.objects.filter(pk=ticket.pk).update(state="issued")
        return TicketOrder.objects.get(pk=row.pk)

    def tickets(self, order: TicketOrder) -> list[Ticket]:
        return list(order.tickets.select_related("ticket_order").order_by("pk"))

    def refund(
        self, order: TicketOrder, count: int = 1, *, key: str = "key-00000001", by: Any = None, **more: Any
    ) -> RefundRequest:
        """Preview and submit the first tickets that count."""
        cause = more.get("cause", "passenger")
        chosen = [one for one in self.tickets(order) if one.state in ("issued", "part_used", "expired")][
            :count
        ]
        offers = preview_refund(chosen, cause=cause)
        wanted = [Wanted(one.ticket.pk, one.quote.token) for one in offers]
        done = submit_refund(by or self.shopper, key, wanted, **more)
        assert isinstance(done, RefundRequest)
        return RefundRequest.objects.get(pk=done.pk)

    def arrive(self, key: str, *, closed: bool = False) -> None:
        """The provider pays a refund out, or closes it, and says so."""
        refund = OrderRefund.objects.get(key=key).remote.get()
        drive_refund(refund.pk)
        provider = self.shop.provider
        [trade] = [one for one in provider.trades.values() if refund.number in one.refunds]
        fen, _state = trade.refunds[refund.number]
        trade.refunds[refund.number] = (fen, RefundState.CLOSED if closed else RefundState.SUCCEEDED)
        apply_refund_fact(provider.refund_fact(refund.number))


@pytest.fixture
def coach(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tickets]:  # noqa: F811 - the fixture
    supplier, trade = Scripted(), PlainTrade()
    monkeypatch.setitem(ports._adapters, "scripted", supplier)  # type: ignore[arg-type]
    monkeypatch.setitem(trades._trades, "coach", trade)  # type: ignore[arg-type]
    account = SupplierAccount.objects.create(code="S1", name="省网", trade="coach", adapter="scripted")
    clerks = (ORDER_VIEW, REFUND)
    people = {
        "seller": person(shop.org["B111"], "seller", clerks, limits={"refund": "50.00"}),
        "faulty": person(shop.org["B111"], "faulty", (*clerks, CARRIERS_FAULT), limits={"refund": "50.00"}),
        "auditor": person(
            shop.org["C11"], "auditor", (ORDER_VIEW, REFUND_AUDIT, CARRIERS_FAULT, REFUND, REPORT, EXPORT),
            limits={"refund": "2000.00"},
        ),
        "other": person(shop.org["C12"], "other", (*clerks, REFUND_AUDIT, REPORT), limits={"refund": "2000.00"}),
        "accountant": person(shop.org["CQ"], "accountant", (SUPPLIER_VIEW, SETTLE, REPORT, ORDER_VIEW)),
    }  # fmt: skip
    yield Tickets(shop, supplier, trade, account, people)
