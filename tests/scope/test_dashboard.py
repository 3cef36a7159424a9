"""Stock's dashboard page by page, as staff of two counties and of the city: it shows one's own, and all of it.

The measure is what somebody who sees everything is answered: a county's list must be that list without what is not
the county's, in the same order, page by page in both directions.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from saleor.account.models import User
from saleor.order.models import Order
from saleor.payment.models import Payment

from plugins.org_hierarchy.journeys import dashboard as pages
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now

from .city import PRICE, Rows, line_of, order_at, rows_at
from .graphql import asked, gid, post

pytestmark = pytest.mark.django_db

OURS, THEIRS = "zzjia", "zzyi"
STATES = ("unfulfilled", "partially fulfilled", "fulfilled", "canceled")
CHARGES = ("not-charged", "fully-charged", "partially-charged", "fully-refunded", "partially-refunded")


@pytest.fixture
def counties(org: dict[str, OrgUnit], variant: Any) -> dict[str, Rows]:
    """Two counties' orders in turn, in every state, dear and cheap, new and old, with one address in common."""
    made = {
        "ours": rows_at(org["B111"], OURS, variant),
        "theirs": rows_at(org["B121"], THEIRS, variant),
    }
    for number in range(8):
        for code, mark, rows in (("B111", OURS, made["ours"]), ("B121", THEIRS, made["theirs"])):
            order = order_at(
                org[code], f"{mark}{number}", rows.customer if number % 2 else None,
                status=STATES[number % 4], total_gross_amount=PRICE * (number % 3 + 1),
                created=now() - timedelta(days=number),
            )  # fmt: skip
            line_of(order, mark, variant)
            Payment.objects.create(
                gateway="mirumee.payments.dummy", order=order, total=PRICE, currency="CNY", is_active=True,
                captured_amount=PRICE * 3 if number % 5 == 1 else 0, charge_status=CHARGES[number % 5],
                token=f"{mark}-{number}", billing_email=f"{mark}@example.com",
            )  # fmt: skip
            order_at(org[code], f"{mark}{number}", rows.customer, status="draft")
    return made


def below(answer: Any, name: str = "id") -> Iterator[str]:
    """Every value of a key anywhere in an answer."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key == name and isinstance(value, str):
                yield value
            else:
                yield from below(value, name)
    elif isinstance(answer, list):
        for one in answer:
            yield from below(one, name)


def belongs(unit: OrgUnit) -> set[str]:
    """The ids of a county's orders."""
    orders = Order.objects.filter(o2o_attribution__unit__path__startswith=unit.path)
    return {gid("Order", order) for order in orders}


def nothing_of(mark: str, answer: Any) -> None:
    """Neither a text nor an id of a county is in an answer."""
    text = json.dumps(answer, ensure_ascii=False)
    assert mark not in text
    people = {gid("User", one) for one in User.objects.filter(email__startswith=mark)}
    orders = {gid("Order", one) for one in Order.objects.filter(user_email__startswith=mark)}
    found = set(below(answer)) | set(below(answer, "endCursor")) | set(below(answer, "startCursor"))
    assert found & (people | orders) == set()
    for cursor in (*below(answer, "endCursor"), *below(answer, "startCursor")):
        assert mark not in base64.b64decode(cursor).decode()


ORDER_FILTERS: list[dict[str, Any]] = [
    {},
    *({"status": [one]} for one in pages.ORDER_FILTERS["status"]),
    *({"paymentStatus": [one]} for one in pages.ORDER_FILTERS["paymentStatus"]),
    {"status": ["READY_TO_FULFILL", "READY_TO_CAPTURE"]},
    {"customer": "example.com"},
    {"search": "zz"},
    {"created": {"gte": (now() - timedelta(days=3)).date().isoformat(), "lte": now().date().isoformat()}},
]


@pytest.mark.parametrize("wanted", ORDER_FILTERS, ids=json.dumps)
def test_the_order_list(
    counties: dict[str, Rows], org: dict[str, OrgUnit], staff: dict[str, Any], wanted: Any
) -> None:
    # given: what one who sees everything is shown
    for sort, direction in ((None, ""), *product(pages.ORDER_SORTS, ("ASC", "DESC"))):
        variables: dict[str, Any] = {"filter": wanted}
        if sort:
            variables["sort"] = {"field": sort, "direction": direction}
        every = asked(staff["superuser"], pages.ORDER_LIST, first=100, **variables)["orders"]
        mine = belongs(org["C11"])
        expected = [edge["node"]["id"] for edge in every["edges"] if edge["node"]["id"] in mine]

        # when
        found = asked(staff["ours"], pages.ORDER_LIST, first=100, **variables)["orders"]
        city = asked(staff["city"], pages.ORDER_LIST, first=100, **variables)["orders"]

        # then
        assert [edge["node"]["id"] for edge in found["edges"]] == expected
        assert found["pageInfo"]["hasNextPage"] is False
        assert city == every
        nothing_of(THEIRS, found)
        assert _walked(staff["ours"], pages.ORDER_LIST, "orders", variables, expected)


def _walked(user: Any, document: str, field: str, variables: Any, expected: list[str]) -> bool:
    """Page after page to the end and back again: nothing twice, nothing left out, no page half empty."""
    forth: list[str] = []
    after = None
    for _page in range(20):
        page = asked(user, document, first=3, after=after, **variables)[field]
        forth += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert len(page["edges"]) == 3
    if len(set(expected)) < len(expected):
        return True  # stock lists an order once for each of its payments and cannot page through that
    assert forth == expected
    if after is not None:
        back = asked(user, document, last=3, before=page["pageInfo"]["startCursor"], **variables)[field]
        until = len(expected) - len(page["edges"])
        assert [edge["node"]["id"] for edge in back["edges"]] == expected[max(0, until - 3) : until]
    return True


@pytest.mark.parametrize("wanted", [{}, {"customer": "example.com"}, {"search": "zz"}], ids=json.dumps)
def test_the_list_of_drafts(
    counties: dict[str, Rows], org: dict[str, OrgUnit], staff: dict[str, Any], wanted: Any
) -> None:
    # given
    for sort in (None, *pages.ORDER_SORTS):
        variables: dict[str, Any] = {"filter": wanted}
        if sort:
            variables["sort"] = {"field": sort, "direction": "DESC"}
        every = asked(staff["superuser"], pages.DRAFT_LIST, first=100, **variables)["draftOrders"]
        mine = belongs(org["C11"])

        # when
        found = asked(staff["ours"], pages.DRAFT_LIST, first=100, **variables)["draftOrders"]

        # then
        expected = [edge["node"]["id"] for edge in every["edges"] if edge["node"]["id"] in mine]
        assert [edge["node"]["id"] for edge in found["edges"]] == expected and len(expected) == 9, sort
        nothing_of(THEIRS, found)
        assert _walked(staff["ours"], pages.DRAFT_LIST, "draftOrders", variables, expected)


def test_a_search_for_foreign_words_finds_nothing(counties: dict[str, Rows], staff: dict[str, Any]) -> None:
    # given: an address, a name, an order's number, a mail of the other county
    theirs = counties["theirs"]
    for word in (THEIRS, f"{THEIRS}@example.com", f"{THEIRS}名", str(theirs.order.pk), "渝中区"):
        # when
        answers = [
            asked(staff["ours"], pages.ORDER_LIST, first=20, filter={"search": word}),
            asked(staff["ours"], pages.ORDER_LIST, first=20, filter={"customer": word}),
            asked(staff["ours"], pages.DRAFT_LIST, first=20, filter={"search": word}),
            asked(staff["ours"], pages.FIND_CUSTOMERS, first=20, query=word),
            asked(staff["ours"], pages.CUSTOMER_LIST, first=20, filter={"search": word}),
            asked(staff["ours"], pages.FIND_GOODS, first=20, query=word),
        ]

        # then
        nothing_of(THEIRS, answers)
    found = asked(staff["ours"], pages.FIND_CUSTOMERS, first=20, query=OURS)["search"]["edges"]
    assert [edge["node"]["email"] for edge in found] == [f"{OURS}@example.com"]


def test_the_home_page_counts_and_adds_up_one_s_own(
    counties: dict[str, Rows], staff: dict[str, Any], variant: Any
) -> None:
    # when
    found = {who: asked(staff[who], pages.HOME) for who in ("ours", "theirs", "city", "superuser")}

    # then: of today, in each county: the one of 79.80 and one of 39.90
    numbers = {
        who: (
            answer["salesToday"]["gross"]["amount"],
            answer["ordersToday"]["totalCount"],
            answer["ordersToFulfill"]["totalCount"],
            answer["ordersToCapture"]["totalCount"],
            len(answer["activities"]["edges"]),
        )
        for who, answer in found.items()
    }
    assert numbers["ours"] == numbers["theirs"]
    assert numbers["ours"][:2] == (pytest.approx(119.7), 2)
    assert numbers["city"] == numbers["superuser"]
    assert all(
        mine * 2 == pytest.approx(every) for mine, every in zip(numbers["ours"], numbers["city"], strict=True)
    )
    assert all(number > 0 for number in numbers["ours"])
    # the same goods, each county's own quantity and revenue
    sold = {
        who: answer["productTopToday"]["edges"][0]["node"]
        for who, answer in found.items()
        if who != "superuser"
    }
    assert sold["ours"]["quantityOrdered"] * 2 == sold["city"]["quantityOrdered"] == 8
    assert sold["ours"]["revenue"]["gross"]["amount"] * 2 == pytest.approx(
        sold["city"]["revenue"]["gross"]["amount"]
    )
    nothing_of(THEIRS, found["ours"])
    nothing_of(OURS, found["theirs"])


def test_an_order_s_page(counties: dict[str, Rows], staff: dict[str, Any]) -> None:
    # given
    ours, theirs = counties["ours"], counties["theirs"]
    for document, name in (
        (pages.ORDER_DETAILS, "id"), (pages.ORDER_FULFILL, "orderId"), (pages.FIND_ORDER, "id"),
    ):  # fmt: skip
        for rows in (ours, theirs):
            for order in (rows.order, rows.draft):
                # when
                answer = post(staff["ours"], document, **{name: gid("Order", order)})
                whole = post(staff["superuser"], document, **{name: gid("Order", order)})

                # then: all of it, or as if it were not there
                missing = post(staff["ours"], document, **{name: gid("Order", 987654321)})
                assert answer == (whole if rows is ours else missing)
    found = asked(staff["ours"], pages.ORDER_DETAILS, id=gid("Order", ours.order))["order"]
    assert found["user"]["email"] == f"{OURS}@example.com" and len(found["events"]) == 2
    assert found["fulfillments"][0]["lines"][0]["orderLine"]["productName"] == f"{OURS}脐橙"


def test_a_customer_s_page(counties: dict[str, Rows], staff: dict[str, Any]) -> None:
    # given
    for document in (pages.CUSTOMER_DETAILS, pages.CUSTOMER_ADDRESSES):
        own, foreign = (gid("User", counties[who].customer) for who in ("ours", "theirs"))

        # then
        assert post(staff["ours"], document, id=own) == post(staff["superuser"], document, id=own)
        missing = post(staff["ours"], document, id=gid("User", 987654321))
        assert post(staff["ours"], document, id=foreign) == missing == {"data": {"user": None}}


def test_goods_and_warehouses_are_the_city_s(counties: dict[str, Rows], staff: dict[str, Any]) -> None:
    # then: one catalogue, nothing of anybody's orders in it
    for document, variables in (
        (pages.PRODUCT_LIST, {"sort": {"field": "NAME", "direction": "ASC"}}),
        (pages.WAREHOUSE_LIST, {"sort": {"field": "NAME", "direction": "ASC"}}),
        (pages.FIND_GOODS, {"query": "脐橙"}),
    ):
        answers = [
            asked(staff[who], document, first=20, **variables) for who in ("ours", "theirs", "superuser")
        ]
        assert answers[0] == answers[1] == answers[2]
        for mark in (OURS, THEIRS):
            nothing_of(mark, answers[0])


@pytest.mark.parametrize(
    ("document", "kind", "name"),
    [
        (pages.CANCEL_ORDERS, "Order", "order"),
        (pages.DROP_DRAFTS, "Order", "draft"),
        (pages.DROP_CUSTOMERS, "User", "customer"),
    ],
)
def test_bulk_actions_with_a_foreign_row_among_them_do_nothing(
    counties: dict[str, Rows], staff: dict[str, Any], document: str, kind: str, name: str
) -> None:
    # given
    own, foreign = (getattr(counties[who], name) for who in ("ours", "theirs"))
    before = [type(row).objects.filter(pk=row.pk).values().get() for row in (own, foreign)]

    # when
    answer = post(staff["ours"], document, ids=[gid(kind, own), gid(kind, foreign)])
    alone = post(staff["ours"], document, ids=[gid(kind, foreign)])

    # then: as with an id that nobody has
    assert [type(row).objects.filter(pk=row.pk).values().get() for row in (own, foreign)] == before
    missing = post(staff["ours"], document, ids=[gid(kind, 987654321)])
    for one, none in ((gid(kind, foreign), gid(kind, 987654321)), (str(foreign.pk), "987654321")):
        alone = json.loads(json.dumps(alone).replace(one, none))
    assert alone == missing
    assert THEIRS not in str(answer)
