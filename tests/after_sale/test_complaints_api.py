"""The staff's complaints over GraphQL: list, detail, answer, hand on, rule; in scope only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plugins.after_sale.models import AfterSale, Complaint
from plugins.after_sale.services import complaining
from plugins.after_sale.services.deciding import refuse
from tests.buying.shopper import ask
from tests.orgs import again

from .conftest import KEY, D, Shop

LIST = """query($number: String, $state: ComplaintState) { complaints(number: $number, state: $state) {
  number state acts afterSaleNumber statements { party text } } }"""
HANDLE = """mutation($number: String!, $act: ComplaintAct!, $text: String, $amount: Decimal, $seen: ComplaintState) {
  complaintHandle(number: $number, act: $act, text: $text, amount: $amount, seen: $seen) {
    complaint { state forBuyer amount ruling } errors { field code hint } } }"""
MINE = "{ myComplaints { number acts afterSaleNumber } }"


@pytest.fixture
def made(shop: Shop) -> Complaint:
    """Two oranges (79.80) were refused by the clerk, and the shopper does not take it."""
    order = shop.buy()
    row = shop.ask(order, lines={shop.line(order).pk: (2, None)})
    refuse(again(shop.people["clerk"]), row.pk, "已备货")
    return complaining.arbitrate(shop.shopper, row.number, "没发货", key=f"{KEY}a")


def handle(shop: Shop, who: str, made: Complaint, act: str, **told: Any) -> Any:
    user = {"nobody": None, "shopper": shop.shopper}.get(who) or shop.people.get(who)
    variables = {"number": made.number, "act": act, **told}
    return ask(HANDLE, variables, again(user) if user else None)["complaintHandle"]


def test_a_complaint_from_the_list_to_the_ruling(shop: Shop, made: Complaint) -> None:
    # given
    [row] = ask(LIST, {"state": "NEW"}, again(shop.people["county"]))["complaints"]
    sale = AfterSale.objects.get()
    assert (row["number"], row["afterSaleNumber"], row["acts"]) == (
        made.number,
        sale.number,
        ["ACCEPT", "ESCALATE"],
    )

    # when: the county takes it on, the branch answers, the county hands it on, the city rules for a part
    for who, act, told, state in (
        ("county", "ACCEPT", {"seen": "NEW"}, "APPEAL"),
        ("clerk", "ANSWER", {"text": "已装箱"}, "DIALOGUE"),
        ("county", "ESCALATE", {}, "RULING"),
        ("city", "FOR_BUYER", {"text": "各担一半", "amount": "39.90", "seen": "RULING"}, "DONE"),
    ):
        done = handle(shop, who, made, act, **told)
        assert (done["errors"], done["complaint"]["state"]) == ([], state)

    # then
    assert (done["complaint"]["forBuyer"], done["complaint"]["amount"], done["complaint"]["ruling"]) == (
        True, 39.9, "各担一半",
    )  # fmt: skip
    sale = AfterSale.objects.get()
    assert (sale.state, sale.agreed) == ("refunding", D("39.90"))
    [row] = ask(LIST, {"number": sale.number}, again(shop.people["county"]))["complaints"]
    assert [(one["party"], one["text"]) for one in row["statements"]] == [
        ("BUYER", "没发货"), ("SELLER", "已装箱"), ("PLATFORM", "各担一半"),
    ]  # fmt: skip
    assert row["acts"] == []


@pytest.mark.parametrize(
    ("who", "seen", "code"),
    [
        ("nobody", 0, "NOT_FOUND"),
        ("shopper", 0, "NOT_FOUND"),
        ("stranger", 0, "NOT_FOUND"),
        ("viewer", 1, "PERMISSION_DENIED"),
        ("clerk", 1, "PERMISSION_DENIED"),
    ],
)
def test_who_takes_a_complaint_on(shop: Shop, made: Complaint, who: str, seen: int, code: str) -> None:
    # given
    user = {"nobody": None, "shopper": shop.shopper}.get(who) or shop.people.get(who)
    found = ask(LIST, {}, again(user) if user else None)["complaints"]

    # then
    assert (len(found), [one["acts"] for one in found]) == (seen, [[]] * seen)
    for act in ("ACCEPT", "ESCALATE", "FOR_BUYER", "FOR_SELLER"):
        done = handle(shop, who, made, act, text="x")
        assert (done["complaint"], done["errors"][0]["code"]) == (None, code)
    assert Complaint.objects.get().state == "new"


def test_what_is_refused_says_what_to_do(shop: Shop, made: Complaint) -> None:
    # given
    handle(shop, "county", made, "ACCEPT")

    # then
    for who, act, told, code in (
        ("clerk", "ANSWER", {"text": " "}, "REQUIRED"),
        ("clerk", "ANSWER", {"text": "x" * 501}, "TEXT_TOO_LONG"),
        ("county", "ACCEPT", {"seen": "NEW"}, "CHANGED_MEANWHILE"),
        ("county", "FOR_BUYER", {"text": "好"}, "WRONG_STATE"),
    ):
        assert handle(shop, who, made, act, **told)["errors"][0]["code"] == code
    handle(shop, "clerk", made, "ANSWER", text="已装箱")
    for told, code in (
        ({"amount": "10.00", "text": "一部分"}, "NOT_YOURS"),
        ({"amount": "0.00", "text": "x"}, "AMOUNT_INVALID"),
        ({"amount": "79.81", "text": "x"}, "AMOUNT_INVALID"),
        ({}, "REQUIRED"),
    ):
        assert handle(shop, "county", made, "FOR_BUYER", **told)["errors"][0]["code"] == code
    assert (Complaint.objects.get().state, AfterSale.objects.get().state) == ("dialogue", "arbitration")


def test_a_shopper_sees_no_acts(shop: Shop, made: Complaint) -> None:
    # then
    assert ask(MINE, {}, shop.shopper)["myComplaints"] == [
        {"number": made.number, "acts": [], "afterSaleNumber": AfterSale.objects.get().number}
    ]


def test_the_list_asks_as_much_for_four_as_for_one(shop: Shop, made: Complaint) -> None:
    # given
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            ask(LIST, {}, again(shop.people["county"]))
        return len(seen)

    asked()
    before = asked()
    for number in range(3):
        row = shop.ask(shop.buy({shop.pomelo: 1}), f"more-{number}")
        refuse(again(shop.people["clerk"]), row.pk, "已备货")
        complaining.arbitrate(shop.shopper, row.number, "没发货", key=f"{KEY}b{number}")

    # then
    assert asked() == before
