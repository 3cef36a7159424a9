"""Another bus for tickets that count: held for that change only, of the same people, and never two at a time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from saleor.account.models import User

from plugins.ticketing.coach.fares import Rider
from plugins.ticketing.coach.journeys.riding import HOLD
from plugins.ticketing.coach.models import FareProof, SaleLimit, Station
from plugins.ticketing.coach.services.again import riders_again
from plugins.ticketing.kernel.choices import OrderState
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.binding import TicketHolds
from plugins.ticketing.kernel.services.changing import Wanted, preview_change, submit_change
from saleor_o2o.kernel.states import move

from ...scope.graphql import asked
from .conftest import World
from .test_papers import issue

D = Decimal


def code_of(refusal: Any) -> str:
    return str(refusal.value.code.value)


def sold(order: TicketOrder) -> TicketOrder:
    """Paid and issued."""
    issue(order)
    for step in ("pay", "issue", "finish"):
        move(TicketOrder.objects.get(pk=order.pk), step)
    return TicketOrder.objects.get(pk=order.pk)


def state_of(order: TicketOrder) -> str:
    return str(TicketOrder.objects.get(pk=order.pk).state)


def test_what_is_held_for_a_change_is_not_sold_as_a_second_ticket(world: World, buyer: User) -> None:
    # given a ticket, and the same person held on the same bus "instead"
    one = world.rider()
    old = sold(world.hold(one))
    held = world.hold(one, key="key-00000002", instead_of=old)
    assert (held.state, held.instead_of) == (OrderState.HELD, old)
    # then no basket takes it
    with pytest.raises(TicketError) as refusal:
        TicketHolds().lines(held.number, "", buyer)
    assert code_of(refusal) == "HOLD_FOR_CHANGE"
    # and it is no target of another order's change
    other = sold(world.hold(key="key-00000003"))
    with pytest.raises(TicketError) as refusal:
        preview_change(list(other.tickets.all()), held)
    assert code_of(refusal) == "TARGET_WRONG"


def test_a_hold_that_a_change_uses_is_not_sold_either(world: World, buyer: User) -> None:
    # given a bus of another time, held the usual way and then changed to, for a dearer network's price
    one = world.rider()
    old = sold(world.hold(one))
    held = world.hold(one, key="key-00000002", found=world.bus("14:00"))
    assert TicketHolds().lines(held.number, "", buyer)
    held.tickets.update(price=D("70.00"))
    [ticket] = old.tickets.all()
    [offer] = preview_change([ticket], held)
    done = submit_change(buyer, "change-000000001", [Wanted(ticket.pk, offer.quote.token)], held.pk)
    assert done.state == "to_pay"  # type: ignore[union-attr]
    # then
    with pytest.raises(TicketError) as refusal:
        TicketHolds().lines(held.number, "", buyer)
    assert code_of(refusal) == "HOLD_FOR_CHANGE"


@pytest.mark.parametrize(
    ("case", "code"),
    [("held", "NOT_POSSIBLE"), ("closed", "NOT_POSSIBLE"), ("back", "NOT_POSSIBLE"), ("other", "TARGET_WRONG"),
     ("more", "TARGET_WRONG")],
)  # fmt: skip
def test_only_for_tickets_that_count_and_their_own_people(world: World, case: str, code: str) -> None:
    # given
    one = world.rider()
    old = world.hold(one)
    if case == "closed":
        move(TicketOrder.objects.get(pk=old.pk), "close")
    if case in ("back", "other", "more"):
        old = sold(old)
    if case == "back":
        move(old.tickets.get(), "ask_back")
    riders = {"other": [world.rider()], "more": [one, world.rider()]}.get(case, [one])
    # then nobody is asked for seats
    asked = world.networks["a"].count("lock")
    with pytest.raises(TicketError) as refusal:
        world.hold(*riders, key="key-00000002", instead_of=TicketOrder.objects.get(pk=old.pk))
    assert code_of(refusal) == code
    assert world.networks["a"].count("lock") == asked


def test_whoever_looks_at_a_second_bus_lets_the_first_go(world: World) -> None:
    # given
    one = world.rider()
    old = sold(world.hold(one))
    first = world.hold(one, key="key-00000002", found=world.bus("14:00"), instead_of=old)
    # when the same bus is chosen again, then another one
    second = world.hold(one, key="key-00000003", found=world.bus("14:00"), instead_of=old)
    # then only the newest is held
    assert (state_of(first), state_of(second)) == (OrderState.CLOSED, OrderState.HELD)
    # when a change was asked for with it, it stays, and nothing more is changed
    second.tickets.update(price=D("70.00"))
    [ticket] = old.tickets.all()
    [offer] = preview_change([ticket], TicketOrder.objects.get(pk=second.pk))
    submit_change(world.buyer, "change-000000001", [Wanted(ticket.pk, offer.quote.token)], second.pk)
    with pytest.raises(TicketError) as refusal:
        world.hold(one, key="key-00000004", instead_of=old)
    assert (code_of(refusal), state_of(second)) == ("NOT_POSSIBLE", OrderState.HELD)


def test_a_change_is_neither_a_purchase_nor_a_cancellation(world: World) -> None:
    # given: one cancellation and two purchases a day
    SaleLimit.objects.create(channel="online", orders_day=2, cancels_day=1)
    one = world.rider()
    old = sold(world.hold(one))
    afternoon = world.bus("14:00")
    for serial in (2, 3):
        world.hold(one, key=f"key-0000000{serial}", found=afternoon, instead_of=old)
    # then
    assert world.hold(key="key-00000004", found=afternoon).state == OrderState.HELD


def test_a_child_by_height_and_one_by_its_mothers_document_are_changed(world: World, buyer: User) -> None:
    # given a party at a counter: somebody of fifteen measured there, a child of eight without a document
    Station.objects.filter(code="CQ-LTS").update(by_height=True, half_online=False)
    mother = world.rider()
    tall = world.rider("20110601", "half", by_height=True)
    small = Rider("测试儿童", "", "", fare="half", birth=date(2018, 6, 7))
    old = sold(world.hold(mother, tall, small, channel="counter"))
    tickets = list(old.tickets.select_related("passenger", "coach_proof").order_by("pk"))
    # when they are changed online, where no half tickets are sold
    again = riders_again(tickets)
    assert [one.lent for one in again] == [False, False, True]
    held = world.hold(*again, key="key-00000002", found=world.bus("14:00"), instead_of=old)
    # then everybody keeps his kind and why
    assert [(one.fare, one.price) for one in held.tickets.order_by("pk")] == [
        ("full", D("62.00")), ("half", D("32.00")), ("half", D("32.00")),
    ]  # fmt: skip
    assert list(FareProof.objects.filter(ticket__ticket_order=held).order_by("pk").values_list("proof", flat=True)) == [
        "height", "age",
    ]  # fmt: skip
    # and is put against his own ticket, though mother and child go by one document
    offers = preview_change(tickets, held)
    assert [one.old.passenger.name for one in offers] == [one.new.passenger.name for one in offers]
    assert [one.old.passenger.birth for one in offers] == [one.new.passenger.birth for one in offers]
    assert [(one.quote.to_pay, one.quote.back) for one in offers] == [(D("0.00"), D("0.00"))] * 3


def test_by_the_api_a_child_needs_no_document(world: World, buyer: User) -> None:
    # when
    bus = world.bus()
    mother = world.rider()
    told = [
        {"name": "测试乘客", "documentNumber": mother.number, "fare": "FULL"},
        {"name": "测试儿童", "birth": "2018-06-07", "fare": "HALF"},
    ]
    made = asked(
        buyer, HOLD, key="key-00000001", shift=str(bus.shift_day.pk), goal="SC-SN", passengers=told,
        mobile="13800138000",
    )["coachHold"]  # fmt: skip
    # then
    assert (made["errors"], made["total"]) == ([], 94.0)
    rows = TicketOrder.objects.get().passengers.order_by("pk")
    assert [one.document_number for one in rows] == [mother.number, mother.number]
