"""How tests of money at the counter look at what was done."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from saleor.payment.models import Payment

from plugins.counter_sales.errors import CounterError
from plugins.counter_sales.models import CashReceipt, CounterSale, SaleState

from .conftest import Counter

D = Decimal
KEY = "5b1f6f0e-0000-4000-8000-00000000000"


def refused(call: Callable[[], Any]) -> CounterError:
    with pytest.raises(CounterError) as caught:
        call()
    return caught.value


def fresh(sale: CounterSale) -> CounterSale:
    return CounterSale.objects.select_related("order").get(pk=sale.pk)


def nothing_booked(counter: Counter, sale: CounterSale) -> None:
    """The sale still waits; no receipt, no movement, no charged payment."""
    assert fresh(sale).state == SaleState.PLACED
    assert CashReceipt.objects.count() == 0
    assert counter.moved() == [("top_up", D("500.00"), D("500.00"))]
    assert not Payment.objects.filter(captured_amount__gt=0).exists()
