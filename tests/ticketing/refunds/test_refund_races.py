"""Two clerks at one ticket, and processes that die between any two steps."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.kernel.models import (
    FeeLine,
    RefundRequest,
    SupplierCall,
    TicketOrder,
)
from plugins.ticketing.kernel.services import giving_back, refund_outcomes
from plugins.ticketing.kernel.services.refunding import Wanted, preview_refund, submit_refund
from plugins.ticketing.kernel.tasks import follow_refunds
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from tests.threads import kinds, meeting, together

from .conftest import Tickets

D = Decimal
KEY = "key-00000001"


def states(order: TicketOrder) -> list[str]:
    return list(order.tickets.order_by("pk").values_list("state", flat=True))


def lines_of(request: RefundRequest) -> dict[tuple[str, str], Decimal]:
    rows = FeeLine.objects.filter(reference=request.number).values_list("side", "item", "amount")
    found: dict[tuple[str, str], Decimal] = {}
    for side, item, amount in rows:
        found[side, item] = found.get((side, item), D(0)) + amount
    return found


def fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return str(refused.value.code.value)


def test_two_clerks_at_once_refund_a_ticket_once(coach: Tickets) -> None:
    # given
    order = coach.order()
    ticket = coach.tickets(order)[0]
    offers = [preview_refund([ticket])[0] for _who in range(2)]
    clerk = coach.people["seller"]

    def act(at: int) -> Any:
        return lambda: submit_refund(clerk, f"key-0000000{at}", [Wanted(ticket.pk, offers[at].quote.token)])

    # when
    results = together(act(0), act(1))

    # then
    assert kinds(results) == ["RefundRequest", "TicketError"]
    assert OrderRefund.objects.get().amount == D("35.91")


def test_without_the_lock_two_clerks_would_refund_it_twice(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    # given
    from plugins.ticketing.kernel.services import refunding

    order = coach.order()
    ticket = coach.tickets(order)[0]
    offers = [preview_refund([ticket])[0] for _who in range(2)]
    meet = meeting(2)
    monkeypatch.setattr(refunding, "lock_rows", lambda rows: list(rows))
    monkeypatch.setattr(refunding, "_go_on", lambda _request, _order: None)
    monkeypatch.setattr(refunding, "move_locked", lambda *_told, **_more: meet())

    def act(at: int) -> Any:
        return lambda: submit_refund(
            coach.people["seller"], f"key-0000000{at}", [Wanted(ticket.pk, offers[at].quote.token)]
        )

    # when
    results = together(act(0), act(1))

    # then
    assert kinds(results) == ["RefundRequest", "RefundRequest"]


def test_a_crash_before_asking_is_picked_up(coach: Tickets, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the process died after the commit
    monkeypatch.setattr(refund_outcomes, "_later", lambda _pk: None)
    order = coach.order()
    request = coach.refund(order)
    assert (request.state, states(order)[0]) == ("asked", "refunding")

    # when
    with frozen(now() + timedelta(minutes=2)):
        refund_outcomes.send_waiting()
        refund_outcomes.send_waiting()

    # then
    request = fresh(request)
    assert (request.state, len(coach.supplier.asked)) == ("paying", 1)


def test_one_refund_that_breaks_keeps_no_other_waiting(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: two that were not sent, and something about the first that breaks our own code
    monkeypatch.setattr(refund_outcomes, "_later", lambda _pk: None)
    broken, other = coach.refund(coach.order()), coach.refund(coach.order(), key="key-00000002")
    found = refund_outcomes.send

    def send(pk: int) -> None:
        if pk == broken.pk:
            raise RuntimeError("broken")
        found(pk)

    monkeypatch.setattr(refund_outcomes, "send", send)

    # when: the whole job, which ends with the money
    with frozen(now() + timedelta(minutes=5)):
        follow_refunds()

    # then
    assert [fresh(one).state for one in (broken, other)] == ["asked", "paying"]


def test_a_crash_after_asking_is_picked_up(coach: Tickets, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: it died with the answer in its hands
    with monkeypatch.context() as dying:
        dying.setattr(refund_outcomes, "said", lambda *_told: None)
        order = coach.order()
        request = coach.refund(order)
    assert (request.state, SupplierCall.objects.get().state) == ("at_supplier", "sent")

    # when
    with frozen(now() + timedelta(minutes=2)):
        refund_outcomes.ask_again()

    # then
    request = fresh(request)
    assert (request.state, len(coach.supplier.asked), states(order)[0]) == ("paying", 1, "refunded")


def test_a_crash_before_the_cashier_is_picked_up(coach: Tickets, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(giving_back, "_later", lambda _pk: None)
    order = coach.order()
    request = coach.refund(order)
    assert (request.state, OrderRefund.objects.count()) == ("paying", 0)

    # when
    with frozen(now() + timedelta(minutes=3)):
        giving_back.hand_over_waiting()
        giving_back.hand_over_waiting()

    # then
    assert OrderRefund.objects.get().amount == D("35.91")
