"""Floats: who may move them, how far, that they add up, and that a crowd at one counter cannot overdraw one."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from saleor.account.models import User

from plugins.counter_sales import checking
from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import (
    AdjustmentState,
    FloatAccount,
    FloatAdjustment,
    FloatMovement,
    MovementKind,
)
from plugins.counter_sales.services import floats
from saleor_o2o.kernel.models import AuditEntry, EventRecord
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from saleor_o2o.kernel.states import IllegalMove
from tests.channels import shops
from tests.orgs import again
from tests.threads import together

from .conftest import FINANCE, Counter

D = Decimal


def debit(account_pk: int, amount: Decimal, biz_id: str, user: User) -> FloatMovement:
    with transaction.atomic():
        account = floats.lock_account(account_pk)
        return floats.post(account, MovementKind.SALE, -amount, biz_type="test", biz_id=biz_id, operator=user)


def code_of(call: Callable[[], Any]) -> Code:
    with pytest.raises(CounterError) as refused:
        call()
    return refused.value.code


def test_every_movement_carries_the_balance_after_it(counter: Counter) -> None:
    # when
    debit(counter.account.pk, D("120.50"), "a", counter.clerk)
    floats.remit(counter.finance, counter.account.pk, D("100.00"), key="r1", note="当日缴款")

    # then
    assert counter.moved() == [
        ("top_up", D("500.00"), D("500.00")),
        ("sale", D("-120.50"), D("379.50")),
        ("remit", D("100.00"), D("479.50")),
    ]
    assert counter.balance() == D("479.50")
    assert checking.check_floats() == 0
    checking.floats_add_up()


def test_never_below_the_credit_line(counter: Counter) -> None:
    # given
    floats.configure(counter.finance, counter.account.pk, credit_limit=D("50.00"))

    # when: everything, to the last fen
    debit(counter.account.pk, D("550.00"), "a", counter.clerk)

    # then
    assert counter.balance() == D("-50.00")
    with pytest.raises(CounterError) as refused:
        debit(counter.account.pk, D("0.01"), "b", counter.clerk)
    assert refused.value.code == Code.FLOAT_INSUFFICIENT
    assert "还差 ¥0.01" in refused.value.message
    assert refused.value.details == {"available": "0.00", "missing": "0.01"}
    assert counter.account.movements.count() == 2


def test_a_credit_line_is_not_cut_below_what_is_used_of_it(counter: Counter) -> None:
    # given
    floats.configure(counter.finance, counter.account.pk, credit_limit=D("100.00"))
    debit(counter.account.pk, D("560.00"), "a", counter.clerk)

    # then
    cut = partial(floats.configure, counter.finance, counter.account.pk)
    assert code_of(partial(cut, credit_limit=D("59.99"))) == Code.CREDIT_IN_USE
    assert cut(credit_limit=D("60.00")).available == D("0.00")


def test_the_same_business_moves_money_once(counter: Counter) -> None:
    # when
    first = floats.top_up(counter.finance, counter.account.pk, D("30.00"), key="k")
    second = floats.top_up(counter.finance, counter.account.pk, D("30.00"), key="k")

    # then
    assert first == second
    assert counter.balance() == D("530.00")
    again_with_more = partial(floats.top_up, counter.finance, counter.account.pk, D("31.00"), key="k")
    assert code_of(again_with_more) == Code.KEY_REUSED


def test_a_frozen_float_gives_nothing_and_still_takes(counter: Counter) -> None:
    # given
    set_ = partial(floats.configure, counter.finance, counter.account.pk)
    assert code_of(partial(set_, is_frozen=True)) == Code.REASON_REQUIRED
    set_(is_frozen=True, frozen_reason="盘点")

    # then
    assert code_of(partial(debit, counter.account.pk, D("1.00"), "a", counter.clerk)) == Code.FLOAT_FROZEN
    floats.remit(counter.finance, counter.account.pk, D("1.00"), key="r")
    assert counter.balance() == D("501.00")
    assert set_(is_frozen=False).frozen_reason == ""


def test_the_alarm_rings_once_when_the_line_is_crossed(counter: Counter) -> None:
    # given
    floats.configure(counter.finance, counter.account.pk, alarm_below=D("100.00"))

    # when
    for number, amount in enumerate(("400.00", "0.01", "50.00")):
        debit(counter.account.pk, D(amount), str(number), counter.clerk)

    # then
    rung = EventRecord.objects.filter(name="counter_sales.float_low")
    assert [event.payload["available"] for event in rung] == ["99.99"]


@pytest.mark.parametrize("amount", ["0", "0.001", "-5"])
def test_odd_amounts_are_refused(counter: Counter, amount: str) -> None:
    # then
    with pytest.raises((CounterError, Exception)) as refused:
        floats.top_up(counter.finance, counter.account.pk, D(amount), key="k")
    assert str(getattr(refused.value, "code", "")) in ("AMOUNT_INVALID", "INVALID_AMOUNT")
    assert counter.balance() == D("500.00")


def test_an_adjustment_needs_a_second_person(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    asked = floats.ask_adjustment(counter.finance, counter.account.pk, D("-20.00"), "短款")
    assert counter.balance() == D("500.00")

    # when: the same person, then somebody else, then once more
    assert code_of(partial(floats.confirm_adjustment, counter.finance, asked.pk)) == Code.SAME_PERSON
    other = colleague("C11", "other", FINANCE)
    movement = floats.confirm_adjustment(other, asked.pk, "已核对")
    with pytest.raises(IllegalMove):
        floats.confirm_adjustment(other, asked.pk)

    # then
    assert counter.balance() == D("480.00")
    assert (movement.operator, movement.confirmed_by, movement.kind) == (counter.finance, other, "adjustment")
    assert FloatAdjustment.objects.get().state == AdjustmentState.CONFIRMED
    assert AuditEntry.objects.filter(action="float.adjustment_decided").count() == 1


def test_a_refused_adjustment_moves_nothing(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    asked = floats.ask_adjustment(counter.finance, counter.account.pk, D("20.00"), "长款")
    other = colleague("C11", "other", FINANCE)

    # when
    assert code_of(partial(floats.refuse_adjustment, other, asked.pk, " ")) == Code.REASON_REQUIRED
    floats.refuse_adjustment(other, asked.pk, "凭证不全")

    # then
    assert counter.balance() == D("500.00")
    assert FloatAdjustment.objects.get().decision == "凭证不全"


def test_nobody_tops_up_the_float_he_sells_on(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    chief = colleague("B111", "chief", [*FINANCE])

    # then
    assert code_of(partial(floats.top_up, chief, counter.account.pk, D("1.00"), key="k")) == Code.OWN_PLACE
    assert counter.balance() == D("500.00")


def test_who_may_touch_a_float(counter: Counter, colleague: Callable[..., User]) -> None:
    # given
    abroad = colleague("C12", "abroad", FINANCE)
    viewer = colleague("C11", "viewer", ["float.view"])
    shopper = counter.world.customer

    # then
    for user, error in (
        (abroad, OutOfScope), (shopper, OutOfScope), (viewer, NotAllowed), (counter.clerk, NotAllowed),
    ):  # fmt: skip
        for act in (
            lambda who: floats.top_up(who, counter.account.pk, D("1.00"), key="k"),
            lambda who: floats.remit(who, counter.account.pk, D("1.00"), key="k"),
            lambda who: floats.ask_adjustment(who, counter.account.pk, D("1.00"), "x"),
            lambda who: floats.configure(who, counter.account.pk, credit_limit=D("1.00")),
        ):
            with pytest.raises(error):
                act(again(user))
    with pytest.raises(NotAllowed):
        floats.open_account(abroad, counter.org["B112"])
    assert counter.moved() == [("top_up", D("500.00"), D("500.00"))]
    assert FloatAccount.objects.count() == 1


def test_one_float_a_place(counter: Counter) -> None:
    # given
    shop = shops.shop(counter.org["B111"]).channel.code

    # then
    assert code_of(partial(floats.open_account, counter.finance, counter.org["B111"])) == Code.FLOAT_EXISTS
    floats.open_account(counter.finance, counter.org["B111"], shop)
    assert code_of(partial(floats.open_account, counter.finance, counter.org["B111"], shop)) == (
        Code.FLOAT_EXISTS
    )
    assert code_of(partial(floats.open_account, counter.finance, counter.org["B112"], shop)) == (
        Code.NOT_FOUND
    )


@pytest.mark.parametrize("statement", ["UPDATE {} SET note = 'x'", "DELETE FROM {}"])
def test_movements_are_never_changed(counter: Counter, statement: str) -> None:
    # then
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement.format(FloatMovement._meta.db_table))


def test_the_database_itself_keeps_the_credit_line(counter: Counter) -> None:
    # then
    with pytest.raises(IntegrityError, match="o2o_float_within_credit"):
        FloatAccount.objects.update(balance=D("-0.01"))


def test_a_float_that_does_not_add_up_is_noticed(counter: Counter) -> None:
    # given
    FloatAccount.objects.update(balance=D("500.01"))

    # then
    with pytest.raises(checking.FloatsOff):
        checking.floats_add_up()
    assert checking.check_floats() == 1
    assert checking.check_floats() == 1
    assert AuditEntry.objects.filter(action="float.off_balance").count() == 1

    # when
    FloatAccount.objects.update(balance=D("500.00"))

    # then
    assert checking.check_floats() == 0
    assert FloatAccount.objects.get().attention == ""


def crowd(counter: Counter, people: int, amount: str) -> Tally[str]:
    """So many debits at once; how many ended how."""

    def one(number: int) -> str:
        try:
            debit(counter.account.pk, D(amount), f"crowd-{number}", counter.clerk)
        except CounterError as refused:
            return str(refused.code)
        return "ok"

    results = together(*[partial(one, number) for number in range(people)])
    return Tally(str(result) for result in results)


def test_a_crowd_cannot_overdraw_a_float(counter: Counter, settings: Any) -> None:
    # given: 500 yuan, thirty debits of 50
    settings.O2O_LOCK_TIMEOUT = 60

    # when
    outcome = crowd(counter, 30, "50.00")

    # then
    assert outcome == Tally({"ok": 10, "FLOAT_INSUFFICIENT": 20})
    assert counter.balance() == D("0.00")
    balances = [after for _kind, _amount, after in counter.moved()]
    assert balances == [D(500 - 50 * number).quantize(D("0.01")) for number in range(11)]
    assert checking.check_floats() == 0


def test_without_the_lock_the_same_crowd_breaks_the_books(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(floats, "lock_account", lambda pk: FloatAccount.objects.get(pk=pk))

    # when
    outcome = crowd(counter, 30, "50.00")

    # then: more was taken than there is, or the balance forgot some of it
    assert outcome["ok"] > 10 or checking.check_floats() == 1
