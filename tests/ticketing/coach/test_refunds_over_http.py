"""Tickets given back to a network that keeps fees of its own: as its rule says, so nobody has to look at it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from plugins.ticketing.coach.services.cancelling import cancel_day
from plugins.ticketing.coach.suppliers.fangbian import Fangbian
from plugins.ticketing.kernel.access import SETTLE, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import OrderState, RefundState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import RefundRequest, TicketOrder
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from plugins.ticketing.kernel.services.statements import settle, take_in
from saleor_o2o.kernel.clock import today
from sandbox.client import SandboxClient
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.orgs import again, person

from ..orders.till import Till
from .sandboxes import A, B, coach_address, coach_folder, control
from .test_over_http import Ask, Found, buses, hold_seats, rider, take_over

__all__ = ["coach_address", "coach_folder", "control"]


def test_a_networks_own_fees_are_the_ones_that_were_told(
    shop: Shop,  # noqa: F811 - the fixture
    control: SandboxClient,
) -> None:
    # given: one network only, which works at once
    control.call("POST", f"/{B}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    control.fault("*", "down", times=None, system=A)
    take_over()
    till = Till(shop, {}, {}, None, None)  # type: ignore[arg-type]
    first, second = buses("龙头寺", "sn")[:2]
    early, late = bought(till, first, 301), bought(till, second, 302)
    assert [one.supplier.adapter for one in (early, late)] == [B, B]

    # when one is given back more than a day before
    back = given_back(shop, early)

    # then: 5 % of 61.50 is 3.08, to half a yuan 3.00; the service charge stays there
    item = back.items.get()
    assert "方便出行" in item.ticket.refund_rule["name"]
    assert (item.fee, item.due, item.supplier_due, item.supplier_back) == (
        D("3.00"), D("58.50"), D("58.50"), D("58.50"),
    )  # fmt: skip
    assert back.state == RefundState.PAYING

    # when the other bus does not go at all
    control.call("POST", f"/{B}/shifts/cancel", {"date": late.place["day"], "shift": late.product["bus"]})
    cancel_day(second.shift_day.pk)
    free = given_back(shop, late)

    # then everything comes back from both sides, the network's part of the service charge, too
    item = free.items.get()
    assert (item.fee, item.due) == (D("0.00"), late.total)
    assert item.supplier_back == item.supplier_due == item.ticket.cost
    assert free.state == RefundState.PAYING

    # when the network's file of the day is there: both tickets sold, both given back, fee by fee what we booked
    control.call("POST", f"/{B}/age", {"days": 1})
    lines = Fangbian().statement(today() - timedelta(days=1))
    statement = take_in(late.supplier, today(), lines)

    # then there is nothing to explain, and the accountant closes it
    told = sorted((one.kind, one.amount, one.ours, one.match) for one in statement.lines.all())
    sold, less = D("63.00"), D("-58.50")
    assert told == [
        ("issue", sold, sold, "same"), ("issue", sold, sold, "same"), ("refund", -sold, -sold, "same"),
        ("refund", less, less, "same"),
    ]  # fmt: skip
    accountant = again(person(shop.org["CQ"], "accountant", (SUPPLIER_VIEW, SETTLE)))
    assert settle(accountant, statement.pk).settled_at is not None
    with pytest.raises(TicketError):
        take_in(late.supplier, today(), lines[:1])


@pytest.mark.parametrize("network", [A, B])
def test_the_network_takes_one_of_two_tickets(
    shop: Shop,  # noqa: F811 - the fixture
    control: SandboxClient,
    network: str,
) -> None:
    # given: two tickets in one order, at the one network that answers
    control.call("POST", f"/{network}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    control.fault("*", "down", times=None, system=B if network == A else A)
    take_over()
    till = Till(shop, {}, {}, None, None)  # type: ignore[arg-type]
    order = bought(till, buses("龙头寺", "sn")[0], 311, 312)

    # when
    control.fault("refund", "partial_refund", system=network)
    request = given_back(shop, order)

    # then: one is gone and paid, the other one counts at the network, too
    taken, kept = request.items.order_by("pk")
    assert (request.state, taken.kept, kept.kept) == (RefundState.PAYING, False, True)
    assert request.due == taken.due and request.supplier_back == taken.supplier_back == taken.supplier_due
    assert [one.state for one in order.tickets.order_by("pk")] == ["refunded", "issued"]
    assert "窗口" in kept.said

    # when: it goes back afterwards
    again = given_back(shop, order, key="back-again-1")

    # then
    assert [one.state for one in order.tickets.order_by("pk")] == ["refunded", "refunded"]
    assert (again.due, again.supplier_back) == (taken.due, taken.supplier_back)


def bought(till: Till, bus: Found, *serials: int) -> TicketOrder:
    """Held for the shopper, paid, issued."""
    riders, key = tuple(map(rider, serials)), f"key-00000{serials[0]}"
    ask = Ask(bus.shift_day.pk, bus.goal.pk, riders, "联系人", "13800138000", key)
    held = hold_seats(ask, user=till.shop.shopper, unit=till.shop.org["B111"])
    till.pay(till.place(held))
    order = till.fresh(held)
    assert order.state == OrderState.ISSUED, (order.state, order.why)
    return order


def given_back(shop: Shop, order: TicketOrder, *, key: str = "") -> RefundRequest:  # noqa: F811
    """All of an order's tickets that count, as it was quoted."""
    tickets = list(order.tickets.filter(state="issued").select_related("ticket_order").order_by("pk"))
    wanted = [Wanted(one.ticket.pk, one.quote.token) for one in preview_refund(tickets)]
    done = submit_refund(shop.shopper, key or f"back-{order.pk:08d}", wanted)
    assert isinstance(done, RefundRequest)
    return RefundRequest.objects.get(pk=done.pk)
