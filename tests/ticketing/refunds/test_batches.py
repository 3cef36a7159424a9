"""A shift or session is cancelled: everybody's money, whole, whatever dies in between."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugins.ticketing.kernel.models import RefundBatch, RefundRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.services import batches
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.errors import DomainError

from .conftest import RULE, Tickets

D = Decimal


def together_at(coach: Tickets, *orders: TicketOrder) -> TicketOrder:
    """Orders of one shift."""
    TicketOrder.objects.filter(pk__in=[one.pk for one in orders]).update(starts_at=orders[0].starts_at)
    return TicketOrder.objects.get(pk=orders[0].pk)


def cancel(coach: Tickets, order: TicketOrder, key: str = "cancel-000001") -> RefundBatch:
    made = batches.refund_all(
        coach.people["auditor"], key, trade="coach", product="coach:1", starts_at=order.starts_at,
        unit=coach.org["C11"], reason="大雾停班",
    )  # fmt: skip
    return RefundBatch.objects.get(pk=made.pk)


def test_every_order_of_the_shift_goes_back_whole(coach: Tickets) -> None:
    # given: three orders, one of them with a ticket that went back with a fee already, another day's beside them
    orders = [coach.order(count=2) for _at in range(3)]
    other = coach.order(hours=48)
    shift = together_at(coach, *orders)
    coach.refund(orders[1])

    # when
    batch = cancel(coach, shift)

    # then
    assert (batch.state, batch.orders, batch.handled, batch.failed) == ("done", 3, 3, {})
    assert sorted(OrderRefund.objects.values_list("amount", flat=True)) == [
        D("35.91"), D("39.90"), D("79.80"), D("79.80"),
    ]  # fmt: skip
    assert [one.state for one in coach.tickets(other)] == ["issued"] * 3
    assert set(RefundRequest.objects.filter(batch=batch).values_list("cause", flat=True)) == {
        "session_cancelled"
    }


def test_the_same_key_is_the_same_batch_and_the_job_changes_nothing_more(coach: Tickets) -> None:
    # given
    order = coach.order(count=2)
    first = cancel(coach, order)

    # when
    again = cancel(coach, order)
    batches.go_on()

    # then
    assert (first.pk, RefundRequest.objects.count()) == (again.pk, 1)
    with pytest.raises(DomainError) as refused:
        batches.refund_all(
            None, "cancel-000001", trade="coach", product="coach:2", starts_at=order.starts_at,
            unit=coach.org["C11"], reason="x",
        )  # fmt: skip
    assert refused.value.code.value == "KEY_REUSED"


def test_a_job_that_dies_between_orders_is_resumed(coach: Tickets, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: it dies after the first order
    orders = [coach.order(count=1) for _at in range(3)]
    shift = together_at(coach, *orders)
    real, count = batches.refund_without_asking, iter(range(99))

    def dying(*told: object, **more: object) -> object:
        if next(count) == 1:
            raise SystemExit
        return real(*told, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(batches, "refund_without_asking", dying)
        patch.setattr(batches, "later", lambda _pk: None)
        batch = cancel(coach, shift)
        with pytest.raises(SystemExit):
            batches.go_on()
    assert (batch.state, RefundRequest.objects.count()) == ("running", 1)

    # when
    batches.go_on()

    # then
    batch = RefundBatch.objects.get()
    assert (batch.state, batch.handled, RefundRequest.objects.count()) == ("done", 3, 3)
    assert OrderRefund.objects.count() == 3


def test_orders_that_cannot_go_back_keep_nobody_waiting(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: as many as one run takes cannot be read at all, and one stands behind them
    monkeypatch.setattr(batches, "RUN", 2)
    orders = [coach.order(count=1) for _at in range(3)]
    shift = together_at(coach, *orders)
    Ticket.objects.filter(ticket_order__in=orders[:2]).update(refund_rule={**RULE.to_json(), "v": 99})

    # when: two runs
    batch = cancel(coach, shift)
    batches.go_on()

    # then: the last one has its money, and the others are named with their trouble
    assert RefundRequest.objects.get().ticket_order == orders[2]
    batch = RefundBatch.objects.get(pk=batch.pk)
    assert (batch.state, set(batch.failed)) == ("running", {one.number for one in orders[:2]})


def test_a_supplier_that_refuses_does_not_keep_the_others_waiting(coach: Tickets) -> None:
    # given
    orders = [coach.order(count=1) for _at in range(2)]
    shift = together_at(coach, *orders)
    coach.supplier.moods = ["refused"]

    # when
    batch = cancel(coach, shift)

    # then: one waits for people, its tickets count no more
    assert batch.state == "done"
    assert sorted(RefundRequest.objects.values_list("state", flat=True)) == ["audit", "paying"]
