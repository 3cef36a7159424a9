"""Random sequences of hold, pay, expire, cancel and the jobs, with suppliers that fail in all their ways.

Whatever comes: no hold is issued twice, seats add up, money is kept only for tickets, and everything comes to an end.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.ticketing.kernel.choices import CallState, DeskState, OrderState, TicketState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import DeskTask, MoneyBack, SupplierCall, TicketOrder
from plugins.ticketing.kernel.services import issuing
from plugins.ticketing.kernel.services.calls import sweep
from plugins.ticketing.kernel.services.expiring import expire_due
from plugins.ticketing.kernel.services.holding import close
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.clock import frozen, now

from .till import Till

SEATS = 6
S = OrderState
FAULTS = st.sampled_from(["SOLD_OUT", "silent", "lost", "OTHER", "HOLD_LOST"])
STEPS = st.one_of(
    st.tuples(st.just("hold"), st.sampled_from(["first", "second", "own"])),
    st.tuples(st.just("buy"), st.sampled_from(["first", "first", "second", "own"])),
    st.tuples(st.just("place"), st.integers(0, 3)),
    st.tuples(st.just("pay"), st.integers(0, 3)),
    st.tuples(st.just("close"), st.integers(0, 3)),
    st.tuples(st.just("lose"), st.sampled_from(["first", "second"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 20])),
    st.tuples(st.just("faults"), st.tuples(st.sampled_from(["lock", "issue"]), FAULTS)),
    st.tuples(st.just("jobs"), st.none()),
)


class Walk:
    """The shop in the middle of it, with a clock of its own."""

    def __init__(self, till: Till) -> None:
        self.till, self.at = till, now()
        for supplier in till.suppliers.values():
            supplier.seats = SEATS
        self.held: list[TicketOrder] = []
        self.placed: list[Any] = []
        self.lost = dict.fromkeys(till.suppliers, 0)

    def step(self, name: str, told: Any) -> None:
        with frozen(self.at):
            getattr(self, name)(told)

    def hold(self, first: str) -> None:
        others = [one for one in self.till.suppliers if one != first]
        try:
            self.held.append(self.till.hold(first, *others))
        except TicketError:
            return

    def buy(self, first: str) -> None:
        """All of it at once: random steps alone seldom come to the end."""
        held, placed = len(self.held), len(self.placed)
        self.hold(first)
        if len(self.held) > held:
            self.place(held)
        if len(self.placed) > placed:
            self.pay(placed)

    def place(self, which: int) -> None:
        if which < len(self.held):
            try:
                self.placed.append(self.till.place(self.held[which]))
            except TicketError:
                return

    def pay(self, which: int) -> None:
        if which < len(self.placed) and self.placed[which] is not None:
            order, self.placed[which] = self.placed[which], None
            order.refresh_from_db()
            confirm_paid(self.till.shop.provider.fact(self.till.trade_of(order)))

    def close(self, which: int) -> None:
        if which < len(self.held):
            try:
                close(self.held[which].pk, "不去了")
            except TicketError:
                return

    def lose(self, name: str) -> None:
        supplier = self.till.suppliers[name]
        gone = [one for one in supplier.holds.values() if one.their_number not in supplier.issued_holds]
        supplier.holds = {
            own: one for own, one in supplier.holds.items() if one.their_number in supplier.issued_holds
        }
        supplier.seats += sum(len(one.seats) for one in gone)

    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    def faults(self, told: tuple[str, str]) -> None:
        kind, fault = told
        self.till.suppliers["first"].will(kind, fault)

    def jobs(self, _told: None) -> None:
        sweep()
        issuing.drive_waiting()
        expire_due()

    def settle(self) -> None:
        """Nothing fails any more, and time goes by."""
        for supplier in self.till.suppliers.values():
            supplier.script.clear()
        for _round in range(4):
            self.at += timedelta(minutes=40)
            with frozen(self.at):
                self.jobs(None)


def check(walk: Walk) -> None:
    till = walk.till
    for order in TicketOrder.objects.all():
        states = {one.state for one in order.tickets.all()}
        waits_for_people = DeskTask.objects.filter(ticket_order=order, kind="issue").exclude(
            state=DeskState.DONE
        )
        # everything has come to an end, or is in front of people
        assert order.state in (S.ISSUED, S.CLOSED, S.HOLD_FAILED, S.ISSUE_FAILED) or waits_for_people.exists()
        assert states == {TicketState.ISSUED if order.state == S.ISSUED else TicketState.VOID}
        paid = order.paid_at is not None
        back = sum((one.amount for one in MoneyBack.objects.filter(refund__ticket_order=order)), Decimal(0))
        # money is kept for tickets only, and all of it goes back otherwise
        assert back == (order.total if paid and order.state == S.ISSUE_FAILED else 0)
        assert not (order.state == S.ISSUED and not paid)
    assert not SupplierCall.objects.filter(state__in=(CallState.SENT, CallState.UNKNOWN)).exists()
    for name, supplier in till.suppliers.items():
        issued = TicketOrder.objects.filter(supplier__code=name, state=S.ISSUED).count()
        assert (supplier.seats, len(supplier.issued_holds)) == (SEATS - issued, issued), name


@pytest.mark.timeout(600)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_whatever_comes(till: Till, steps: list[tuple[str, Any]]) -> None:
    with transaction.atomic():
        DeskTask.objects.all().delete()
    fresh(till)
    walk = Walk(till)
    for name, told in steps:
        walk.step(name, told)
    walk.settle()
    check(walk)


def fresh(till: Till) -> None:
    """The next example begins with nothing."""
    from django.db import connection

    from plugins.ticketing.kernel.models import (
        RefundItem,
        RefundRequest,
        SupplierAccount,
        Ticket,
        TicketPassenger,
    )

    MoneyBack.objects.all().delete()
    RefundItem.objects.all().delete()
    RefundRequest.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE o2o_ticketing_feeline")
    SupplierCall.objects.all().delete()
    Ticket.objects.all().delete()
    TicketPassenger.objects.all().delete()
    TicketOrder.objects.all().delete()
    SupplierAccount.objects.update(failures=0, rests_until=None)
    for name, supplier in till.suppliers.items():
        till.suppliers[name].__init__(local=supplier.local, prefix=supplier.prefix)  # type: ignore[misc]
