"""Paying out an after-sale by several at once, and against a colleague's till: the sale's lock, and what it is for."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db.models import Sum
from saleor.account.models import User

from plugins.after_sale.models import AfterSale
from plugins.after_sale.services import serving
from plugins.counter_sales import paying_out
from plugins.counter_sales.models import CounterSale, SaleRefund
from plugins.counter_sales.selectors.shifts import sums_of
from plugins.counter_sales.services import refunds
from tests.orgs import again
from tests.threads import kinds, together

from .conftest import Counter
from .looking import D, fresh
from .test_serving import KEY, clerk, served, shift, sold

__all__ = ["clerk", "sold"]


def agreed(clerk: User, sale: CounterSale) -> AfterSale:
    """One of two boxes is on the counter, 39.90 wait to be paid out."""
    row, refusal = served(clerk, sale, serving.Yes(goods_here=True), kind="return")
    assert (refusal, row.state) == (None, "refunding")
    return row


def three_pay_out(clerk: User, row: AfterSale) -> list[Any]:
    return together(*[partial(serving.pay_out, again(clerk), row.pk)] * 3)


def against_the_till(clerk: User, row: AfterSale, sale: CounterSale) -> list[Any]:
    """The same moment: the after-sale is paid out, and a colleague gives 30 yuan back at the till."""
    return together(
        partial(serving.pay_out, again(clerk), row.pk),
        partial(refunds.refund_sale, again(clerk), sale.pk, D("30.00"), "差价", key=f"{KEY}till"),
    )


def given(sale: CounterSale) -> tuple[Any, Any]:
    """What the sale says went back, and what the slips of its refunds sum to."""
    return fresh(sale).refunded, SaleRefund.objects.aggregate(total=Sum("amount"))["total"]


def without_the_lock(monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """The sale is read and not locked, and everybody has read it before anybody writes."""
    gate = Barrier(people, timeout=10)

    def read(pk: int) -> CounterSale:
        found = CounterSale.objects.get(pk=pk)
        gate.wait()
        return found

    monkeypatch.setattr(paying_out, "lock_sale", read)
    monkeypatch.setattr(refunds, "lock_sale", read)


def test_three_who_pay_out_are_one(counter: Counter, clerk: User, sold: CounterSale) -> None:
    # given
    row = agreed(clerk, sold)

    # when / then: everybody is told that it is done
    assert kinds(three_pay_out(clerk, row)) == ["AfterSale"] * 3
    assert given(sold) == (D("39.90"), D("39.90"))
    assert sums_of(shift()).cash_back == D("39.90")


def test_without_the_lock_two_of_three_fail(
    counter: Counter, clerk: User, sold: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    row = agreed(clerk, sold)
    without_the_lock(monkeypatch, 3)

    # when / then: only the unique index keeps the money in the drawer, and two clerks see an error
    found = three_pay_out(clerk, row)
    assert kinds(found).count("AfterSale") < 3
    assert sums_of(shift()).cash_back == D("39.90")


def test_the_till_and_the_after_sale_add_up(counter: Counter, clerk: User, sold: CounterSale) -> None:
    # given
    row = agreed(clerk, sold)

    # when: whoever is first; the after-sale is refused and paid out anew when the till was
    found = kinds(against_the_till(clerk, row, sold))

    # then
    assert found in (["AfterSale", "CounterSale"], ["CounterError", "CounterSale"])
    said, written = given(sold)
    assert said == written == (D("69.90") if "AfterSale" in found else D("30.00"))


def test_without_the_lock_a_refund_is_forgotten(
    counter: Counter, clerk: User, sold: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    row = agreed(clerk, sold)
    without_the_lock(monkeypatch, 2)

    # when
    assert kinds(against_the_till(clerk, row, sold)) == ["AfterSale", "CounterSale"]

    # then: 69.90 left the drawer, the sale knows of one refund only and would give too much
    said, written = given(sold)
    assert written == D("69.90")
    assert said in (D("30.00"), D("39.90"))
