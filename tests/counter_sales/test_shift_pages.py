"""Pages of shifts: the count is blind, what was typed stays, and who gets which page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from saleor.account.models import User

from plugins.counter_sales.denominations import DENOMINATIONS, read_counts, worth_of
from plugins.counter_sales.journeys.shift import counts
from plugins.counter_sales.models import CounterRules, Drawer, PosReceipt, SaleState, Shift, ShiftState
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.shifts import open_shift
from plugins.counter_sales.todo import todo
from saleor_o2o.kernel.clock import now
from tests.buying.shopper import ask as graphql
from tests.orgs import again

from .conftest import Counter
from .looking import fresh
from .test_pages import ask, client_of
from .test_shifts import MANAGING, TWO_HUNDRED, drawer, shift

__all__ = ["drawer", "shift"]

D = Decimal
SHIFTS = "/admin/o2o_counter_sales/shift/"
OPEN = """mutation($drawer: ID!, $counts: [CounterCountInput!]!) {
  counterShiftOpen(drawerId: $drawer, counts: $counts) {
  shift { id state opening expected difference } errors { code field } } }"""
COUNT = """mutation($id: ID!, $counts: [CounterCountInput!]!) {
  counterShiftCount(shiftId: $id, counts: $counts, posSlips: "39.90") {
  shift { state expected difference posDifference } errors { code field } } }"""
HAND = """mutation($id: ID!) { counterShiftHandOver(shiftId: $id, retained: "200.00") {
  shift { state toRemit } errors { code field } } }"""
POS = """mutation($id: ID!) { counterOrderPayPos(saleId: $id, amount: "39.90", terminal: "30010001", slip: "000123") {
  sale { state paidBy } errors { code field } } }"""
FIELDS = {f"count-{worth}": str(pieces) for worth, pieces in TWO_HUNDRED.items()}
API = [{"worth": worth, "pieces": pieces} for worth, pieces in TWO_HUNDRED.items()]


@pytest.fixture
def desk(counter: Counter) -> Client:
    return client_of(counter.clerk)


def test_a_shift_on_the_pages(counter: Counter, drawer: Drawer, desk: Client) -> None:
    # given
    sale = counter.place(1)
    refusal = ask(desk, "cash", {"sale": sale.pk, "tendered": "50"}, 409)["error"]
    assert refusal["code"] == "SHIFT_REQUIRED"
    assert (
        "还没有开班，点此开班" in desk.get("/admin/o2o_counter_sales/countersale/workbench/").content.decode()
    )

    # when
    opening = desk.post(refusal["details"]["open"], {"drawer": drawer.pk, **FIELDS})
    ask(desk, "cash", {"sale": sale.pk, "tendered": "50"})
    shift = Shift.objects.get()
    blind = desk.get(f"{SHIFTS}{shift.pk}/change/").content.decode()
    odd = desk.post(f"{SHIFTS}{shift.pk}/count/", {**FIELDS, "count-5": "x", "pos": "0"}).content.decode()
    unprinted = desk.post(f"{SHIFTS}{shift.pk}/report/", {"paper": "80mm"})
    desk.post(f"{SHIFTS}{shift.pk}/count/", {**FIELDS, "count-20": "2", "pos": ""})
    seen = desk.get(f"{SHIFTS}{shift.pk}/hand-over/").content.decode()
    missing = desk.post(f"{SHIFTS}{shift.pk}/hand-over/", {"retained": "200"}).content.decode()
    done = desk.post(f"{SHIFTS}{shift.pk}/hand-over/", {"retained": "200", "reason": "一角没找"})

    # then
    assert opening.status_code == 302
    assert "239.90" not in blind
    assert "5 元的张数须是" in odd and 'value="1"' in odd
    assert unprinted.status_code == 302
    assert "¥239.90" in seen and "长款 ¥0.10" in seen
    assert "请填写原因" in missing and 'value="200"' in missing
    assert done.status_code == 302
    shift = Shift.objects.get()
    assert (shift.state, shift.to_remit) == (ShiftState.CLOSED, D("40.00"))
    papers = [
        desk.post(f"{SHIFTS}{shift.pk}/report/", {"paper": one}).content.decode() for one in ("80mm", "a4")
    ]
    assert "¥40.00" in papers[0] and "重印" not in papers[0] and "重印" in papers[1]


def test_who_gets_which_page(
    counter: Counter, shift: Shift, desk: Client, colleague: Callable[..., User]
) -> None:
    # given
    people = {
        "clerk": desk,
        "equal": client_of(colleague("B111", "equal")),
        "boss": client_of(colleague("B111", "boss", MANAGING)),
        "abroad": client_of(colleague("B121", "abroad", MANAGING)),
    }
    pages = {
        "change": (200, 200, 200, 404),
        "count": (200, 403, 200, 404),
        "confirm": (403, 403, 200, 404),
        "recount": (403, 403, 200, 404),
    }

    # then
    for name, expected in pages.items():
        got = [client.get(f"{SHIFTS}{shift.pk}/{name}/").status_code for client in people.values()]
        assert (name, *got) == (name, *expected)
    for path in ("drawer", "counterrules"):
        got = [
            client.get(f"/admin/o2o_counter_sales/{path}/write/").status_code for client in people.values()
        ]
        assert (path, *got) == (path, 403, 403, 200, 200)
    assert Shift.objects.get().state == ShiftState.OPEN


def test_a_manager_writes_drawers_and_rules(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    boss = client_of(colleague("B111", "boss", MANAGING))
    at = counter.org["B111"]

    # when
    for _twice in range(2):
        answer = boss.post(
            "/admin/o2o_counter_sales/drawer/write/", {"unit": at.pk, "name": "2号台", "is_active": "on"}
        )
    typed = {"unit": at.pk, "needs_shift": "on", "difference_limit": "8", "remit_by": "18:00"}
    boss.post("/admin/o2o_counter_sales/counterrules/write/", typed)
    foreign = boss.post(
        "/admin/o2o_counter_sales/counterrules/write/", {**typed, "unit": counter.org["B112"].pk}
    )

    # then
    assert "已有同名台席" in answer.content.decode()
    assert Drawer.objects.get().name == "2号台"
    assert (CounterRules.objects.get().unit_id, CounterRules.objects.get().difference_limit) == (
        at.pk,
        D("8.00"),
    )
    assert foreign.status_code == 200


def test_forgotten_shifts_and_differences_wait_on_the_home_page(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given
    boss = colleague("B111", "boss", MANAGING)
    assert todo(again(boss)) == []
    Shift.objects.update(opened_at=now() - timedelta(days=1))

    # then
    assert [one.title for one in todo(again(boss))] == [f"昨日未交班 {shift.number}"]
    assert [one.title for one in todo(again(counter.clerk))] == [f"您的班次还没有交 {shift.number}"]


def test_a_card_on_the_workbench_and_its_return(counter: Counter, shift: Shift, desk: Client) -> None:
    # given
    sale = counter.place(1)

    # when
    typed = {"sale": sale.pk, "amount": "39.90", "terminal": "3001-0001", "slip": "000123"}
    odd = ask(desk, "pos", {**typed, "slip": "1"}, 409)["error"]
    paid = ask(desk, "pos", typed)["sale"]
    page = f"/admin/o2o_counter_sales/countersale/{sale.pk}/refund/"
    asked = desk.get(page).content.decode()
    back = {"amount": "39.90", "reason": "录错商品", "key": "k" * 36, "terminal": "3001-0001"}
    missing = desk.post(page, {**back, "slip": ""}).content.decode()
    desk.post(page, {**back, "slip": "000900"})

    # then
    assert (odd["code"], odd["field"]) == ("POS_INVALID", "slip")
    assert (paid["state"], paid["card"]) == ("paid", "000123")
    assert "退货签购单凭证号" in asked
    assert "凭证号为" in missing and "3001-0001" in missing
    assert fresh(sale).state == SaleState.REFUNDED
    assert list(PosReceipt.objects.order_by("pk").values_list("kind", "slip")) == [
        ("taken", "000123"), ("given_back", "000900"),
    ]  # fmt: skip


def test_a_shift_in_the_app(counter: Counter, drawer: Drawer, colleague: Callable[..., User]) -> None:
    # when
    sale = counter.place(1)
    refused = graphql(POS, {"id": str(sale.pk)}, counter.clerk)["counterOrderPayPos"]
    opened = graphql(OPEN, {"drawer": str(drawer.pk), "counts": API}, counter.clerk)["counterShiftOpen"]
    paid = graphql(POS, {"id": str(sale.pk)}, counter.clerk)["counterOrderPayPos"]
    key = {"id": opened["shift"]["id"]}
    stranger = colleague("B121", "abroad")
    unseen = graphql(COUNT, {**key, "counts": API}, stranger)["counterShiftCount"]
    counted = graphql(COUNT, {**key, "counts": API}, counter.clerk)["counterShiftCount"]
    handed = graphql(HAND, key, counter.clerk)["counterShiftHandOver"]

    # then
    assert [error["code"] for error in refused["errors"]] == ["SHIFT_REQUIRED"]
    assert (opened["shift"]["state"], opened["shift"]["expected"], opened["shift"]["difference"]) == (
        "OPEN", None, None,
    )  # fmt: skip
    assert paid["sale"] == {"state": "PAID", "paidBy": "POS"}
    assert (unseen["shift"], len(unseen["errors"])) == (None, 1)
    assert counted["shift"] == {
        "state": "COUNTED",
        "expected": 200.0,
        "difference": 0.0,
        "posDifference": 0.0,
    }
    assert handed["shift"] == {"state": "CLOSED", "toRemit": 0.0}


def test_lists_ask_no_more_for_more_shifts(
    counter: Counter, drawer: Drawer, desk: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    # given
    for number in range(3):
        spare = Drawer.objects.create(unit=counter.org["B111"], name=f"台{number}")
        opened = open_shift(counter.clerk, spare.pk, TWO_HUNDRED)
        Shift.objects.filter(pk=opened.pk).update(state=ShiftState.CLOSED)
    pay_cash(counter.clerk, _sold(counter, drawer), D("39.90"))
    with django_assert_max_num_queries(40):
        assert desk.get(SHIFTS).status_code == 200


def _sold(counter: Counter, drawer: Drawer) -> int:
    open_shift(counter.clerk, drawer.pk, TWO_HUNDRED)
    return counter.place(1).pk


@given(st.decimals(min_value=0, max_value=99999, places=2))
def test_any_sum_is_counted_to_the_fen(sum_: Decimal) -> None:
    typed = {name.removeprefix("count-"): value for name, value in counts(sum_).items()}
    assert set(typed) <= set(DENOMINATIONS)
    assert worth_of(read_counts(typed)) == sum_
