"""缴款单: sums of slips are sums of shifts, two people, one movement."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saleor.account.models import User

from plugins.counter_sales import checking
from plugins.counter_sales.denominations import DENOMINATIONS, read_counts, worth_of
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.journeys.shift import counts
from plugins.counter_sales.models import (
    CounterRules,
    Drawer,
    FloatAccount,
    Remittance,
    RemittanceState,
    Shift,
    ShiftState,
)
from plugins.counter_sales.selectors.remittances import not_handed_in
from plugins.counter_sales.selectors.shifts import sums_of
from plugins.counter_sales.services import remittances
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.floats import remit
from plugins.counter_sales.services.refunds import refund_sale
from plugins.counter_sales.services.remittances import (
    book_remittance,
    check_remittance,
    make_remittance,
    return_remittance,
    submit_remittance,
)
from plugins.counter_sales.services.shifts import count_shift, hand_over_shift, open_shift
from plugins.counter_sales.todo import todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove
from tests.orgs import again
from tests.threads import together

from .conftest import FINANCE, SELLING, Counter
from .looking import KEY, refused
from .test_pages import client_of
from .test_shifts import drawer, shift

__all__ = ["drawer", "shift"]

D = Decimal
MAKING = (*SELLING, "remittance.view", "remittance.make")
VERIFYING = (*FINANCE, "remittance.view", "remittance.verify", "remittance.export")
BANKED = {"bank": "邮储银行解放碑支行", "reference": "R20261128001"}
SLIPS = "/admin/o2o_counter_sales/remittance/"


def pieces(sum_: Decimal) -> dict[str, str]:
    return {name.removeprefix("count-"): value for name, value in counts(sum_).items()}


@pytest.fixture
def maker(colleague: Callable[..., User]) -> User:
    return colleague("B111", "maker", MAKING)


@pytest.fixture
def verifier(colleague: Callable[..., User]) -> User:
    return colleague("C11", "verifier", VERIFYING)


@pytest.fixture
def closed(counter: Counter, shift: Shift) -> Shift:
    """79.80 in cash, 39.90 of it back: 39.90 to hand in."""
    first, second = counter.place(1), counter.place(1)
    pay_cash(counter.clerk, first.pk, D("39.90"))
    pay_cash(counter.clerk, second.pk, D("39.90"))
    refund_sale(counter.clerk, first.pk, D("39.90"), "录错商品", key=KEY)
    count_shift(counter.clerk, shift.pk, pieces(D("239.90")), D("0.00"))
    return hand_over_shift(counter.clerk, shift.pk, D("200.00"))


def test_from_the_shifts_to_the_float(counter: Counter, closed: Shift, maker: User, verifier: User) -> None:
    # when
    slip = make_remittance(again(maker), counter.org["B111"])
    submit = partial(submit_remittance, again(maker), slip.pk, pieces(D("39.90")), **BANKED)
    assert submit().state == RemittanceState.SUBMITTED
    assert submit().state == RemittanceState.SUBMITTED
    with pytest.raises(IllegalMove):
        book_remittance(again(verifier), slip.pk)
    check_remittance(again(verifier), slip.pk)
    booked = [book_remittance(again(verifier), slip.pk) for _twice in range(2)]

    # then
    assert (slip.expected, booked[0].amount, booked[1].state) == (
        D("39.90"),
        D("39.90"),
        RemittanceState.BOOKED,
    )
    assert counter.moved()[-1] == ("remit", D("39.90"), D("500.00"))
    assert len(counter.moved()) == 5
    assert checking.check_floats() == 0
    again_ = partial(make_remittance, again(maker), counter.org["B111"])
    assert refused(again_).code == Code.NOTHING_TO_REMIT


def test_cash_of_shifts_is_not_booked_by_hand_beside_the_slip(
    counter: Counter, closed: Shift, maker: User
) -> None:
    # given
    by_hand = partial(remit, again(counter.finance), counter.account.pk, D("39.90"), key="by-hand")
    before = counter.moved()

    # then: by the unit's rule, and without it as long as the cash of a shift is on its way
    assert refused(by_hand).code == Code.REMIT_BY_SLIP
    CounterRules.objects.update(needs_shift=False)
    assert refused(by_hand).code == Code.REMIT_BY_SLIP
    make_remittance(again(maker), counter.org["B111"])
    assert refused(by_hand).code == Code.REMIT_BY_SLIP
    assert counter.moved() == before


def test_what_a_slip_must_say(counter: Counter, closed: Shift, maker: User, verifier: User) -> None:
    # given
    slip = make_remittance(again(maker), counter.org["B111"])
    submit = partial(submit_remittance, again(maker), slip.pk)

    # then
    assert refused(lambda: submit(pieces(D("39.00")), **BANKED)).code == Code.REASON_REQUIRED
    assert refused(lambda: submit(pieces(D("39.90")), bank="x", reference=" ")).code == Code.DEPOSIT_REQUIRED
    assert submit(pieces(D("39.00")), **BANKED, explanation="九角硬币银行不收").difference == D("-0.90")

    # when: the county sends it back, the branch mends it
    assert refused(lambda: return_remittance(again(verifier), slip.pk, " ")).code == Code.REASON_REQUIRED
    return_remittance(again(verifier), slip.pk, "回单号不清")
    mended = submit(pieces(D("39.90")), bank="邮储银行", reference="R2")

    # then
    assert (mended.state, mended.return_reason, mended.difference) == (
        RemittanceState.SUBMITTED,
        "",
        D("0.00"),
    )


def test_who_makes_does_not_verify(counter: Counter, closed: Shift, colleague: Callable[..., User]) -> None:
    # given
    both = colleague("C11", "both", (*MAKING, *VERIFYING))
    own = colleague("B111", "own", (*MAKING, *VERIFYING))
    slip = make_remittance(again(both), counter.org["B111"])
    submit_remittance(again(both), slip.pk, pieces(D("39.90")), **BANKED)

    # then
    assert refused(lambda: check_remittance(again(both), slip.pk)).code == Code.SAME_PERSON
    assert refused(lambda: check_remittance(again(own), slip.pk)).code == Code.OWN_PLACE


def test_who_may_touch_a_slip(
    counter: Counter, closed: Shift, maker: User, verifier: User, colleague: Callable[..., User]
) -> None:
    # given
    slip = make_remittance(again(maker), counter.org["B111"])
    abroad = colleague("C12", "abroad", (*MAKING, *VERIFYING))
    shopper = counter.world.customer

    # then
    send = {"bank": "a", "reference": "b"}
    for user, error in ((abroad, OutOfScope), (shopper, OutOfScope), (counter.clerk, OutOfScope)):
        for act in (
            lambda who: submit_remittance(who, slip.pk, pieces(D("39.90")), **send),
            lambda who: check_remittance(who, slip.pk),
            lambda who: book_remittance(who, slip.pk),
            lambda who: return_remittance(who, slip.pk, "x"),
        ):
            with pytest.raises((error, NotAllowed)):
                act(again(user))
    with pytest.raises(NotAllowed):
        make_remittance(again(counter.clerk), counter.org["B111"])
    with pytest.raises(NotAllowed):
        submit_remittance(again(verifier), slip.pk, pieces(D("39.90")), **send)
    with pytest.raises(NotAllowed):
        check_remittance(again(maker), slip.pk)
    assert Remittance.objects.get().state == RemittanceState.DRAFT


def test_one_of_a_crowd_takes_the_shifts(counter: Counter, closed: Shift, maker: User, settings: Any) -> None:
    settings.O2O_LOCK_TIMEOUT = 60
    assert makings(counter, maker) == Tally({"ok": 1, "NOTHING_TO_REMIT": 5})
    assert Remittance.objects.count() == 1


def test_without_the_lock_a_shift_is_handed_in_twice(
    counter: Counter, closed: Shift, maker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_slowly(rows: Any) -> list[Any]:
        found = list(rows)
        if not Remittance.objects.exists():
            [other] = together(partial(remittances.make_remittance, again(maker), counter.org["B111"]))
            assert isinstance(other, Remittance)
        return found

    monkeypatch.setattr(remittances, "lock_rows", read_slowly)
    first_read = remittances.lock_rows
    depth = []

    def once(rows: Any) -> list[Any]:
        depth.append(1)
        return first_read(rows) if len(depth) == 1 else list(rows)

    monkeypatch.setattr(remittances, "lock_rows", once)
    make_remittance(again(maker), counter.org["B111"])
    assert Remittance.objects.count() == 2


def makings(counter: Counter, maker: User) -> Tally[str]:
    def one() -> str:
        try:
            make_remittance(again(maker), counter.org["B111"])
        except CounterError as refusal:
            return str(refusal.code)
        return "ok"

    return Tally(str(result) for result in together(*[one for _number in range(6)]))


def test_a_crowd_books_once(
    counter: Counter, closed: Shift, maker: User, verifier: User, settings: Any
) -> None:
    # given
    settings.O2O_LOCK_TIMEOUT = 60
    slip = make_remittance(again(maker), counter.org["B111"])
    submit_remittance(again(maker), slip.pk, pieces(D("39.90")), **BANKED)
    check_remittance(again(verifier), slip.pk)

    # when
    results = together(*[partial(book_remittance, again(verifier), slip.pk) for _number in range(6)])

    # then
    assert {type(result).__name__ for result in results} == {"Remittance"}
    assert FloatAccount.objects.get().balance == D("500.00")


def test_who_is_late_waits_for_the_county(
    counter: Counter, closed: Shift, maker: User, verifier: User
) -> None:
    # given
    assert not_handed_in(again(verifier)) == [] or now().hour >= 10
    Shift.objects.update(closed_at=now() - timedelta(days=1))

    # then
    [late] = not_handed_in(again(verifier))
    assert (late.unit, late.shifts) == (counter.org["B111"], 1)
    assert "未按时缴款" in [one.title for one in todo(again(verifier))]
    slip = make_remittance(again(maker), counter.org["B111"])
    assert len(not_handed_in(again(verifier))) == 1
    submit_remittance(again(maker), slip.pk, pieces(D("39.90")), **BANKED)
    assert not_handed_in(again(verifier)) == []
    assert [one.title for one in todo(again(verifier))] == [f"缴款单待核对 {slip.number}"]


def test_a_slip_on_the_pages(counter: Counter, closed: Shift, maker: User, verifier: User) -> None:
    # given
    branch, county = client_of(maker), client_of(verifier)

    # when
    empty = branch.get(SLIPS).content.decode()
    branch.post(f"{SLIPS}make/", {"unit": counter.org["B111"].pk})
    slip = Remittance.objects.get()
    draft = branch.post(f"{SLIPS}{slip.pk}/paper/", {"paper": "a4"}).status_code
    wrong = branch.post(f"{SLIPS}{slip.pk}/submit/", {"count-20": "1", **BANKED}).content.decode()
    branch.post(f"{SLIPS}{slip.pk}/submit/", {**counts(D("39.90")), **BANKED})
    seen = county.get(f"{SLIPS}{slip.pk}/change/").content.decode()
    self_check = branch.get(f"{SLIPS}{slip.pk}/check/").status_code
    papers = [branch.post(f"{SLIPS}{slip.pk}/paper/", {"paper": one}).content.decode() for one in ("a4", "x")]
    county.post(f"{SLIPS}{slip.pk}/check/")
    county.post(f"{SLIPS}{slip.pk}/book/")

    # then
    assert f'href="{SLIPS}make/"' in empty
    assert "请填写差异说明" in wrong and BANKED["reference"] in wrong
    assert closed.number in seen and "核对无误" in seen
    assert (draft, [closed.number in one and "¥39.90" in one for one in papers]) == (302, [True, True])
    assert ["重印" in one for one in papers] == [False, True]
    assert self_check == 403
    assert Remittance.objects.get().state == RemittanceState.BOOKED
    assert counter.balance() == D("500.00")
    assert Client().get(SLIPS).status_code == 302


DAY = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.integers(1, 2)),
        st.tuples(st.just("back"), st.integers(1, 3990)),
        st.tuples(st.just("hand over"), st.integers(-300, 300)),
    ),
    max_size=8,
)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(day=DAY)
def test_any_day_adds_up_to_the_fen(counter: Counter, drawer: Drawer, maker: User, day: list[Any]) -> None:
    """opening + in - out = counted - difference for each shift; the slip is the sum of its shifts."""
    # given
    Shift.objects.update(remittance=None)
    Remittance.objects.all().delete()
    first = Shift.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    retained = Shift.objects.filter(drawer=drawer).order_by("-pk").values_list("retained", flat=True).first()
    opened = partial(open_shift, counter.clerk, drawer.pk)
    running = opened(pieces(retained if retained is not None else D("200.00")))
    sales: list[Any] = []

    def close(off: int) -> None:
        expected = running.opening + sums_of(running).cash
        there = max(expected + D(off) / 100, D(0))
        count_shift(counter.clerk, running.pk, pieces(there), D("0.00"))
        keep = min(there, D("200.00"))
        hand_over_shift(counter.clerk, running.pk, keep, "差异")
        Shift.objects.filter(pk=running.pk, state=ShiftState.HELD).update(state=ShiftState.CLOSED)

    # when
    for what, much in day:
        if what == "sell":
            try:
                sale = counter.place(much)
            except CounterError:  # the ten boxes are gone
                continue
            pay_cash(counter.clerk, sale.pk, sale.total)
            sales.append(sale)
        elif what == "back" and sales:
            sale = sales.pop()
            refund_sale(counter.clerk, sale.pk, D(much) / 100, "x", key=KEY)
        elif what == "hand over":
            close(much)
            running = opened(pieces(Shift.objects.get(pk=running.pk).retained))
    close(0)
    shifts = list(Shift.objects.filter(pk__gt=first))
    slip = make_remittance(again(maker), counter.org["B111"])

    # then
    for one in shifts:
        assert one.counted is not None
        sums = sums_of(one)
        assert one.opening + sums.cash_in - sums.cash_back == one.counted - one.difference
    inside = Shift.objects.filter(remittance=slip)
    assert slip.expected == sum((one.to_remit for one in inside), D("0.00"))
    assert set(pieces(slip.expected)) <= set(DENOMINATIONS)
    assert worth_of(read_counts(pieces(slip.expected))) == slip.expected
