"""Lists of tickets, vouchers and orders take as many statements for many rows as for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.ticketing.admission.services.catalogue import change_class, change_product
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.kernel.models import TicketOrder
from tests.scope.graphql import asked

from .conftest import Park
from .test_changing import hold, issue, typed
from .test_mailing import bought, post
from .test_naming import HOLDERS

__all__ = ["post"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]
VOUCHERS = """query($n: String!) { ticketVouchers(orderNumber: $n) { number code standing theirCodes { code }
  kept { qr } paper { words receiver } } }"""
ORDERS = "{ myTicketOrders { items { number details { label text } } } }"


def statements(user: User, document: str, **told: Any) -> tuple[int, Any]:
    """How many statements a question takes, and its answer; asked once before, for what every process reads once."""
    asked(user, document, **told)
    with CaptureQueriesContext(connection) as captured:
        answer = asked(user, document, **told)
    return len(captured), answer


def held(park: Park, user: User, key: str, *tickets: Any) -> TicketOrder:
    made = hold(user, key, product="karst", day=str(park.day), tickets=tickets, mobile="13800000001")
    assert made["errors"] == []
    return issue(made["number"])


def test_who_goes_with_many_tickets(park: Park, fan: User) -> None:
    # given
    change_class(None, park.adult, real_name="each", verify_mode="each")
    change_product(None, park.product, name_change_hours=2)
    make_quota(None, park.product, 10, day=park.day)
    one = held(park, fan, "key-00000001", typed(12))
    many = held(park, fan, "key-00000002", *[typed(sequence) for sequence in (34, 56, 78, 90)])

    # when
    few, first = statements(fan, HOLDERS, n=one.number)
    lot, rows = statements(fan, HOLDERS, n=many.number)

    # then
    assert [row["open"] for row in first["ticketHolders"] + rows["ticketHolders"]] == [True] * 5
    assert lot == few


@pytest.mark.usefixtures("post")
def test_letters_of_many_vouchers_and_no_letters_of_many_orders(park: Park, fan: User) -> None:
    # given
    one, many = bought(fan, park, 1), bought(fan, park, 3, "key-00000002")

    # when
    few, first = statements(fan, VOUCHERS, n=one.number)
    lot, rows = statements(fan, VOUCHERS, n=many.number)

    # then
    assert len(first["ticketVouchers"]) == 1 and len(rows["ticketVouchers"]) == 3
    assert {row["paper"]["receiver"] for row in rows["ticketVouchers"]} == {"李** 138****1234 重庆市 渝中区"}
    assert lot == few

    # and of orders that do not go by post nobody asks for a letter
    posted, listed = statements(fan, ORDERS)
    change_class(None, park.adult, exchange_mode="sms")
    for key in ("key-00000003", "key-00000004"):
        held(park, fan, key, {"ticketClass": "adult"})
    mixed, others = statements(fan, ORDERS)
    labels = [
        [row["label"] for row in one["details"]]
        for answer in (others, listed)
        for one in answer["myTicketOrders"]["items"]
    ]
    assert ["纸票邮寄" in row for row in labels] == [False, False, True, True, True, True]
    assert mixed == posted
