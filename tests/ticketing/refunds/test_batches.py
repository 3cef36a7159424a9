"""A shift or session is cancelled: everybody's money, whole, whatever dies in between."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugins.ticketing.kernel.models import RefundBatch, RefundRequest, SupplierCall, Ticket, TicketOrder
from plugins.ticketing.kernel.services import batches, change_paying, refund_outcomes
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.errors import DomainError

from .changes import Desk, states
from .conftest import RULE, Tickets
from .test_changing import desk, sandbox_address, sandbox_folder, sms

__all__ = ["desk", "sandbox_address", "sandbox_folder", "sms"]

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


def test_a_ticket_that_is_being_changed_keeps_the_batch_running(desk: Desk) -> None:
    # given: a dearer change waits for its money when the old trip is cancelled
    order = desk.buy()
    change = desk.change(order, desk.target("60.00"))
    made = batches.refund_all(
        None, "cancel-000001", trade="coach", product="coach:1", starts_at=order.starts_at, unit=order.unit,
        reason="大雾停班",
    )  # fmt: skip
    batches.go_on()
    assert (RefundBatch.objects.get().state, RefundRequest.objects.count()) == ("running", 0)

    # when: nobody pays for the change, and the job comes
    change_paying.give_up(change.pk)
    batches.go_on()

    # then
    assert states(order) == ["refunded"]
    assert (RefundBatch.objects.get(pk=made.pk).state, RefundRequest.objects.get().due) == (
        "done",
        D("50.00"),
    )


def test_a_refund_that_the_supplier_has_not_answered_keeps_the_batch_running(coach: Tickets) -> None:
    # given: a passenger's own refund is at the supplier when the trip is cancelled
    order = coach.order(count=1)
    coach.supplier.moods = ["working"]
    own = coach.refund(order)
    batch = cancel(coach, order)
    assert batch.state == "running"

    # when: the supplier refuses it
    refund_outcomes.refused(SupplierCall.objects.get(refund=own).pk, "OTHER", "该票已锁定")
    batches.go_on()

    # then: it goes back with the trip
    batch = RefundBatch.objects.get(pk=batch.pk)
    assert (batch.state, batch.handled, batch.refunds.get().due) == ("done", 1, D("39.90"))


def test_batches_that_stand_still_keep_no_other_waiting(coach: Tickets) -> None:
    # given: twenty batches of a trip with an order that cannot be read, and one of another trip
    broken, other = coach.order(count=1), coach.order(count=1, hours=48)
    Ticket.objects.filter(ticket_order=broken).update(refund_rule={**RULE.to_json(), "v": 99})
    for at in range(20):
        RefundBatch.objects.create(
            number=f"PT{at}", request_key=f"stuck-{at}", trade="coach", key="coach:1", starts_at=broken.starts_at,
            title="停班", cause="session_cancelled", reason="停班", unit=coach.org["C11"],
        )  # fmt: skip

    # when
    batch = cancel(coach, other)

    # then
    assert (batch.state, batch.handled) == ("done", 1)


def test_one_batch_that_breaks_keeps_no_other_waiting(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    broken, other = coach.order(count=1), coach.order(count=1, hours=48)
    real = batches._mark

    def mark(batch: RefundBatch) -> None:
        if batch.starts_at == broken.starts_at:
            raise RuntimeError
        real(batch)

    monkeypatch.setattr(batches, "_mark", mark)

    # when
    found = [cancel(coach, one, f"cancel-00000{at}") for at, one in enumerate((broken, other))]

    # then
    assert [one.state for one in found] == ["running", "done"]
