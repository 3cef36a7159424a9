"""Many at once: no seat is sold twice, no order is paid and expired, no call is settled twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.ports import LockAsk, Locked, SupplierRefused
from plugins.ticketing.kernel.services import facts, issuing, wishes
from plugins.ticketing.kernel.services.expiring import expire
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.models import StateMove
from tests.threads import kinds, meeting, together

from .till import Till
from .trips import person, want


class Inventory:
    """Our own seats as a row: its metadata says how many are left. `meet`: looked before anybody writes, unlocked."""

    local = True

    def __init__(self, product: Any, meet: Any = None) -> None:
        self.product, self.meet = product, meet

    def lock(self, ask: LockAsk) -> Locked:
        from saleor.product.models import Product

        rows = Product.objects.filter(pk=self.product.pk)
        if self.meet is None:
            [row] = lock_rows(rows)
        else:
            row = rows.get()
            self.meet()
        left = int(row.metadata["left"])
        if left < len(ask.units):
            raise SupplierRefused("SOLD_OUT", "售完")
        rows.update(metadata={"left": left - len(ask.units)})
        return Locked(ask.own, now() + timedelta(minutes=15))


@pytest.fixture
def seats(till: Till, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Five seats of our own; `seats(meet)` takes the lock out."""
    from plugins.ticketing.kernel import ports

    product = till.variant.product
    product.metadata = {"left": 5}
    product.save()

    def fill(meet: Any = None) -> None:
        monkeypatch.setitem(ports._adapters, "test-own", Inventory(product, meet))  # type: ignore[arg-type]

    fill()
    return fill


def _buyers(till: Till, count: int) -> list[Any]:
    def buy(number: int) -> Any:
        return lambda: till.hold(
            "own", wants=[want(till.variant.pk, person(number))], key=f"race-{number:06d}", user=None
        )

    return [buy(number) for number in range(count)]


def test_twelve_buyers_of_five_seats(till: Till, seats: Any) -> None:
    found = together(*_buyers(till, 12))
    assert kinds(found) == ["TicketError"] * 7 + ["TicketOrder"] * 5
    assert {str(one.code.value) for one in found if not isinstance(one, TicketOrder)} == {"SOLD_OUT"}
    assert TicketOrder.objects.filter(state=OrderState.HELD).count() == 5
    till.variant.product.refresh_from_db()
    assert till.variant.product.metadata == {"left": 0}


def test_without_the_lock_seats_are_sold_twice(till: Till, seats: Any) -> None:
    seats(meeting(8))
    found = together(*_buyers(till, 8))
    assert kinds(found) == ["TicketOrder"] * 8
    assert Ticket.objects.count() == 8 > 5


def test_one_person_on_two_trips_by_two_phones(till: Till) -> None:
    starts = now() + timedelta(days=2)

    def buy(key: str) -> Any:
        return lambda: till.hold("first", wants=[want(till.variant.pk, person(7))], key=key, starts=starts)

    found = together(buy("race-aaaaaa"), buy("race-bbbbbb"))
    assert kinds(found) == ["TicketError", "TicketOrder"]


def test_without_the_persons_lock_both_go(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = now() + timedelta(days=2)
    meet = meeting(2)
    looked = wishes.overlapping

    def look(*told: Any) -> Any:
        found = looked(*told)
        meet()
        return found

    monkeypatch.setattr(wishes, "advisory_lock", lambda *_told: None)
    monkeypatch.setattr(wishes, "overlapping", look)

    def buy(key: str) -> Any:
        return lambda: till.hold("first", wants=[want(till.variant.pk, person(7))], key=key, starts=starts)

    assert kinds(together(buy("race-aaaaaa"), buy("race-bbbbbb"))) == ["TicketOrder", "TicketOrder"]


def test_the_same_key_at_the_same_time(till: Till, seats: Any) -> None:
    starts = now() + timedelta(days=2)

    def buy() -> Any:
        return till.hold(
            "own", wants=[want(till.variant.pk)], key="race-cccccc", starts=starts, overlap=False
        )

    found = together(buy, buy, buy)
    assert kinds(found) == ["TicketOrder"] * 3 and TicketOrder.objects.count() == 1
    # and what the others of them had taken is free again
    till.variant.product.refresh_from_db()
    assert till.variant.product.metadata == {"left": 4}


def test_the_money_and_the_clock(till: Till) -> None:
    """Paid and issued, whichever comes first: never closed with the money kept, never a seat too many."""
    for _round in range(4):
        held = till.hold("own")
        order = till.place(held)
        number = till.trade_of(order)
        late = held.held_until + timedelta(minutes=3)

        def expires(pk: int = held.pk, at: Any = late) -> bool:
            with frozen(at):
                return expire(pk)

        together(lambda number=number: confirm_paid(till.shop.provider.fact(number)), expires)
        issuing.drive_waiting()
        assert till.fresh(held).state == OrderState.ISSUED
    assert till.suppliers["own"].seats == 1000 - 4


def test_ten_call_backs_of_one_issue(till: Till) -> None:
    first = till.suppliers["first"]
    first.will("issue", "working")
    order = till.buy()
    call = order.calls.get(kind="issue")
    found = together(*[lambda: facts.issued("first", call.number, first.issues[call.number])] * 10)
    assert all(one is None or type(one).__name__ == "LockTimeout" for one in found)
    assert till.fresh(order).state == OrderState.ISSUED
    assert order.tickets.get().fee_lines.count() == 3
    moves = StateMove.objects.filter(subject_type="o2o_ticketing.ticketorder", subject_id=str(order.pk))
    assert moves.filter(transition="finish").count() == 1


def test_two_carts_of_the_same_holds_in_opposite_order(till: Till) -> None:
    one, two = till.hold("own"), till.hold("own")
    found = together(lambda: till.place(one, two), lambda: till.place(two, one))
    assert kinds(found) == ["Order", "TicketError"]


def test_a_worker_and_the_job_drive_one_order(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    held = till.hold()
    order = till.place(held)
    monkeypatch.setattr(issuing, "later", lambda _pk: None)
    till.pay(order)
    assert till.fresh(held).state == OrderState.PAID
    together(*[lambda: issuing.drive(held.pk)] * 4)
    assert till.fresh(held).state == OrderState.ISSUED
    assert till.suppliers["first"].count("issue") == 1
