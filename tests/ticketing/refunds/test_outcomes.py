"""What an issued order as a whole has become: told by its tickets, in the API, in the tabs and on the staff's page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.outcomes import Outcome, outcome_of, with_outcome
from tests.buying.shopper import ask

from .conftest import Tickets
from .test_refund_pages import browser, text_of

MINE = (
    """query($tab: TicketOrderTab) { myTicketOrders(tab: $tab) { items { state outcome outcomeLabel } } }"""
)
ONE = """query($number: String!) { ticketOrder(number: $number) { state outcome outcomeLabel } }"""


def tab(coach: Tickets, name: str) -> list[str]:
    rows = ask(MINE, {"tab": name}, coach.shopper)["myTicketOrders"]["items"]
    return [one["outcome"] or "" for one in rows]


def test_one_of_three_then_all_of_them_go_back(coach: Tickets) -> None:
    # given
    order = coach.order()
    assert outcome_of(order) == Outcome.NONE

    # when: one
    coach.refund(order)

    # then
    told = ask(ONE, {"number": order.number}, coach.shopper)["ticketOrder"]
    assert told == {"state": "ISSUED", "outcome": "PART_REFUNDED", "outcomeLabel": "部分退款"}
    assert (tab(coach, "ISSUED"), tab(coach, "ENDED")) == (["PART_REFUNDED"], [])

    # when: the others
    coach.refund(order, 2, key="key-00000002")

    # then
    assert outcome_of(TicketOrder.objects.get(pk=order.pk)) == Outcome.REFUNDED
    assert (tab(coach, "ISSUED"), tab(coach, "ENDED")) == ([], ["REFUNDED"])


@pytest.mark.parametrize(
    ("states", "outcome", "name"),
    [
        (("issued", "issued", "issued"), "", "ISSUED"),
        (("used", "issued", "used"), "", "ISSUED"),
        (("used", "used", "expired"), "done", "ENDED"),
        (("changed", "changed", "changed"), "changed", "ENDED"),
        (("changed", "issued", "issued"), "", "ISSUED"),
        (("refunded", "changed", "changed"), "part_refunded", "ENDED"),
        (("refunded", "used", "used"), "part_refunded", "ENDED"),
        (("refunding", "refunded", "refunded"), "part_refunded", "ISSUED"),
        (("refunded", "refunded", "refunded"), "refunded", "ENDED"),
    ],
)
def test_what_tickets_make_of_their_order(
    coach: Tickets, states: tuple[str, ...], outcome: str, name: str
) -> None:
    # given
    order = coach.order()
    for ticket, state in zip(coach.tickets(order), states, strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(state=state, back=1 if state == "refunded" else 0)

    # then: and each order is in one tab
    [row] = with_outcome(TicketOrder.objects.filter(pk=order.pk))
    assert outcome_of(row) == outcome
    assert {one for one in ("TO_PAY", "ISSUING", "ISSUED", "ENDED") if tab(coach, one)} == {
        name
    } or outcome == ""
    assert len(ask(MINE, {"tab": name}, coach.shopper)["myTicketOrders"]["items"]) == 1


def test_a_part_of_a_groups_ticket_is_a_part(coach: Tickets) -> None:
    # given: one ticket for seven people, two of whom went back
    order = coach.order(count=1, uses=7)
    Ticket.objects.filter(ticket_order=order).update(back=2)

    # then
    assert outcome_of(order) == Outcome.PART_REFUNDED


def test_the_staff_filter_by_it(coach: Tickets) -> None:
    # given: one order untouched, one given back in part
    plain, part = coach.order(), coach.order()
    coach.refund(part)
    client = browser(coach.people["auditor"])
    address = reverse("admin:o2o_ticketing_ticketorder_changelist")

    # when
    everything = text_of(client.get(address))
    found = text_of(client.get(address, {"outcome": "part_refunded"}))
    nonsense = client.get(address, {"outcome": "x"})

    # then
    assert plain.number in everything and part.number in everything
    assert part.number in found and plain.number not in found and "部分退款" in found
    assert nonsense.status_code in (200, 302)
