"""The slip and the goods: codes, copies, handing over once."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from saleor.account.models import User
from saleor.order.models import Fulfillment
from saleor.warehouse.models import Stock

from plugins.counter_sales.blockers import open_floats, unfinished_sales
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.hours import hours_text
from plugins.counter_sales.models import CounterSale, SaleState
from plugins.counter_sales.selectors.sales import day_of
from plugins.counter_sales.services import pickup
from plugins.counter_sales.services.cancelling import cancel_sale
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.pickup import hand_over, sale_by_code
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.slips import print_slip
from plugins.counter_sales.todo import todo
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again
from tests.threads import together

from .conftest import Counter

D = Decimal


@pytest.fixture
def paid(counter: Counter) -> CounterSale:
    """Two boxes, paid in cash."""
    sale = counter.place(2)
    pay_cash(counter.clerk, sale.pk, D("80.00"))
    return CounterSale.objects.get(pk=sale.pk)


def refused(call: Callable[[], Any]) -> Code:
    with pytest.raises(CounterError) as caught:
        call()
    return caught.value.code


def test_the_goods_leave_once(counter: Counter, paid: CounterSale) -> None:
    # when: ten clicks
    results = together(*[partial(hand_over, again(counter.clerk), paid.pk) for _ in range(10)])

    # then
    assert Tally(type(one).__name__ for one in results) == Tally({"CounterSale": 1, "CounterError": 9})
    assert {one.code for one in results if isinstance(one, CounterError)} == {Code.ALREADY_HANDED}
    assert (Stock.objects.get().quantity, Fulfillment.objects.count()) == (8, 1)
    paid.refresh_from_db(fields=["handed_at", "handed_by"])
    assert paid.handed_by == counter.clerk


def test_without_the_lock_a_crowd_gets_the_goods_twice(
    counter: Counter, paid: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: neither the sale's lock nor the order's
    monkeypatch.setattr(pickup, "lock_sale", lambda pk: CounterSale.objects.get(pk=pk))
    monkeypatch.setattr(pickup, "lock_for_fulfilment", lambda pk: CounterSale.objects.get(order_id=pk).order)
    monkeypatch.setattr(pickup, "move", lambda sale, _name, user_id: None)

    # when
    together(*[partial(hand_over, again(counter.clerk), paid.pk) for _ in range(10)])

    # then
    assert Fulfillment.objects.count() > 1


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "dashed"])
def test_a_code_is_understood_as_it_is_typed(counter: Counter, paid: CounterSale, typed: str) -> None:
    # given
    code = paid.pickup_code
    shapes = {"lower": code.lower(), "dashed": f"{code[:4]}-{code[4:]}"}

    # then
    assert sale_by_code(counter.clerk, shapes.get(typed, typed.format(code))) == paid


@pytest.mark.parametrize("typed", ["", "OOOO", "ABCDEFGH", "1234567890123", "🙂", "a\x00b"])
def test_codes_that_do_not_exist(counter: Counter, paid: CounterSale, typed: str) -> None:
    # given
    cache.clear()

    # then
    assert refused(lambda: sale_by_code(counter.clerk, typed)) == Code.CODE_UNKNOWN


def test_guessing_is_stopped(counter: Counter, paid: CounterSale) -> None:
    # given
    cache.clear()
    for _try in range(20):
        assert refused(lambda: sale_by_code(counter.clerk, "ACDEFGHJ")) == Code.CODE_UNKNOWN

    # then: also the right one waits now
    assert refused(lambda: sale_by_code(counter.clerk, paid.pickup_code)) == Code.TOO_MANY_TRIES
    cache.clear()


def test_another_county_does_not_know_the_code(
    counter: Counter, paid: CounterSale, colleague: Callable[..., User]
) -> None:
    # given
    abroad = colleague("B121", "abroad")
    viewer = colleague("C11", "viewer", ["counter_order.view"])

    # then
    assert refused(lambda: sale_by_code(abroad, paid.pickup_code)) == Code.CODE_UNKNOWN
    for user, error in ((abroad, OutOfScope), (viewer, NotAllowed), (counter.world.customer, OutOfScope)):
        with pytest.raises(error):
            hand_over(again(user), paid.pk)
        with pytest.raises(error):
            print_slip(again(user), paid.pk)
    paid.refresh_from_db(fields=["prints"])
    assert (paid.prints, Fulfillment.objects.count()) == (0, 0)


def test_what_is_not_handed_over(counter: Counter) -> None:
    # given
    unpaid, cancelled, sent, refunded = (
        counter.place(1),
        counter.place(1),
        counter.place(
            1,
            delivery="address",
            address={"name": "王", "phone": "13800000002", "district": "渝中区", "street": "民族路"},
        ),
        counter.place(1),
    )
    cancel_sale(counter.clerk, cancelled.pk)
    pay_cash(counter.clerk, sent.pk, D("50.00"))
    pay_cash(counter.clerk, refunded.pk, D("50.00"))
    refund_sale(counter.clerk, refunded.pk, D("39.90"), "x", key="5b1f6f0e-0000-4000-8000")

    # then
    for sale, code in (
        (unpaid, Code.NOT_PAID),
        (cancelled, Code.SALE_CLOSED),
        (sent, Code.NOT_PICKUP),
        (refunded, Code.SALE_CLOSED),
    ):
        assert refused(lambda pk=sale.pk: hand_over(counter.clerk, pk)) == code
    assert Fulfillment.objects.count() == 0


def test_an_order_cancelled_in_the_dashboard_is_not_handed_over(counter: Counter, paid: CounterSale) -> None:
    # given
    from tests.buying import clerk as dashboard

    assert dashboard.cancel(counter.world, paid.order) == []

    # then
    assert refused(lambda: hand_over(counter.clerk, paid.pk)) == Code.SALE_CLOSED
    paid = CounterSale.objects.get(pk=paid.pk)
    assert paid.state == SaleState.PAID
    # and the cash can still go back
    refund_sale(counter.clerk, paid.pk, D("79.80"), "x", key="5b1f6f0e-0000-4000-8000")
    assert counter.balance() == D("500.00")


def test_every_copy_after_the_first_says_so(counter: Counter, paid: CounterSale) -> None:
    # when
    copies = [print_slip(counter.clerk, paid.pk, paper) for paper in ("80mm", "a5", "poster")]

    # then
    assert [(one.copy, one.is_reprint, one.paper) for one in copies] == [
        (1, False, "80mm"),
        (2, True, "a5"),
        (3, True, "80mm"),
    ]
    assert copies[0].code == f"{paid.pickup_code[:4]}-{paid.pickup_code[4:]}"
    assert copies[0].qr_svg.startswith("<svg")
    assert AuditEntry.objects.filter(action="counter.slip_printed").count() == 3


def test_no_slip_before_the_money_and_no_code_after_the_goods(counter: Counter, paid: CounterSale) -> None:
    # given
    unpaid = counter.place(1)
    hand_over(counter.clerk, paid.pk)

    # then
    assert refused(lambda: print_slip(counter.clerk, unpaid.pk)) == Code.NOT_PAID
    assert print_slip(counter.clerk, paid.pk).code == ""


def test_a_clerks_day(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    other = colleague("B111", "second", limits={"cash": "1000.00"})
    first, second, third = counter.place(2), counter.place(1), counter.place(1)
    pay_cash(counter.clerk, first.pk, D("80.00"))
    pay_cash(other, second.pk, D("40.00"))  # a colleague took the money of the clerk's sale
    cancel_sale(counter.clerk, third.pk)
    refund_sale(counter.clerk, first.pk, D("9.80"), "x", key="5b1f6f0e-0000-4000-8000")
    hand_over(counter.clerk, second.pk)
    counter.place(1)

    # when
    day = day_of(counter.clerk, today())

    # then
    assert (day.sales, day.worth, day.waiting, day.cancelled, day.handed) == (3, D("159.60"), 1, 1, 1)
    assert (day.cash, day.cash_count, day.cash_back, day.drawer) == (D("79.80"), 1, D("9.80"), D("70.00"))
    assert (day.code, day.code_count, day.code_back) == (D("0.00"), 0, D("0.00"))
    assert day.accounts == [counter.account]
    assert day_of(other, today()).drawer == D("39.90")


def test_what_keeps_a_branch_from_closing(counter: Counter, paid: CounterSale) -> None:
    # then
    branch = counter.org["B111"]
    assert [one.count for one in unfinished_sales(branch)] == [1]
    assert [one.count for one in open_floats(branch)] == [1]
    hand_over(counter.clerk, paid.pk)
    assert [one.count for one in unfinished_sales(branch)] == [0]
    assert [one.count for one in open_floats(counter.org["B112"])] == [0]


def test_what_waits_on_the_home_page(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    from plugins.counter_sales.services import floats

    sale = counter.place(1)
    floats.configure(counter.finance, counter.account.pk, alarm_below=D("600.00"))
    floats.ask_adjustment(counter.finance, counter.account.pk, D("1.00"), "长款")
    other = colleague("C11", "other", ["float.view", "float.adjust"])

    # then
    assert [one.title for one in todo(again(counter.clerk))] == [f"柜台待收款 {sale.number}"]
    assert [one.title for one in todo(again(counter.finance))] == ["备付金不足"]
    assert [one.title.split()[0] for one in todo(again(other))] == ["复核备付金调整"]
    assert todo(counter.world.customer) == []

    # when: the branch is no more
    OrgUnit.objects.filter(pk=counter.account.unit_id).update(status="closed")
    # then: nobody is asked to top it up
    assert todo(again(counter.finance)) == []


def test_refusals_are_dark_on_dark_pages_only() -> None:
    # given
    style = (Path(pickup.__file__).parents[1] / "static/o2o_counter_sales/counter.css").read_text()

    # then
    dark = [line for line in style.splitlines() if "#450a0a" in line]
    assert dark and all(line.startswith("html.dark ") for line in dark)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({}, ""),
        ({str(day): [["08:30", "17:30"]] for day in range(1, 8)}, "周一至周日 08:30-17:30"),
        (
            {**{str(day): [["08:30", "12:00"], ["14:00", "17:30"]] for day in range(1, 6)}, "6": [["09:00", "12:00"]]},
            "周一至周五 08:30-12:00、14:00-17:30，周六 09:00-12:00",
        ),
        ({"1": "odd", "2": [["x"]]}, ""),
    ],
)  # fmt: skip
def test_hours_in_words(hours: dict[str, Any], words: str) -> None:
    # then
    assert hours_text(hours) == words


def line_of(sale: CounterSale) -> int:
    return int(sale.order.lines.get().pk)


def test_some_now_and_the_rest_later(counter: Counter, paid: CounterSale) -> None:
    # when
    part = hand_over(counter.clerk, paid.pk, {line_of(paid): 1}, seen=0)
    slip = print_slip(counter.clerk, paid.pk)
    shelf = Stock.objects.get().quantity

    # then: paid, its code good for the rest, Saleor's order partly fulfilled
    assert (part.state, sale_by_code(counter.clerk, paid.pickup_code).pk) == ("paid", paid.pk)
    assert (slip.handing.handed, slip.handing.left, slip.handing.is_partial) == (1, 1, True)
    assert (shelf, paid.order.__class__.objects.get().status) == (9, "partially fulfilled")
    assert unfinished_sales(counter.org["B111"])[0].count == 1

    # when
    rest = hand_over(counter.clerk, paid.pk)

    # then
    assert (rest.state, Stock.objects.get().quantity) == ("handed", 8)
    assert [one.lines.get().quantity for one in Fulfillment.objects.order_by("pk")] == [1, 1]
    assert refused(lambda: hand_over(counter.clerk, paid.pk)) == Code.ALREADY_HANDED


@pytest.mark.parametrize("quantities", [{}, {"own": 0}, {"own": 3}, {"own": -1}, {"other": 1}])
def test_odd_quantities_hand_nothing_over(
    counter: Counter, paid: CounterSale, quantities: dict[str, int]
) -> None:
    # given
    keys = {"own": line_of(paid), "other": 999999}

    # then
    asked = {keys[name]: count for name, count in quantities.items()}
    assert refused(lambda: hand_over(counter.clerk, paid.pk, asked)) == Code.QUANTITY_INVALID
    assert Fulfillment.objects.count() == 0


def test_two_clerks_with_one_code_hand_each_piece_once(
    counter: Counter, paid: CounterSale, colleague: Callable[..., User]
) -> None:
    # given: both have read the slip, each wants to give one piece
    other, line = colleague("B111", "second"), line_of(paid)

    # when
    results = together(
        *[partial(hand_over, again(user), paid.pk, {line: 1}, seen=0) for user in (counter.clerk, other) * 3]
    )

    # then: the first one; the others are told that something has changed
    assert Tally(type(one).__name__ for one in results) == Tally({"CounterSale": 1, "CounterError": 5})
    assert {one.code for one in results if isinstance(one, CounterError)} == {Code.HANDING_CHANGED}
    assert Stock.objects.get().quantity == 9


def test_a_crowd_gets_as_many_pieces_as_were_paid(counter: Counter) -> None:
    # given: five pieces, twelve hands
    sale = counter.place(5)
    pay_cash(counter.clerk, sale.pk, D("200.00"))

    # when
    results = together(
        *[partial(hand_over, again(counter.clerk), sale.pk, {line_of(sale): 1}) for _ in range(12)]
    )

    # then
    assert Tally(type(one).__name__ for one in results) == Tally({"CounterSale": 5, "CounterError": 7})
    assert (Stock.objects.get().quantity, sale.order.lines.get().quantity_fulfilled) == (5, 5)
    assert CounterSale.objects.get().state == SaleState.HANDED


def test_without_the_locks_a_crowd_gets_more_than_was_paid(
    counter: Counter, paid: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(pickup, "lock_sale", lambda pk: CounterSale.objects.get(pk=pk))
    monkeypatch.setattr(pickup, "lock_for_fulfilment", lambda pk: CounterSale.objects.get(order_id=pk).order)
    monkeypatch.setattr(pickup, "move", lambda sale, _name, user_id: None)

    # when
    together(*[partial(hand_over, again(counter.clerk), paid.pk, {line_of(paid): 1}) for _ in range(10)])

    # then
    assert sum(one.lines.get().quantity for one in Fulfillment.objects.all()) > 2


def test_all_the_money_back_frees_what_was_not_fetched(counter: Counter, paid: CounterSale) -> None:
    # given: one of two fetched
    hand_over(counter.clerk, paid.pk, {line_of(paid): 1})

    # when: the customer keeps it, the rest is free
    refund_sale(counter.clerk, paid.pk, D("79.80"), "坏了", key="5b1f6f0e-0000-4000-8000")

    # then
    stock = Stock.objects.get()
    assert (stock.quantity, stock.allocations.filter(quantity_allocated__gt=0).count()) == (9, 0)
    assert refused(lambda: hand_over(counter.clerk, paid.pk)) == Code.SALE_CLOSED
