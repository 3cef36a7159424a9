"""A customer whom two counties serve: each sees the person, its own orders, and no sign of the other's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import CustomerEvent, User

from plugins.org_hierarchy.journeys.dashboard import CUSTOMER_LIST
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now

from .city import order_at
from .graphql import asked, gid

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(org: dict[str, OrgUnit]) -> dict[str, User]:
    """Name: orders at ours / at theirs, all of 10 yuan: ann 1/3, bob 2/0, cai 3/1, dan 0/2; ours today, theirs old."""
    made = {}
    for name, ours, theirs in (("ann", 1, 3), ("bob", 2, 0), ("cai", 3, 1), ("dan", 0, 2)):
        user = made[name] = User.objects.create_user(f"{name}@example.com", "pass-word", first_name=name)
        for code, number, age in (("B111", ours, 0), ("B121", theirs, 30)):
            for _each in range(number):
                order = order_at(
                    org[code], name, user, total_gross_amount=Decimal(10), created=now() - timedelta(days=age)
                )
                CustomerEvent.objects.create(user=user, type="placed_order", order=order)
    return made


def names(user: User, **variables: Any) -> list[str]:
    found = asked(user, CUSTOMER_LIST, first=20, **variables)["customers"]["edges"]
    return [
        edge["node"]["firstName"]
        for edge in found
        if edge["node"]["firstName"] in ("ann", "bob", "cai", "dan")
    ]


FILTERS: list[tuple[dict[str, Any], dict[str, str]]] = [
    (
        {"numberOfOrders": {"gte": 2}},
        {"ours": "bob cai", "theirs": "ann dan", "superuser": "ann bob cai dan"},
    ),
    ({"numberOfOrders": {"gte": 1, "lte": 1}}, {"ours": "ann", "theirs": "cai", "superuser": ""}),
    ({"numberOfOrders": {"gte": 4}}, {"ours": "", "theirs": "", "superuser": "ann cai"}),
    ({"moneySpent": {"gte": 20}}, {"ours": "bob cai", "theirs": "ann dan", "superuser": "ann bob cai dan"}),
    ({"moneySpent": {"gte": 0, "lte": 10}}, {"ours": "ann", "theirs": "cai", "superuser": ""}),
    ({"placedOrders": {"gte": "today"}}, {"ours": "ann bob cai", "theirs": "", "superuser": "ann bob cai"}),
    (
        {"placedOrders": {"lte": "a week ago"}},
        {"ours": "", "theirs": "ann cai dan", "superuser": "ann cai dan"},
    ),
    ({"placedOrders": {}}, {"ours": "ann bob cai", "theirs": "ann cai dan", "superuser": "ann bob cai dan"}),
    (
        {"numberOfOrders": {"gte": 1}, "moneySpent": {"gte": 20}, "search": "an"},
        {"ours": "", "theirs": "ann dan", "superuser": "ann dan"},
    ),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=str)
@pytest.mark.parametrize("who", ["ours", "theirs", "superuser"])
def test_filters_by_orders_count_those_in_reach(
    shared: dict[str, User], staff: dict[str, Any], wanted: Any, expected: dict[str, str], who: str
) -> None:
    # given
    days = {"today": now().date(), "a week ago": (now() - timedelta(days=7)).date()}
    given = {
        field: {key: days.get(one, one) for key, one in value.items()} if isinstance(value, dict) else value
        for field, value in wanted.items()
    }

    # then
    assert sorted(set(names(staff[who], filter=given))) == expected[who].split()


def test_sorting_by_orders_counts_those_in_reach(shared: dict[str, User], staff: dict[str, Any]) -> None:
    # given
    sort = {"field": "ORDER_COUNT", "direction": "DESC"}

    # then: dan is the city's alone to see besides theirs
    assert names(staff["ours"], sort=sort) == ["cai", "bob", "ann"]
    assert names(staff["theirs"], sort=sort) == ["ann", "dan", "cai"]
    assert (
        names(staff["city"], sort=sort)
        == names(staff["superuser"], sort=sort)
        == ["cai", "ann", "dan", "bob"]
    )

    # then: by pages too, whose cursors say what is in reach
    seen, after = [], None
    for _page in range(3):
        page = asked(staff["ours"], CUSTOMER_LIST, first=1, after=after, sort=sort)["customers"]
        seen += [edge["node"]["firstName"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["cai", "bob", "ann"]


def test_the_count_in_a_row_is_the_county_s(shared: dict[str, User], staff: dict[str, Any]) -> None:
    # when
    found = {
        who: {
            edge["node"]["firstName"]: edge["node"]["orders"]["totalCount"]
            for edge in asked(staff[who], CUSTOMER_LIST, first=20)["customers"]["edges"]
        }
        for who in ("ours", "theirs")
    }

    # then
    assert {name: found["ours"].get(name) for name in shared} == {"ann": 1, "bob": 2, "cai": 3, "dan": None}
    assert {name: found["theirs"].get(name) for name in shared} == {"ann": 3, "bob": None, "cai": 1, "dan": 2}


def test_events_of_foreign_orders_are_not_in_a_customer_s_history(
    shared: dict[str, User], staff: dict[str, Any]
) -> None:
    # given
    CustomerEvent.objects.create(user=shared["ann"], type="note_added", parameters={"message": "常客"})
    document = "query($id: ID!) { user(id: $id) { events { type message order { id } } } }"

    # when
    found = {
        who: asked(staff[who], document, id=gid("User", shared["ann"]))["user"]["events"]
        for who in ("ours", "theirs", "city")
    }

    # then
    for who, placed in (("ours", 1), ("theirs", 3), ("city", 4)):
        assert [event["type"] for event in found[who]].count("PLACED_ORDER") == placed
        assert [event["message"] for event in found[who] if event["type"] == "NOTE_ADDED"] == ["常客"]
        assert all(event["order"] for event in found[who] if event["type"] == "PLACED_ORDER")
