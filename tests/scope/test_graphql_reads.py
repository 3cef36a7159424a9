"""The stock dashboard's lists, look-ups and figures, asked by people of two counties."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.core.permissions import get_permissions
from saleor.order.models import Order

from plugins.org_hierarchy.models import DataScope, OrgUnit
from plugins.org_hierarchy.paths import path_of

from ..orgs import again, person
from .city import Rows, order_at, rows_at
from .graphql import asked, codes, gid, ids, post

pytestmark = pytest.mark.django_db

LISTS = {
    "orders": ("Order", "order"),
    "draftOrders": ("Order", "draft"),
    "customers": ("User", "customer"),
    "payments": ("Payment", "payment"),
}
SEEN = {
    "ours": {"jia"},
    "theirs": {"yi"},
    "area": {"jia", "yi"},
    "city": {"jia", "yi"},
    "superuser": {"jia", "yi"},
}


def stock(user: User) -> User:
    """With every permission of stock: the organisation's rules alone must hold."""
    user.user_permissions.set(get_permissions())
    return again(user)


@pytest.mark.parametrize("who", SEEN)
@pytest.mark.parametrize("field", LISTS)
def test_lists_and_their_counts(
    ours: Rows, theirs: Rows, staff: dict[str, Any], who: str, field: str
) -> None:
    # given
    kind, name = LISTS[field]
    rows = {rows.mark: gid(kind, getattr(rows, name)) for rows in (ours, theirs)}

    # when
    found = asked(staff[who], f"{{ {field}(first: 50) {{ totalCount edges {{ node {{ id }} }} }} }}")[field]

    # then
    expected = {rows[mark] for mark in SEEN[who]}
    assert ids(found) & set(rows.values()) == expected
    if field != "customers":
        assert found["totalCount"] == len(expected)


@pytest.mark.parametrize("who", ["anonymous", "shopper"])
@pytest.mark.parametrize("field", LISTS)
def test_lists_stay_closed_to_others(ours: Rows, staff: dict[str, Any], who: str, field: str) -> None:
    # then
    assert codes(post(staff[who], f"{{ {field}(first: 5) {{ totalCount }} }}")) == ["PermissionDenied"]


def test_pages_and_cursors_know_nothing_of_foreign_rows(
    org: dict[str, OrgUnit], ours: Rows, staff: dict[str, Any]
) -> None:
    # given: ours and theirs in turn
    for _each in range(3):
        order_at(org["B121"], "yi")
        order_at(org["B111"], "jia")
    document = """query($after: String) {
        orders(first: 2, after: $after, sortBy: {field: NUMBER, direction: DESC}) {
            totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }"""

    # when
    seen: list[str] = []
    after = None
    for _page in range(2):
        page = asked(staff["ours"], document, after=after)["orders"]
        assert page["totalCount"] == 4
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    # then
    mine = Order.objects.filter(o2o_attribution__unit=org["B111"]).exclude(status="draft").order_by("-pk")
    assert seen == [gid("Order", one) for one in mine]
    assert page["pageInfo"]["hasNextPage"] is False


BY_ID = {
    "order": ("Order", "order"),
    "payment": ("Payment", "payment"),
    "user": ("User", "customer"),
}


@pytest.mark.parametrize("field", BY_ID)
def test_a_foreign_id_is_answered_like_a_missing_one(
    ours: Rows, theirs: Rows, staff: dict[str, Any], field: str
) -> None:
    # given
    kind, name = BY_ID[field]
    document = f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}"

    # when
    own, foreign, missing = (
        post(staff["ours"], document, id=gid(kind, row))
        for row in (getattr(ours, name), getattr(theirs, name), 987654321)
    )

    # then
    assert own == {"data": {field: {"id": gid(kind, getattr(ours, name))}}}
    assert foreign == missing == {"data": {field: None}}


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        ("User", "customer", "email"),
        ("Address", "address", "streetAddress1"),
    ],
)
def test_federation_finds_nothing_foreign(
    ours: Rows, theirs: Rows, staff: dict[str, Any], kind: str, name: str, fields: str
) -> None:
    # given
    document = f"query($r: [_Any]) {{ _entities(representations: $r) {{ ... on {kind} {{ id {fields} }} }} }}"
    things = [
        {"__typename": kind, "id": gid(kind, getattr(rows, name))} for rows in (theirs, ours)
    ]  # fmt: skip

    # when
    answer = post(staff["ours"], document, r=things)

    # then: places are kept
    found = answer["data"]["_entities"]
    assert found[0] is None
    assert found[1]["id"] == things[1]["id"]


def test_federation_by_mail_is_no_oracle(ours: Rows, theirs: Rows, staff: dict[str, Any]) -> None:
    # given
    document = "query($r: [_Any]) { _entities(representations: $r) { ... on User { id } } }"

    def ask(mail: str) -> Any:
        return post(staff["ours"], document, r=[{"__typename": "User", "email": mail}])

    # then
    assert ask("jia@example.com")["data"]["_entities"] == [{"id": gid("User", ours.customer)}]
    assert ask("yi@example.com")["data"] == ask("nobody@example.com")["data"]
    assert codes(ask("yi@example.com")) == codes(ask("nobody@example.com"))


def test_figures_are_those_of_the_county(
    ours: Rows, theirs: Rows, staff: dict[str, Any], variant: Any
) -> None:
    # given: each county sold two packs
    document = """{ ordersTotal(period: THIS_MONTH) { gross { amount } }
        reportProductSales(period: THIS_MONTH, first: 5) { edges { node {
            id quantityOrdered revenue(period: THIS_MONTH) { gross { amount } } } } }
        homepageEvents(first: 5) { totalCount } }"""

    # when
    found = {who: asked(staff[who], document) for who in ("ours", "area", "superuser")}

    # then
    for who, times in (("ours", 1), ("area", 2), ("superuser", 2)):
        assert found[who]["ordersTotal"]["gross"]["amount"] == pytest.approx(79.8 * times)
        assert found[who]["homepageEvents"]["totalCount"] == times
        if who != "superuser":  # stock leaves out a variant of which there is any draft
            [sold] = found[who]["reportProductSales"]["edges"]
            assert sold["node"]["quantityOrdered"] == 2 * times
    # a variant's revenue counts drafts too, as in stock
    assert found["ours"]["reportProductSales"]["edges"][0]["node"]["revenue"]["gross"]["amount"] == 159.6


def test_a_shared_customer_shows_only_our_orders(
    org: dict[str, OrgUnit], ours: Rows, staff: dict[str, Any]
) -> None:
    # given
    foreign = order_at(org["B121"], "yi", ours.customer)
    document = """query($id: ID!) { user(id: $id) { orders(first: 9) { totalCount edges { node { id } } }
        events { message order { id } } addresses { streetAddress1 } } }"""

    # when
    found = asked(staff["ours"], document, id=gid("User", ours.customer))["user"]

    # then
    assert gid("Order", foreign) not in ids(found["orders"])
    assert found["orders"]["totalCount"] == 2
    assert found["addresses"] == [{"streetAddress1": "jia路 1 号"}]


def test_payments_and_people_of_an_order_need_their_own_permission(
    org: dict[str, OrgUnit], ours: Rows
) -> None:
    # given: sees orders, nothing else
    clerk = stock(person(org["C11"], "clerk", ["order.view"]))
    document = (
        "query($id: ID!) { order(id: $id) { number user { id } payments { id } lines { productName } } }"
    )

    # when
    found = asked(clerk, document, id=gid("Order", ours.order))["order"]

    # then
    assert found == {
        "number": str(ours.order.pk),
        "user": None,
        "payments": [],
        "lines": [{"productName": "jia脐橙"}],
    }


def test_the_viewer_always_sees_himself(org: dict[str, OrgUnit]) -> None:
    # given: a clerk who buys something himself, in another county
    clerk = stock(person(org["C11"], "clerk", ["product.view"]))
    own = order_at(org["B121"], "yi", clerk)

    # when
    found = asked(clerk, "{ me { id orders(first: 5) { totalCount } } }")["me"]

    # then
    assert found["id"] == gid("User", clerk)
    assert (
        asked(clerk, "query($id: ID!) { order(id: $id) { id } }", id=gid("Order", own))["order"] is not None
    )


def test_an_order_is_found_by_its_token_as_in_stock(theirs: Rows, staff: dict[str, Any]) -> None:
    # given
    document = "query($t: UUID!) { orderByToken(token: $t) { number lines { productName } } }"

    # then
    for who in ("ours", "shopper", "anonymous"):
        assert asked(staff[who], document, t=theirs.order.token)["orderByToken"]["number"] == str(
            theirs.order.pk
        )


def test_a_change_of_grants_and_of_the_tree_counts_at_once(
    org: dict[str, OrgUnit], ours: Rows, theirs: Rows, staff: dict[str, Any]
) -> None:
    # given
    document = "{ orders(first: 5) { edges { node { id } } } }"
    assert ids(asked(staff["ours"], document)["orders"]) == {gid("Order", ours.order)}

    # when: the branch moves to the other county
    branch = org["B111"]
    OrgUnit.objects.filter(pk=branch.pk).update(parent=org["C12"], path=path_of(org["C12"].path, branch.pk))

    # then
    assert ids(asked(staff["ours"], document)["orders"]) == set()
    both = {gid("Order", rows.order) for rows in (ours, theirs)}
    assert ids(asked(staff["theirs"], document)["orders"]) == both
    # when
    staff["theirs"].o2o_staff.grants.update(state="revoked")
    # then
    assert ids(asked(again(staff["theirs"]), document)["orders"]) == set()


def test_lists_cost_the_same_for_many_rows(org: dict[str, OrgUnit], staff: dict[str, Any]) -> None:
    # given
    document = """{ orders(first: 20) { totalCount edges { node { id user { email } payments { id } } } } }"""

    def statements(user: User) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            asked(again(user), document)
        return [one["sql"] for one in seen if "o2o_org_hierarchy" in one["sql"]]

    rows_at(org["B111"], "jia")
    few = statements(staff["ours"])

    # when
    for number in range(4):
        rows_at(org["B111"], f"jia{number}")

    # then: stock asks for payments per order; the reach is asked once per list
    assert len(statements(staff["ours"])) <= len(few)


@pytest.mark.parametrize("who", ["anonymous", "shopper", "superuser"])
def test_nobody_else_pays_for_the_organisation(ours: Rows, staff: dict[str, Any], who: str) -> None:
    # given
    document = (
        "query($t: UUID!) { orderByToken(token: $t) { number payments { id } lines { id } } me { id } }"
    )

    # when
    with CaptureQueriesContext(connection) as seen:
        asked(staff[who], document, t=ours.order.token)

    # then
    ours_only = (
        "o2o_org_hierarchy_rolegrant",
        "o2o_org_hierarchy_orderattribution",
        "o2o_org_hierarchy_orgunit",
    )
    asked_more = [one["sql"] for one in seen if any(table in one["sql"] for table in ours_only)]
    # whether a token was made with a second factor is asked in the one statement that finds its user
    assert [sql for sql in asked_more if not sql.startswith('SELECT "account_user"')] == []


def test_staff_without_a_file_keep_what_stock_gives_them(ours: Rows, theirs: Rows, settings: Any) -> None:
    # given
    stranger = stock(User.objects.create_user("s@example.com", "pass-word", is_staff=True))
    document = "{ orders(first: 5) { totalCount } }"

    # then
    assert asked(stranger, document)["orders"]["totalCount"] == 2
    settings.O2O_UNASSIGNED_STAFF_GLOBAL = False
    assert asked(again(stranger), document)["orders"]["totalCount"] == 0


def test_lists_of_the_platform_are_closed(staff: dict[str, Any]) -> None:
    # then: even with every permission of stock
    for field in ("apps", "checkouts", "giftCards", "webhooks", "plugins"):
        document = f"{{ {field}(first: 1) {{ totalCount }} }}"
        assert codes(post(staff["city"], document)) == ["PermissionDenied"], field
        assert codes(post(staff["superuser"], document)) == [], field


def test_one_own_rows_only(org: dict[str, OrgUnit]) -> None:
    # given
    clerk = stock(person(org["B111"], "clerk", ["order.view"], scope=DataScope.SELF))
    mine, other = order_at(org["B111"], "jia"), order_at(org["B111"], "jia")
    mine.o2o_attribution.operator = clerk
    mine.o2o_attribution.save()

    # then
    document = "{ orders(first: 5) { edges { node { id } } } }"
    assert ids(asked(clerk, document)["orders"]) == {gid("Order", mine)}
    assert asked(clerk, "query($id: ID!) { order(id: $id) { id } }", id=gid("Order", other))["order"] is None
