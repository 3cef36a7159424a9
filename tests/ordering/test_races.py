"""Two at once: the buyer and the clock receive the same parcel; once is enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saleor.order.models import Order

from saleor_o2o.kernel import states as kernel_states
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.models import OrderTimeline, SubOrder
from saleor_o2o.ordering.services import receiving
from saleor_o2o.ordering.services.receiving import receive, receive_due
from tests.threads import together

from .conftest import Mall
from .test_states import send


@pytest.fixture
def sent(mall: Mall) -> Order:
    """One parcel that is due."""
    order = mall.place({mall.tea: 1})
    mall.pay(order)
    send(mall, order, 1)
    SubOrder.objects.filter(order=order).update(receive_by=now() - timedelta(seconds=1))
    return order


def received(order: Order) -> int:
    return OrderTimeline.objects.filter(order=order, kind="received").count()


def test_received_once(mall: Mall, sent: Order) -> None:
    # when
    together(*[lambda: receive(sent.pk)] * 3, *[lambda: receive_due(sent.pk)] * 3)

    # then
    assert received(sent) == 1
    assert SubOrder.objects.get(order=sent).state == "received"


def test_without_the_locks_it_would_be_twice(
    mall: Mall, sent: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given nobody locks, neither the parts nor the move
    def look(order_id: int) -> list[SubOrder]:
        return list(SubOrder.objects.filter(order_id=order_id).order_by("pk"))

    parts = [look(sent.pk), look(sent.pk)]

    def seen_before(_order_id: int) -> Any:
        return parts.pop()

    monkeypatch.setattr(receiving, "lock_sub_orders", seen_before)
    monkeypatch.setattr(kernel_states, "_lock_and_refresh", lambda _instance: None)

    # when
    receive(sent.pk)
    receive_due(sent.pk)

    # then
    assert received(sent) == 2
