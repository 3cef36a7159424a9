"""What a buyer shows at the station's gate, and who else asks for it in vain."""

from __future__ import annotations

from typing import Any

import pytest
from saleor.account.models import User

from plugins.ticketing.coach.access import CHECK, VIEW
from plugins.ticketing.coach.choices import GateAnswer
from plugins.ticketing.coach.services.gate import check_in
from plugins.ticketing.kernel.access import ORDER_VIEW
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.states import move

from ...orgs import again, person
from ...scope.graphql import asked
from .conftest import World
from .networks import MORNING
from .test_papers import issue

PASSES = """query($n: String!, $k: String, $t: String) { coachPasses(orderNumber: $n, key: $k, token: $t) {
  ticket code state stateLabel fareName seat passenger start goal shift departs last } }"""
BOARDING = MORNING.replace(month=12, day=1, hour=7, minute=30)


@pytest.fixture
def order(world: World) -> TicketOrder:
    """Two of the buyer's, issued, from a station whose gate scans."""
    made = world.hold(world.rider(), world.rider(), unit=world.org["B111"])
    issue(made)
    for step in ("pay", "issue", "finish"):
        move(TicketOrder.objects.get(pk=made.pk), step)
    return TicketOrder.objects.get(pk=made.pk)


def passes(user: User | None, order: TicketOrder, **more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asked(user, PASSES, n=order.number, **more)["coachPasses"]
    return found


def test_the_code_lets_its_passenger_on_once(world: World, order: TicketOrder) -> None:
    # given
    guard = again(person(world.org["B111"], "guard", [VIEW, CHECK]))
    first, second = passes(world.buyer, order)
    assert (first["seat"], first["passenger"], first["start"], first["goal"]) == (
        "1号", "测***", "龙头寺汽车站", "遂宁汽车站",
    )  # fmt: skip
    assert first["code"] != second["code"]
    # when
    with frozen(BOARDING):
        told = [check_in(guard, world.station("CQ-LTS"), first["code"]).answer for _ in range(2)]
    # then he is on board, and shows nothing any more; the other one does
    assert told == [GateAnswer.PASSED, GateAnswer.ALREADY]
    after = passes(world.buyer, order)
    assert [(one["code"], one["state"]) for one in after] == [("", "USED"), (second["code"], "ISSUED")]


def test_nobody_elses_and_not_before_it_is_issued(world: World, order: TicketOrder) -> None:
    # then: neither a stranger nor the staff in reach nor a guest's key open what an account bought
    other = User.objects.create_user("other@example.com", "password")
    clerk = again(person(world.org["B111"], "looks", [ORDER_VIEW, VIEW, CHECK]))
    for user in (None, other, clerk):
        assert passes(user, order, k="key-00000001", t="x") == []
    # and what is not issued is no pass
    held = world.hold(world.rider(), key="key-00000002", found=world.bus("14:00"))
    assert passes(world.buyer, held) == []


def test_a_guest_with_the_key_of_his_request(world: World, order: TicketOrder) -> None:
    # given
    TicketOrder.objects.filter(pk=order.pk).update(user=None, request_key="guest:key-00000001")
    # then
    assert len(passes(None, order, k="key-00000001")) == 2
    assert passes(None, order, k="key-00000009") == []
    assert passes(None, order) == []


def test_no_code_where_the_gate_scans_none(world: World, order: TicketOrder) -> None:
    # given what was told when it was sold
    TicketOrder.objects.filter(pk=order.pk).update(place={**order.place, "pick": ["id_card", "window"]})
    # then
    assert passes(world.buyer, order) == []


def test_what_went_back_is_no_pass(world: World, order: TicketOrder) -> None:
    # given
    Ticket.objects.filter(pk=order.tickets.order_by("pk")[0].pk).update(state="refunding")
    # then
    assert [bool(one["code"]) for one in passes(world.buyer, order)] == [False, True]
