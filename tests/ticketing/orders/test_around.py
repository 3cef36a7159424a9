"""Ticket orders beside an account: merged, closed, forgotten; on the customer's page; at the till; in the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from graphql_relay import to_global_id
from saleor.account.models import User
from saleor.checkout.models import CheckoutLine

from plugins.counter_sales.services.placing import place_sale
from plugins.counter_sales.wanted import read_wanted
from plugins.org_hierarchy.customers_leaving import customer_erasures
from plugins.org_hierarchy.interfaces import customer_moves
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import TicketPassenger
from plugins.ticketing.kernel.moving import _running
from plugins.ticketing.kernel.services.holding import hold
from saleor_o2o.backoffice.customers import customer_parts
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from tests.buying.shopper import ask, fill_checkout
from tests.orgs import person as staff

from .till import Till
from .trips import D, person, want, wish

ORDER = """query($number: String!, $key: String) { ticketOrder(number: $number, key: $key) {
  number state stateLabel title heldUntil total orderNumber mobile pick { label text } details { label text }
  tickets { number state seat price passenger { name number document type } refundRule } } }"""
MINE = """query($tab: TicketOrderTab, $cursor: String) { myTicketOrders(tab: $tab, first: 1, cursor: $cursor) {
  cursor items { number } } }"""
RELEASE = """mutation($number: String!, $key: String) { ticketHoldRelease(number: $number, key: $key) {
  order { state } errors { code field message hint } } }"""
INTO = """mutation($id: ID!, $number: String!, $key: String) {
  ticketHoldToCheckout(checkoutId: $id, number: $number, key: $key) {
    checkout { totalPrice { gross { amount } } lines { quantity } } errors { code } } }"""


def test_orders_go_along_when_two_accounts_become_one(till: Till) -> None:
    held = till.hold()
    other = User.objects.create_user("other@example.com", "password")
    assert customer_moves()["ticketing"](till.shop.shopper, other) == 1
    assert till.fresh(held).user == other


def test_an_account_with_tickets_is_not_closed_and_then_forgotten(till: Till) -> None:
    order = till.buy()
    assert [str(one.text) for one in _running(till.shop.shopper)] == ["“甲县—乙县 08:00”的票还没有使用"]
    with frozen(now() + timedelta(days=3)):
        assert _running(till.shop.shopper) == []
    for _again in range(2):
        customer_erasures()["ticketing"](till.shop.shopper)
    found = till.fresh(order)
    one = TicketPassenger.objects.get(ticket_order=order)
    assert (found.user, found.mobile, found.pick_code, one.name, one.document_number, one.document_index) == (
        None, "", "", "", "", "",
    )  # fmt: skip


def test_a_clerk_holds_and_sells_for_cash(till: Till) -> None:
    # given a clerk at the counter of B111 who holds a seat for somebody without an account
    from plugins.ticketing.kernel.access import ORDER_VIEW, SELL

    rights = ("counter_order.create", "counter_order.view", "product.view", ORDER_VIEW, SELL)
    clerk = staff(till.shop.org["B111"], "till", rights)
    held = hold(
        wish([want(till.variant.pk, person(1))]), key="desk-key-0001", user=None, unit=till.shop.org["B111"],
        made_by=clerk,
    )  # fmt: skip
    # when it is sold with an orange
    wanted = read_wanted(
        {
            "lines": [{"variant": till.shop.world.variant.pk, "quantity": 1}], "key": "sale-key-00000001",
            "holds": [{"number": held.number}], "expected_total": "89.90",
        }
    )  # fmt: skip
    sale = place_sale(clerk, wanted)
    # then both are on one slip, and the seat is the order's
    assert sale.total == D("89.90")
    assert till.fresh(held).order_id == sale.order_id
    assert sorted(one.product_name for one in sale.order.lines.all())[-1] == "甲县—乙县 08:00"
    # and nobody else sells it
    with pytest.raises(DomainError):
        place_sale(staff(till.shop.org["B111"], "till2", rights), read_wanted(
            {"holds": [{"number": held.number}], "key": "sale-key-00000002"}
        ))  # fmt: skip


def test_the_api_shows_ones_own_masked(till: Till) -> None:
    order = till.buy(mobile="13800000000")
    told = ask(ORDER, {"number": order.number}, till.shop.shopper)["ticketOrder"]
    assert (told["state"], told["stateLabel"], told["total"], told["mobile"]) == (
        "ISSUED",
        "已出票",
        50.0,
        "138****0000",
    )
    [ticket] = told["tickets"]
    assert ticket["passenger"]["name"] == "测***" and "E0000" not in json.dumps(told)
    assert told["pick"] == [{"label": "取票号", "text": "QP1"}, {"label": "取票密码", "text": "8421"}]
    assert told["orderNumber"]
    # nobody else sees it
    for user in (None, User.objects.create_user("nosy@example.com", "password")):
        assert ask(ORDER, {"number": order.number}, user)["ticketOrder"] is None
    # the staff in reach do, without what it is fetched with
    from plugins.ticketing.kernel.access import ORDER_VIEW

    clerk = staff(till.shop.org["B111"], "looks", (ORDER_VIEW,))
    told = ask(ORDER, {"number": order.number}, clerk)["ticketOrder"]
    assert told["state"] == "ISSUED" and told["pick"] == []
    far = staff(till.shop.org["B121"], "far", (ORDER_VIEW,))
    assert ask(ORDER, {"number": order.number}, far)["ticketOrder"] is None


def test_the_list_by_tabs_and_pages(till: Till) -> None:
    first, second = till.hold(), till.hold()
    page = ask(MINE, {"tab": "TO_PAY"}, till.shop.shopper)["myTicketOrders"]
    assert [one["number"] for one in page["items"]] == [second.number]
    page = ask(MINE, {"tab": "TO_PAY", "cursor": page["cursor"]}, till.shop.shopper)["myTicketOrders"]
    assert ([one["number"] for one in page["items"]], page["cursor"]) == ([first.number], "")
    assert ask(MINE, {"tab": "ISSUED", "cursor": "x"}, till.shop.shopper)["myTicketOrders"]["items"] == []
    assert ask(MINE, {}, None)["myTicketOrders"] is None


def test_a_guest_releases_with_number_and_key(till: Till) -> None:
    held = till.hold(user=None, key="guest-key-0001")
    for key in (None, "guest-key-0002", "", "x" * 200):
        answer = ask(RELEASE, {"number": held.number, "key": key})["ticketHoldRelease"]
        assert [one["code"] for one in answer["errors"]] == ["NOT_FOUND"]
    answer = ask(RELEASE, {"number": held.number, "key": "guest-key-0001"})["ticketHoldRelease"]
    assert answer == {"order": {"state": "CLOSED"}, "errors": []}
    assert till.fresh(held).state == OrderState.CLOSED


def test_into_a_stock_checkout(till: Till) -> None:
    shop, held = till.shop, till.hold(people=2)
    checkout = fill_checkout(shop.world, {shop.world.variant: 1}, shop.shopper)
    for _again in range(2):
        told = ask(INTO, {"id": checkout["id"], "number": held.number}, shop.shopper)["ticketHoldToCheckout"]
        assert told["errors"] == []
        assert told["checkout"]["totalPrice"]["gross"]["amount"] == 149.9
        assert sorted(one["quantity"] for one in told["checkout"]["lines"]) == [1, 2]
    # the line can be removed, and the seat stays held
    CheckoutLine.objects.filter(checkout=checkout["token"], variant=till.variant).delete()
    assert till.fresh(held).state == OrderState.HELD
    for bad in ("", "x", to_global_id("Order", 1), to_global_id("Checkout", "nothing")):
        told = ask(INTO, {"id": bad, "number": held.number}, shop.shopper)["ticketHoldToCheckout"]
        assert [one["code"] for one in told["errors"]] == ["NOT_FOUND"]


def test_the_customers_page_shows_them(till: Till) -> None:
    from plugins.ticketing.kernel.access import ORDER_VIEW

    order = till.buy()
    request: Any = RequestFactory().get("/")
    shown = {}
    for name, unit, rights in (
        ("near", "B111", (ORDER_VIEW,)), ("far", "B121", (ORDER_VIEW,)), ("none", "B111", ("order.view",)),
    ):  # fmt: skip
        request.user = staff(till.shop.org[unit], name, rights)
        tables = {one.title: one for one in customer_parts(request, till.shop.shopper)}
        shown[name] = str(tables["票务订单"].rows) if "票务订单" in tables else None
    assert order.number in str(shown["near"])
    assert (shown["far"], shown["none"]) == ("[]", None)
