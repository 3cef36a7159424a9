"""How an order of several legs is shown: to its buyer by the API, to the staff on its page, in what is told of it."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.members.models import SmsMessage
from plugins.ticketing.kernel.access import ORDER_VIEW
from plugins.ticketing.kernel.models import Segment
from plugins.ticketing.kernel.selectors import Tab as Shelf
from plugins.ticketing.kernel.selectors import page
from plugins.ticketing.kernel.telling import tell_refused
from tests.buying.shopper import ask
from tests.orgs import person

from ..refunds.changes import tickets_of
from ..refunds.test_refund_pages import browser, text_of
from .conftest import Travel

ORDER = """query($number: String!) { ticketOrder(number: $number) { title
  segments { position title number origin goal startsAt endsAt cancelled }
  tickets { number segment { position title } parts { label amount } } } }"""


def test_a_buyer_sees_the_legs_and_of_which_each_ticket_is(travel: Travel) -> None:
    # given
    order, single = travel.both(people=2), travel.buy(hours=200)
    Segment.objects.filter(ticket_order=order, position=2).update(no_trip=True)

    # when
    told, alone = (
        ask(ORDER, {"number": one.number}, travel.till.shop.shopper)["ticketOrder"] for one in (order, single)
    )

    # then
    names = ("position", "number", "origin", "goal", "cancelled")
    assert [tuple(one[name] for name in names) for one in told["segments"]] == [
        (1, "K1", "甲县", "乙县", False), (2, "K2", "乙县", "甲县", True),
    ]  # fmt: skip
    assert [one["segment"]["position"] for one in told["tickets"]] == [1, 2, 1, 2]
    assert told["tickets"][0]["parts"] == []
    # and a single trip is its own
    [leg] = alone["segments"]
    assert (leg["position"], leg["title"], alone["tickets"][0]["segment"]["title"]) == (
        0,
        alone["title"],
        alone["title"],
    )


def test_a_page_of_orders_reads_their_legs_together(travel: Travel) -> None:
    # given
    travel.both(hours=48)
    travel.both(hours=300, people=2)

    def read() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown: Any = page(travel.till.shop.shopper, Shelf.ALL)
            for order in shown.items:
                assert [one.segment.position for one in order.tickets.all()][:2] == [1, 2]
                assert len(order.segments.all()) == 2
        return len(seen)

    # when
    before = read()
    travel.both(hours=600)

    # then
    assert read() == before == 5


def test_the_staff_read_the_legs_on_the_orders_page(travel: Travel) -> None:
    # given
    order, single = travel.both(), travel.buy(hours=200)
    clerk = browser(person(travel.till.shop.org["B111"], "reader", (ORDER_VIEW,)))

    # when
    pages = [
        text_of(clerk.get(reverse("admin:o2o_ticketing_ticketorder_change", args=[one.pk])))
        for one in (order, single)
    ]

    # then
    assert ["各程" in page for page in pages] == [True, False]
    assert "乙县—甲县 16:00K2乙县甲县" in pages[0]


def test_whoever_gave_a_leg_back_is_told_of_that_leg(travel: Travel) -> None:
    # given
    order = travel.both(contact="测试", mobile="13800000001")
    out, back = tickets_of(order)
    one, both = travel.give_back(out), travel.till.fresh(order)

    # when
    tell_refused(one)

    # then
    words = SmsMessage.objects.order_by("-pk").values_list("parameters", flat=True)[0]
    assert words["title"] == "甲县—乙县 08:00"
    assert (both.title, back.segment.title if back.segment else "") == ("甲县—乙县往返", "乙县—甲县 16:00")
