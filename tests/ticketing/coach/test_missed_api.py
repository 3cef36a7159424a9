"""A buyer who missed his bus goes on a later one by himself, for the fee that he was shown."""

from __future__ import annotations

from typing import Any

import pytest
from saleor.account.models import User

from plugins.ticketing.kernel.choices import ChangeState, OrderState, TicketState
from plugins.ticketing.kernel.models import ChangeRequest, Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen

from ...scope.graphql import asked
from .conftest import World
from .test_missed import LEFT, afternoon, left, order

__all__ = ["left", "order"]
LATER = """query($n: String!) { coachLaterBuses(orderNumber: $n) { buses { id number departs left
  fees { ticket allowed fee toPay back words } } errors { code message hint } } }"""
GO = """mutation($k: String!, $n: String!, $t: [String!]!, $s: ID!, $e: Decimal!) { coachMissedChange(key: $k,
  orderNumber: $n, tickets: $t, shift: $s, expected: $e) { change { number state toPay target }
  errors { code message hint } } }"""


def later(user: User | None, number: str) -> Any:
    return asked(user, LATER, n=number)["coachLaterBuses"]


def go(user: User | None, number: str, tickets: list[str], expected: str, **more: str) -> Any:
    told = {"k": "missed-key-0001", "s": str(afternoon().pk), **more}
    return asked(user, GO, n=number, t=tickets, e=expected, **told)["coachMissedChange"]


def test_for_what_was_shown(world: World, order: TicketOrder, left: Any) -> None:
    # when
    told = later(world.buyer, order.number)
    # then: the bus at two, a fifth of sixty yuan for each, in words
    assert told["errors"] == []
    [bus] = told["buses"]
    assert bus["id"] == str(afternoon().pk)
    assert [(one["allowed"], one["toPay"]) for one in bus["fees"]] == [(True, 12.0), (True, 12.0)]
    assert all(one["words"] for one in bus["fees"])
    one = bus["fees"][0]["ticket"]
    # when another sum was shown, nothing is changed and nothing stays held
    refused = go(world.buyer, order.number, [one], "11.00")
    assert [error["code"] for error in refused["errors"]] == ["QUOTE_CHANGED"]
    assert not TicketOrder.objects.filter(state=OrderState.HELD).exists()
    # when it is as shown: his own, to be paid; again it is the same
    done = [go(world.buyer, order.number, [one], "12.00", k="missed-key-0002") for _ in range(2)]
    assert done[0]["errors"] == []
    assert done[0] == done[1]
    change = ChangeRequest.objects.get()
    assert (change.state, change.cause, change.asked_by) == (ChangeState.TO_PAY, "missed", world.buyer)
    assert change.target is not None
    assert (change.target.user, change.target.made_by) == (world.buyer, None)
    assert sorted(Ticket.objects.filter(ticket_order=order).values_list("state", flat=True)) == [
        TicketState.CHANGING, TicketState.ISSUED,
    ]  # fmt: skip


def test_nobody_elses(world: World, order: TicketOrder, left: Any) -> None:
    # given
    other = User.objects.create_user("other@example.com", "password")
    tickets = [one.number for one in order.tickets.all()]
    # then
    for user in (None, other):
        assert [error["code"] for error in later(user, order.number)["errors"]] == ["NOT_FOUND"]
        assert [error["code"] for error in go(user, order.number, tickets, "24.00")["errors"]] == [
            "NOT_FOUND"
        ]
    # and tickets that are none of this order's are not taken along
    for strange in (["T0"], [tickets[0], "T0"], []):
        assert [error["code"] for error in go(world.buyer, order.number, strange, "24.00")["errors"]] == [
            "NOT_MISSED"
        ]
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize("what", ["early", "station", "network", "aboard"])
def test_why_not_in_words(
    what: str, world: World, order: TicketOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    if what == "station":
        type(world.station("CQ-LTS")).objects.update(missed_same_day=False)
    if what == "network":
        monkeypatch.setattr(world.networks["a"], "reroutes_missed", False)
    if what == "aboard":
        order.tickets.update(state=TicketState.USED, used=1)
    # when
    with frozen(LEFT.replace(hour=7) if what == "early" else LEFT):
        told = later(world.buyer, order.number)
    # then
    [error] = told["errors"]
    words = {
        "early": "还没有发车",
        "station": "不办理误班",
        "network": "不办理误班",
        "aboard": "没有可以改乘的票",
    }
    assert (error["code"], words[what] in error["message"], bool(error["hint"])) == ("NOT_MISSED", True, True)
    assert told["buses"] == []
