"""Cash for all of a sale meets the capture of its parts: here the sale is locked first, there the intent."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import DatabaseError
from saleor.giftcard.models import GiftCard

from plugins.counter_sales.error_codes import CounterErrorCode as Code
from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import CashReceipt, CounterSale
from plugins.counter_sales.services import cash as cash_service
from plugins.counter_sales.services.cash import pay_cash
from plugins.counter_sales.services.mixed import compose_sale
from plugins.counter_sales.tenders import CashTender
from saleor_o2o.cashier.interfaces import Wish
from saleor_o2o.kernel.locks import LockTimeout, lock_rows
from tests.orgs import again
from tests.threads import together

from .conftest import Counter, Wechat
from .looking import D, fresh

CARD = Wish("gift_card", "CARD1")


@pytest.fixture
def sale(counter: Counter, wechat: Wechat) -> CounterSale:
    """79.80, of which a card has paid 20."""
    GiftCard.objects.create(code="CARD1", initial_balance_amount=D(20), current_balance_amount=D(20))
    return compose_sale(again(counter.clerk), counter.place(2).pk, [CARD])


def meeting(counter: Counter, sale: CounterSale, monkeypatch: pytest.MonkeyPatch, lock: Any) -> list[Any]:
    """One holds the intent and goes on to a receipt of the sale; the other holds the sale and wants the intent."""
    has_intent, has_sale = Event(), Event()
    hold = CashTender.held

    def held(self: CashTender, part: Any) -> None:
        has_intent.set()
        assert has_sale.wait(10)
        hold(self, part)

    def lock_sale(pk: int) -> CounterSale:
        assert has_intent.wait(10)
        found: CounterSale = lock(pk)
        has_sale.set()
        return found

    monkeypatch.setattr(CashTender, "held", held)
    monkeypatch.setattr(cash_service, "lock_sale", lock_sale)
    return together(
        partial(compose_sale, again(counter.clerk), sale.pk, [CARD, Wish("cash")]),
        partial(pay_cash, again(counter.clerk), sale.pk, D("79.80")),
    )


def test_cash_for_all_and_the_capture_of_parts_do_not_wait_for_each_other(
    counter: Counter, sale: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # when
    mixed, whole = meeting(counter, sale, monkeypatch, cash_service.lock_sale)

    # then: the parts were first; the clerk is told not to take the notes
    assert isinstance(mixed, CounterSale), mixed
    assert isinstance(whole, CounterError), whole
    assert whole.code == Code.ALREADY_PAID
    assert (fresh(sale).state, fresh(sale).paid_by, counter.balance()) == ("paid", "mixed", D("440.20"))
    assert CashReceipt.objects.get().amount == D("59.80")


def test_a_sale_locked_against_its_receipts_would_be_a_deadlock(
    counter: Counter, sale: CounterSale, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: FOR UPDATE, as other rows are locked
    def for_update(pk: int) -> CounterSale:
        return lock_rows(CounterSale.objects.filter(pk=pk))[0]

    # when
    results = meeting(counter, sale, monkeypatch, for_update)

    # then: PostgreSQL had to end one of them
    assert [one for one in results if isinstance(one, LockTimeout | DatabaseError)]
