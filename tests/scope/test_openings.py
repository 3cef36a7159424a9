"""Doors that stock leaves open to whoever counts up ids: closed, but for the person concerned and those in charge."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from saleor.account.models import User
from saleor.app.models import App
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.order.models import Order

from plugins.org_hierarchy.models import OrgUnit

from ..orgs import person
from .city import Rows
from .graphql import asked, codes, gid, post

pytestmark = pytest.mark.django_db

ENTITIES = """query($r: [_Any]) { _entities(representations: $r) { __typename
  ... on User { id email addresses { id } orders(first: 5) { totalCount } }
  ... on Address { id streetAddress1 } ... on App { id } ... on Product { id } } }"""
NOTE = """mutation($id: ID!) { updateMetadata(id: $id, input: [{key: "k", value: "v"}]) {
  item { ... on Order { id userEmail shippingAddress { phone } } } metadataErrors { field code } } }"""
UNNOTE = """mutation($id: ID!) { deleteMetadata(id: $id, keys: ["k"]) {
  item { ... on Order { id userEmail } } metadataErrors { field code } } }"""
LINE = "query($id: ID!) { checkoutLine(id: $id) { id quantity } }"


def things(rows: Rows, group: Group, app: App) -> list[dict[str, Any]]:
    return [
        {"__typename": "User", "id": gid("User", rows.customer)},
        {"__typename": "User", "email": rows.customer.email},
        # read by the resolver as `id`
        {"__typename": "User", "Id": gid("User", rows.customer), "email": "shopper@example.com"},
        {"__typename": "Address", "id": gid("Address", rows.address)},
        {"__typename": "Group", "id": gid("Group", group)},
        {"__typename": "App", "id": gid("App", app)},
    ]


@pytest.mark.parametrize("who", ["anonymous", "shopper", "clerk"])
def test_federation_gives_nobody_to_strangers(
    ours: Rows, staff: dict[str, Any], org: dict[str, OrgUnit], variant: Any, who: str
) -> None:
    # given: a clerk of another county with every right that the organisation has to give
    asker = person(org["C21"], "clerk", ["order.view", "customer.view"]) if who == "clerk" else staff[who]
    group, app = Group.objects.create(name="主管"), App.objects.create(name="外部程序")
    product = {"__typename": "Product", "id": gid("Product", variant.product)}

    # when
    answer = post(asker, ENTITIES, r=[*things(ours, group, app), product])

    # then: every place is kept, the catalogue is there for all
    assert "errors" not in answer
    assert [one and one["__typename"] for one in answer["data"]["_entities"]] == [None] * 6 + ["Product"]


def test_federation_gives_oneself_and_those_in_charge(ours: Rows, staff: dict[str, Any]) -> None:
    # given
    group, app = Group.objects.create(name="主管"), App.objects.create(name="外部程序")

    # then: the customer, by id and by mail, and an address of his own
    found = asked(ours.customer, ENTITIES, r=[*things(ours, group, app)[:2], things(ours, group, app)[3]])
    assert [one["id"] for one in found["_entities"]] == [
        *[gid("User", ours.customer)] * 2, gid("Address", ours.address),
    ]  # fmt: skip
    # then: a superuser everything; a program with the permission as well
    found = asked(staff["superuser"], ENTITIES, r=things(ours, group, app))["_entities"]
    assert None not in found and len(found) == 6
    app.permissions.add(Permission.objects.get(codename="manage_users"))
    token = app.tokens.create().auth_token
    answer = Client().post(
        "/graphql/", {"query": ENTITIES, "variables": {"r": things(ours, group, app)}},
        content_type="application/json", headers={"authorization": f"Bearer {token}"},
    ).json()  # fmt: skip
    kinds = [one and one["__typename"] for one in answer["data"]["_entities"]]
    assert kinds == ["User", "User", "User", "Address", None, None]


@pytest.mark.parametrize("document", [NOTE, UNNOTE])
def test_nobody_writes_on_a_stranger_s_order_or_reads_it_by_trying(
    ours: Rows, staff: dict[str, Any], document: str
) -> None:
    # given
    Order.objects.filter(pk=ours.order.pk).update(metadata={"k": "old"})

    for who in ("anonymous", "shopper"):
        for identity in (gid("Order", ours.order), gid("Order", 987654321), gid("Order", "1; x")):
            # when
            answer = post(staff[who], document, id=identity)

            # then: one answer for what is there and what is not
            assert codes(answer) == ["PermissionDenied"]
            assert not any(answer["data"].values())
    assert Order.objects.get(pk=ours.order.pk).metadata == {"k": "old"}


def test_the_buyer_and_those_in_charge_write_on_an_order(ours: Rows, staff: dict[str, Any]) -> None:
    for asker in (ours.customer, staff["ours"], staff["superuser"]):
        # when
        answer = asked(asker, NOTE, id=gid("Order", ours.order))["updateMetadata"]

        # then
        assert answer["metadataErrors"] == [] and answer["item"]["userEmail"] == "jia@example.com"
        assert Order.objects.get(pk=ours.order.pk).metadata == {"k": "v"}
        asked(asker, UNNOTE, id=gid("Order", ours.order))
        assert Order.objects.get(pk=ours.order.pk).metadata == {}
    # then: a cart's own id is its key, as in stock
    cart = Checkout.objects.create(email="a@example.com")
    assert asked(
        None,
        NOTE.replace("on Order { id userEmail shippingAddress { phone } }", "on Checkout { id }"),
        id=gid("Checkout", cart.pk),
    )["updateMetadata"]["item"]


def test_lines_of_somebody_s_cart_are_somebody_s(ours: Rows, staff: dict[str, Any], variant: Any) -> None:
    # given
    owned = Checkout.objects.create(user=ours.customer, email="jia@example.com")
    nobody_s = Checkout.objects.create(email="a@example.com")
    lines = {
        cart: CheckoutLine.objects.create(checkout=cart, variant=variant, quantity=2)
        for cart in (owned, nobody_s)
    }

    def see(asker: User | None, cart: Checkout) -> Any:
        return asked(asker, LINE, id=gid("CheckoutLine", lines[cart]))["checkoutLine"]

    # then: a cart of nobody as in stock; a person's for the person and for those in charge of carts
    for who in ("anonymous", "shopper"):
        assert see(staff[who], nobody_s)["quantity"] == 2
        assert see(staff[who], owned) is None
    assert see(ours.customer, owned)["quantity"] == see(staff["superuser"], owned)["quantity"] == 2
