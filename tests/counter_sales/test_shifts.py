"""Shifts: one a drawer and one a clerk, counted blind, differences in two pairs of hands."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection
from saleor.account.models import User

from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import (
    CashReceipt,
    CounterRules,
    Drawer,
    FloatAccount,
    PosReceipt,
    SaleState,
    Shift,
    ShiftState,
)
from plugins.counter_sales.selectors.shifts import sums_of
from plugins.counter_sales.services import shifts, tills
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.codes import show_code
from plugins.counter_sales.services.pos import pay_pos, read_slip
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.shifts import (
    confirm_shift,
    count_shift,
    hand_over_shift,
    open_shift,
    recount_shift,
)
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove
from tests.orgs import again
from tests.threads import together

from .conftest import SELLING, Counter, Wechat
from .looking import KEY, fresh, refused

D = Decimal
TWO_HUNDRED = {"100": 1, "50": 2}
MANAGING = (*SELLING, "counter_order.shift")


@pytest.fixture
def drawer(counter: Counter) -> Drawer:
    """B111's first drawer; nothing is taken there without a shift, differences above 5 yuan need a second person."""
    CounterRules.objects.create(unit=counter.org["B111"], difference_limit=D("5.00"))
    return Drawer.objects.create(unit=counter.org["B111"], name="1号台")


@pytest.fixture
def shift(counter: Counter, drawer: Drawer) -> Shift:
    """The clerk's shift, opened with 200 yuan."""
    return open_shift(counter.clerk, drawer.pk, TWO_HUNDRED)


def now_of(shift: Shift) -> Shift:
    return Shift.objects.get(pk=shift.pk)


def slip(number: str = "000123") -> Any:
    return read_slip("30010001", number)


def test_cash_and_cards_need_a_shift_and_codes_do_not(
    counter: Counter, drawer: Drawer, wechat: Wechat
) -> None:
    # given
    sale = counter.place(1)

    # then
    for call in (
        partial(pay_cash, counter.clerk, sale.pk, D("50.00")),
        partial(pay_pos, counter.clerk, sale.pk, D("39.90"), slip()),
    ):
        refusal = refused(call)
        assert refusal.code == Code.SHIFT_REQUIRED
        assert refusal.details == {"open": "/admin/o2o_counter_sales/shift/till/"}
    assert (CashReceipt.objects.count(), PosReceipt.objects.count(), counter.balance()) == (0, 0, D("500.00"))
    assert show_code(counter.clerk, sale.pk).content


def test_a_shift_from_the_opening_to_the_hand_over(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given: 39.90 in cash twice, 79.80 by card, 39.90 cash back
    first, second, third = counter.place(1), counter.place(1), counter.place(2)
    pay_cash(counter.clerk, first.pk, D("50.00"))
    pay_cash(counter.clerk, second.pk, D("39.90"))
    pay_pos(counter.clerk, third.pk, D("79.80"), slip())
    refund_sale(counter.clerk, first.pk, D("39.90"), "录错商品", key=KEY)
    nextone = colleague("B111", "next")

    # when: 200 + 39.90 are there, to the fen
    there = {**TWO_HUNDRED, "20": 1, "10": 1, "5": 1, "1": 4, "0.5": 1, "0.1": 4}
    counted = count_shift(counter.clerk, shift.pk, there, D("79.80"))
    closed = hand_over_shift(counter.clerk, shift.pk, D("200.00"), handed_to=nextone.pk)

    # then
    assert (counted.expected, counted.counted, counted.difference) == (D("239.90"), D("239.90"), D("0.00"))
    assert (closed.state, closed.to_remit, closed.handed_to) == (ShiftState.CLOSED, D("39.90"), nextone)
    sums = sums_of(closed)
    assert (sums.cash_in, sums.cash_back, sums.pos_in, sums.sold, sums.sold_count) == (
        D("79.80"), D("39.90"), D("79.80"), D("159.60"), 3,
    )  # fmt: skip
    assert {fresh(sale).shift_id for sale in (first, second, third)} == {shift.pk}

    # when: the next clerk takes over what was left
    after = open_shift(nextone, shift.drawer_id, TWO_HUNDRED)

    # then
    assert (after.previous_id, after.opening_difference) == (shift.pk, D("0.00"))
    assert now_of(shift).next.clerk == nextone


def test_a_counted_shift_takes_nothing_more(counter: Counter, shift: Shift) -> None:
    # given
    sale, later = counter.place(1), counter.place(1)
    pay_cash(counter.clerk, sale.pk, D("39.90"))
    count_shift(counter.clerk, shift.pk, TWO_HUNDRED, D("0.00"))

    # then
    assert refused(partial(pay_cash, counter.clerk, later.pk, D("39.90"))).code == Code.SHIFT_REQUIRED
    back = partial(refund_sale, counter.clerk, sale.pk, D("1.00"), "x", key=KEY)
    assert refused(back).code == Code.SHIFT_REQUIRED
    assert now_of(shift).expected == D("239.90")
    # the count is entered once: whoever has seen the expected sum cannot enter another
    with pytest.raises(IllegalMove):
        count_shift(counter.clerk, shift.pk, {"100": 9}, D("0.00"))
    assert count_shift(counter.clerk, shift.pk, TWO_HUNDRED, D("0.00")).counted == D("200.00")


def test_small_differences_need_a_reason_and_large_ones_another_person(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given: 6 yuan are missing
    boss = colleague("B111", "boss", MANAGING)
    count_shift(counter.clerk, shift.pk, {"100": 1, "50": 1, "20": 2, "1": 4}, D("0.00"))

    # then
    hand = partial(hand_over_shift, counter.clerk, shift.pk, D("190.00"))
    assert refused(hand).code == Code.REASON_REQUIRED
    held = hand("找零找错")
    assert (held.state, held.difference, held.to_remit) == (ShiftState.HELD, D("-6.00"), D("4.00"))
    with pytest.raises(NotAllowed):
        confirm_shift(again(counter.clerk), shift.pk, "同意")
    # the drawer is free meanwhile
    other = colleague("B111", "other")
    assert open_shift(other, shift.drawer_id, {"100": 1, "50": 1, "20": 2}).state == ShiftState.OPEN
    assert refused(partial(confirm_shift, again(boss), shift.pk, " ")).code == Code.REASON_REQUIRED
    done = confirm_shift(again(boss), shift.pk, "已核对流水，由当班人补足")
    assert (done.state, done.confirmed_by) == (ShiftState.CLOSED, boss)


def test_a_slip_of_the_finger_is_counted_anew_by_another(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given: 20 hundreds instead of 2
    boss = colleague("B111", "boss", MANAGING)
    count_shift(counter.clerk, shift.pk, {"100": 20}, D("0.00"))
    hand_over_shift(counter.clerk, shift.pk, D("200.00"), "输错了")

    # when
    done = recount_shift(again(boss), shift.pk, {"100": 2}, D("0.00"), "当面复点")

    # then
    assert (done.state, done.counted, done.difference, done.counted_by) == (
        ShiftState.CLOSED, D("200.00"), D("0.00"), boss,
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="counter.shift_recounted")
    assert entry.before["counted"] == "2000.00"


def test_who_counts_a_forgotten_shift_does_not_confirm_it(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given
    boss = colleague("B111", "boss", MANAGING)
    above = colleague("C11", "above", MANAGING)

    # when
    count_shift(again(boss), shift.pk, {"100": 1}, D("0.00"))
    hand_over_shift(again(boss), shift.pk, D("100.00"), "当班人忘记交班")

    # then
    assert refused(partial(confirm_shift, again(boss), shift.pk, "x")).code == Code.SAME_PERSON
    assert confirm_shift(again(above), shift.pk, "已查监控").state == ShiftState.CLOSED


def test_opening_with_another_sum_needs_a_reason(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given
    count_shift(counter.clerk, shift.pk, TWO_HUNDRED, D("0.00"))
    hand_over_shift(counter.clerk, shift.pk, D("200.00"))
    other = colleague("B111", "other")

    # then
    assert refused(partial(open_shift, other, shift.drawer_id, {"100": 1})).code == Code.REASON_REQUIRED
    opened = open_shift(other, shift.drawer_id, {"100": 1}, "少一百，已告知支局长")
    assert opened.opening_difference == D("-100.00")


def test_a_manager_without_a_drawer_gives_back_from_the_clerks(
    counter: Counter, shift: Shift, colleague: Callable[..., User]
) -> None:
    # given
    boss = colleague("B111", "boss", MANAGING, limits={"refund": "500.00"})
    sale = counter.place(5)
    pay_cash(counter.clerk, sale.pk, D("200.00"))

    # when
    refund_sale(again(boss), sale.pk, D("150.00"), "商品质量问题", key=KEY)

    # then
    assert [one.amount for one in shift.movements.order_by("pk")] == [D("-199.50"), D("150.00")]
    assert sums_of(shift).cash == D("49.50")


# -- cards -----------------------------------------------------------------------------------------------------------


def test_a_card_is_booked_once_and_leaves_the_float_alone(counter: Counter, shift: Shift) -> None:
    # given
    sale, other = counter.place(1), counter.place(1)

    # when
    first = pay_pos(counter.clerk, sale.pk, D("39.90"), slip())
    again_ = pay_pos(counter.clerk, sale.pk, D("39.90"), slip())

    # then
    assert first == again_
    assert fresh(sale).order.is_fully_paid()
    assert counter.balance() == D("500.00")
    pay = partial(pay_pos, counter.clerk, other.pk)
    assert refused(partial(pay, D("39.90"), slip())).code == Code.POS_SLIP_USED
    assert refused(partial(pay, D("39.00"), slip("000124"))).code == Code.AMOUNT_INVALID
    assert fresh(other).state == SaleState.PLACED


def test_a_card_goes_back_by_the_terminal(counter: Counter, shift: Shift) -> None:
    # given
    sale = counter.place(1)
    pay_pos(counter.clerk, sale.pk, D("39.90"), slip())
    back = partial(refund_sale, counter.clerk, sale.pk, D("39.90"), "录错商品", key=KEY)

    # then
    assert refused(back).code == Code.POS_INVALID
    assert refused(partial(back, pos=slip())).code == Code.POS_SLIP_USED
    assert fresh(sale).refunded == D("0.00")
    assert back(pos=slip("000200")).state == SaleState.REFUNDED
    assert back(pos=slip("000200")).refunded == D("39.90")
    assert sums_of(shift).pos == D("0.00")
    assert counter.balance() == D("500.00")


@pytest.mark.parametrize("statement", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
def test_card_receipts_are_never_changed(counter: Counter, shift: Shift, statement: str) -> None:
    # given
    pay_pos(counter.clerk, counter.place(1).pk, D("39.90"), slip())

    # then
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement.format(PosReceipt._meta.db_table))


# -- who may ---------------------------------------------------------------------------------------------------------


def test_who_may_touch_a_shift(counter: Counter, shift: Shift, colleague: Callable[..., User]) -> None:
    # given
    abroad = colleague("B121", "abroad", MANAGING)
    equal = colleague("B111", "equal")
    shopper = counter.world.customer

    # then
    for user, error in ((abroad, OutOfScope), (shopper, OutOfScope), (equal, NotAllowed)):
        for act in (
            lambda who: count_shift(who, shift.pk, TWO_HUNDRED, D("0.00")),
            lambda who: hand_over_shift(who, shift.pk, D("0.00")),
            lambda who: confirm_shift(who, shift.pk, "x"),
            lambda who: recount_shift(who, shift.pk, TWO_HUNDRED, D("0.00"), "x"),
        ):
            with pytest.raises(error):
                act(again(user))
    for user in (abroad, shopper):
        with pytest.raises(OutOfScope):
            open_shift(again(user), shift.drawer_id, TWO_HUNDRED)
    assert now_of(shift).state == ShiftState.OPEN
    assert Shift.objects.count() == 1


@pytest.mark.parametrize("typed", [{"100": "-1"}, {"5": "1.5"}, {"1": "x"}, {"0.1": "10000"}, {"50": "²"}])
def test_odd_counts_are_refused_in_words(counter: Counter, shift: Shift, typed: dict[str, str]) -> None:
    refusal = refused(partial(count_shift, counter.clerk, shift.pk, typed, D("0.00")))
    assert (refusal.code, refusal.field) == (Code.COUNT_INVALID, f"count-{next(iter(typed))}")


# -- crowds ----------------------------------------------------------------------------------------------------------


def openings(counter: Counter, people: list[User], drawer: Drawer) -> Tally[str]:
    def one(user: User) -> str:
        try:
            open_shift(again(user), drawer.pk, TWO_HUNDRED)
        except CounterError as refusal:
            return str(refusal.code)
        return "ok"

    return Tally(str(result) for result in together(*[partial(one, user) for user in people]))


def test_one_of_a_crowd_opens_a_drawer(
    counter: Counter, drawer: Drawer, colleague: Callable[..., User], settings: Any
) -> None:
    settings.O2O_LOCK_TIMEOUT = 60
    people = [colleague("B111", f"c{number}") for number in range(6)]
    assert openings(counter, people, drawer) == Tally({"ok": 1, "SHIFT_BUSY": 5})
    assert Shift.objects.count() == 1


def test_without_lock_and_constraint_the_crowd_shares_a_drawer(
    counter: Counter, drawer: Drawer, colleague: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(shifts, "lock_drawer", lambda pk: Drawer.objects.get(pk=pk))
    people = [colleague("B111", f"c{number}") for number in range(6)]
    [constraint] = [one for one in Shift._meta.constraints if one.name == "o2o_counter_shift_a_drawer"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Shift, constraint)

    # when
    try:
        openings(counter, people, drawer)
        opened = Shift.objects.count()
    finally:
        Shift.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Shift, constraint)

    # then
    assert opened > 1


def selling_while_counting(counter: Counter, shift: Shift) -> Decimal:
    """Six sales while the drawer is counted; by how much the frozen sum differs from the papers."""
    sales = [counter.place(1) for _number in range(6)]

    def sell(pk: int) -> str:
        try:
            pay_cash(again(counter.clerk), pk, D("39.90"))
        except CounterError as refusal:
            return str(refusal.code)
        return "ok"

    together(
        *[partial(sell, sale.pk) for sale in sales],
        partial(count_shift, again(counter.clerk), shift.pk, TWO_HUNDRED, D("0.00")),
    )
    done = now_of(shift)
    assert done.expected is not None
    return done.opening + sums_of(done).cash - done.expected


def test_no_sale_slips_in_beside_the_count(counter: Counter, shift: Shift, settings: Any) -> None:
    settings.O2O_LOCK_TIMEOUT = 60
    assert selling_while_counting(counter, shift) == D("0.00")
    assert FloatAccount.objects.get().balance == D("500.00") - CashReceipt.objects.count() * D("39.90")


def test_without_the_lock_a_sale_slips_in(
    counter: Counter, shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the till is read, not locked, and the count comes between reading and booking
    real = tills.lock_rows

    def counted_meanwhile(rows: Any) -> list[Any]:
        found = list(rows)
        if found and not Shift.objects.filter(state=ShiftState.COUNTED).exists():
            [result] = together(partial(count_shift, again(counter.clerk), shift.pk, TWO_HUNDRED, D("0.00")))
            assert isinstance(result, Shift)
        return found

    assert real is not None
    monkeypatch.setattr(tills, "lock_rows", counted_meanwhile)

    # when
    pay_cash(counter.clerk, counter.place(1).pk, D("39.90"))

    # then
    done = now_of(shift)
    assert done.opening + sums_of(done).cash - (done.expected or 0) == D("39.90")
