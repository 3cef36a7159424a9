"""Of what a face value is made, all the way: the hold, what is given back, the report, the page, the API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import RefundItem, Ticket
from plugins.ticketing.kernel.parts import text_of, words_of
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from plugins.ticketing.kernel.services.wishes import check
from saleor_o2o.kernel.clock import now
from tests.buying.shopper import ask

from ..orders.trips import person, want, wish
from .conftest import Tickets
from .test_refund_pages import browser
from .test_refund_pages import text_of as page_of

D = Decimal
PARTS = {"airport": "5.00", "fuel": "3.00", "station": "1.90"}
PREVIEW = """mutation($tickets: [String!]!) { ticketRefundPreview(tickets: $tickets) {
  quotes { fee back words parts { label amount } } errors { code } } }"""


def test_a_trade_whose_taxes_go_back_whole_takes_its_fee_of_the_fare(coach: Tickets) -> None:
    # given: 39.90 with 9.90 beside the fare
    coach.trade.taxed = True
    order = coach.order(parts=PARTS, count=2)

    # when
    one, other = coach.tickets(order)
    [quote] = ask(PREVIEW, {"tickets": [one.number]}, coach.shopper)["ticketRefundPreview"]["quotes"]
    request = coach.refund(order)

    # then: 10 % of 30.00, the taxes back whole and said so
    assert (quote["fee"], quote["back"], quote["parts"]) == (
        3.0, 36.9, [
            {"label": "票价", "amount": 30.0}, {"label": "机建费", "amount": 5.0},
            {"label": "燃油附加费", "amount": 3.0}, {"label": "站务费", "amount": 1.9},
        ],
    )  # fmt: skip
    assert "税费 9.90 元全退" in quote["words"]
    item = request.items.get()
    assert (item.face, item.airport, item.fuel, item.station, item.fee, item.due) == (
        D("39.90"), D("5.00"), D("3.00"), D("1.90"), D("3.00"), D("36.90"),
    )  # fmt: skip
    # and a ticket that is the fare alone says nothing
    assert (text_of(other), words_of(Ticket(face=D("9.00")))) == (
        "票价 30.00，机建费 5.00，燃油附加费 3.00，站务费 1.90",
        [],
    )


def test_where_the_fee_is_of_all_of_it_the_parts_are_shown_all_the_same(coach: Tickets) -> None:
    # given: three people of one ticket, as coaches count
    order = coach.order(parts=PARTS, count=1, uses=3)
    [ticket] = coach.tickets(order)

    # when: one of the three goes back
    [offer] = preview_refund([ticket], {ticket.pk: 1})
    submit_refund(coach.shopper, "key-00000001", [Wanted(ticket.pk, offer.quote.token, 1)])

    # then: a third of each part, to the fen
    item = RefundItem.objects.get()
    assert (item.face, item.airport, item.fuel, item.station, item.fee) == (
        D("13.30"), D("1.67"), D("1.00"), D("0.63"), D("1.33"),
    )  # fmt: skip


def test_report_and_page_have_the_columns(coach: Tickets) -> None:
    # given
    order = coach.order(parts=PARTS)
    request = coach.refund(order, by=coach.people["seller"])
    plain = coach.refund(coach.order(count=1), key="key-00000002", by=coach.people["seller"])
    client = browser(coach.people["auditor"])

    # when
    report = page_of(client.get(reverse("admin:o2o_ticketing_refundrequest_report")))
    pages = [
        page_of(client.get(reverse("admin:o2o_ticketing_refundrequest_change", args=[one.pk])))
        for one in (request, plain)
    ]

    # then: the report sums them, a page shows them where there are any
    assert "汽车票2¥79.80¥5.00¥3.00¥1.90¥0.00" in report
    assert ["其中燃油附加费" in page for page in pages] == [True, False]


@pytest.mark.parametrize("parts", [{"fuel": D("48.01")}, {"fuel": D("50.00"), "airport": D("-3.00")}])
def test_parts_that_cannot_be_are_refused(parts: dict[str, Decimal]) -> None:
    # given / when
    with pytest.raises(TicketError) as refused:
        check(wish([want(1, person(1), "50.00", parts=parts)]), now())

    # then
    assert str(refused.value.code.value) == "INVALID_INPUT"
