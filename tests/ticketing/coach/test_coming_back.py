"""A bus that does not go and then goes after all, at its time or at another one: its people are told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from saleor.account.models import User

from plugins.ticketing.coach.access import CHECK, VIEW
from plugins.ticketing.coach.choices import GateAnswer
from plugins.ticketing.coach.models import ShiftDay
from plugins.ticketing.coach.ports import CANCELLED
from plugins.ticketing.coach.services import cancelling, moving
from plugins.ticketing.coach.services.cancelling import cancel_day, is_cancelled
from plugins.ticketing.coach.services.following import follow
from plugins.ticketing.coach.services.gate import check_in
from plugins.ticketing.coach.services.keeping import refresh_days
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services import stopping
from plugins.ticketing.kernel.services.refunding import preview_refund
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.locks import LockTimeout

from ...orgs import again, person
from .conftest import World
from .networks import DAY, MORNING
from .test_papers import issue

#: What a buyer was told: the occasion, and when the bus leaves as the message says.
Told = list[tuple[str, str]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    sent: Told = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text",
        lambda _mobile, text, words: sent.append((text, words["trip"][-5:])),
    )
    return sent


@pytest.fixture
def order(world: World) -> TicketOrder:
    """One adult on the bus at eight, issued by the network that is asked first."""
    return issued(world)


@pytest.fixture
def guard(world: World) -> User:
    return again(person(world.org["B111"], "guard", [VIEW, CHECK]))


def issued(world: World, **asked: Any) -> TicketOrder:
    made = world.hold(**asked)
    issue(made)
    TicketOrder.objects.filter(pk=made.pk).update(state="issued")
    return TicketOrder.objects.get(pk=made.pk)


class Hours:
    """Half an hour after the other, the networks are asked for what people have tickets of."""

    def __init__(self, world: World) -> None:
        self.world, self.at = world, MORNING

    def says(self, clock: str, state: str = "", network: str = "a") -> None:
        """What a network lists of the first bus from now on; asked twice."""
        there = self.world.networks[network]
        there.buses = (replace(there.buses[0], leaves=clock), *there.buses[1:])
        there.states = {"1": state} if state else {}
        for _ in range(2):
            self.at += timedelta(minutes=30)
            with frozen(self.at):
                refresh_days()


@pytest.fixture
def hours(world: World) -> Hours:
    return Hours(world)


def fee(order: TicketOrder, leaves: Any) -> Decimal:
    """What giving back costs an hour and a half before."""
    with frozen(leaves - timedelta(minutes=90)):
        [offer] = preview_refund([Ticket.objects.get(ticket_order=order)], {})
        return offer.quote.fee


def test_a_bus_that_moved_then_did_not_go_goes_after_all(
    order: TicketOrder, world: World, hours: Hours, guard: User, told: Told
) -> None:
    # given: nothing of it was told by a notice
    hours.says("08:45")
    hours.says("08:45", CANCELLED)
    assert is_cancelled(TicketOrder.objects.get(pk=order.pk))
    assert fee(order, order.starts_at) == Decimal("0.00")
    # when the network sells it again
    hours.says("08:45")
    # then each is told once, with the time at which it goes
    assert told == [("coach_moved", "08:00"), ("coach_cancelled", "08:45"), ("coach_resumed", "08:45")]
    # and tickets count as those of any bus: at the gate, and for their fees
    order = TicketOrder.objects.get(pk=order.pk)
    assert not is_cancelled(order)
    assert fee(order, order.starts_at) == Decimal("12.00")
    with frozen(order.starts_at - timedelta(minutes=5)):
        assert (
            check_in(guard, world.station("CQ-LTS"), order.tickets.get().number).answer == GateAnswer.PASSED
        )


@pytest.mark.parametrize("moved_before", [True, False])
def test_it_comes_back_at_another_time(
    order: TicketOrder, hours: Hours, told: Told, moved_before: bool
) -> None:
    # given
    if moved_before:
        hours.says("08:45")
    hours.says("08:45" if moved_before else "08:00", CANCELLED)
    told.clear()
    # when
    hours.says("09:10")
    # then
    was = "08:45" if moved_before else "08:00"
    assert told == [("coach_moved", was), ("coach_resumed", "09:10")]
    order = TicketOrder.objects.get(pk=order.pk)
    assert (is_cancelled(order), order.starts_at.astimezone(MORNING.tzinfo).strftime("%H:%M")) == (
        False,
        "09:10",
    )


def test_who_bought_before_it_moved_and_after_are_told_once_each(
    order: TicketOrder, world: World, hours: Hours, told: Told
) -> None:
    # given
    hours.says("08:45")
    with frozen(hours.at):
        later = issued(world, found=world.bus("08:45"), key="key-00000002")
    assert later.coach_trip.shift_day_id != order.coach_trip.shift_day_id
    told.clear()
    # when, a second time as well
    for _ in range(2):
        hours.says("08:45", CANCELLED)
        hours.says("08:45")
    # then
    assert (
        told
        == [("coach_cancelled", "08:45")] * 2
        + [("coach_resumed", "08:45")] * 2
        + [("coach_cancelled", "08:45")] * 2
        + [("coach_resumed", "08:45")] * 2
    )
    assert [is_cancelled(one) for one in TicketOrder.objects.order_by("pk")] == [False, False]


def test_what_was_given_back_meanwhile_stays_so(
    order: TicketOrder, world: World, hours: Hours, told: Told
) -> None:
    # given: when it does not go, the ticket is given back; its order stays
    hours.says("08:45")
    hours.says("08:45", CANCELLED)
    Ticket.objects.filter(ticket_order=order).update(state=TicketState.REFUNDED)
    told.clear()
    # when it comes back, moves, and does not go again
    hours.says("08:45")
    hours.says("09:10")
    hours.says("09:10", CANCELLED)
    # then
    assert told == []
    assert Ticket.objects.get(ticket_order=order).state == TicketState.REFUNDED


def test_a_list_that_knows_less_than_a_notice_brings_no_moved_bus_back(
    order: TicketOrder, hours: Hours, told: Told
) -> None:
    # given a bus that moved; a notice says that it does not go, the list sells it on
    hours.says("08:45")
    cancel_day(order.coach_trip.shift_day_id)
    # when
    hours.says("08:45")
    # then
    assert is_cancelled(TicketOrder.objects.get(pk=order.pk))
    assert [one for one, _leaves in told] == ["coach_moved", "coach_cancelled"]


def test_what_came_back_once_is_no_word_for_the_next_time(
    order: TicketOrder, hours: Hours, told: Told
) -> None:
    # given a bus that was cancelled in the list and came back
    hours.says("08:45")
    hours.says("08:45", CANCELLED)
    hours.says("08:45")
    # when a notice says that it does not go, the list sells it on
    cancel_day(order.coach_trip.shift_day_id)
    hours.says("08:45")
    # then
    assert is_cancelled(TicketOrder.objects.get(pk=order.pk))
    assert [one for one, _leaves in told][-2:] == ["coach_resumed", "coach_cancelled"]


def test_another_network_that_does_not_drive_it_keeps_it_cancelled(
    order: TicketOrder, hours: Hours, told: Told
) -> None:
    # given: both said that the bus at eight does not go
    hours.says("08:00", CANCELLED, "b")
    hours.says("08:00", CANCELLED)
    # when one of them sells it at another time
    hours.says("08:45")
    assert is_cancelled(TicketOrder.objects.get(pk=order.pk))
    # when the other one does
    hours.says("08:45", "", "b")
    # then
    assert not is_cancelled(TicketOrder.objects.get(pk=order.pk))
    assert [one for one, _leaves in told] == ["coach_cancelled", "coach_moved", "coach_resumed"]


@pytest.mark.parametrize("moved", [True, False])
def test_who_was_at_the_bus_at_that_moment_does_not_keep_it_cancelled(
    order: TicketOrder, hours: Hours, told: Told, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    # given
    clock = "08:45" if moved else "08:00"
    hours.says(clock)
    hours.says(clock, CANCELLED)
    told.clear()

    def taken(_pk: int) -> ShiftDay:
        raise LockTimeout

    # when it comes back while somebody has locked it
    with monkeypatch.context() as patch:
        patch.setattr(cancelling, "lock_day", taken)
        hours.says(clock)
    assert told == []
    # then the next time brings it
    hours.says(clock)
    assert told == [("coach_resumed", clock)]
    assert not is_cancelled(TicketOrder.objects.get(pk=order.pk))


def test_a_bus_that_is_taken_keeps_no_other_one_waiting(
    order: TicketOrder, world: World, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two buses that do not go, one of which somebody has locked
    later = issued(world, found=world.bus("14:00"), key="key-00000002")
    world.networks["a"].states = {"1": CANCELLED, "2": CANCELLED}
    lock_day = cancelling.lock_day
    first = order.coach_trip.shift_day_id

    def taken(pk: int) -> ShiftDay:
        if pk == first:
            raise LockTimeout
        return lock_day(pk)

    monkeypatch.setattr(cancelling, "lock_day", taken)
    # when
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # then
    assert told == [("coach_cancelled", "14:00")]
    assert is_cancelled(TicketOrder.objects.get(pk=later.pk))


def test_who_was_at_a_hold_at_that_moment_does_not_keep_it(
    world: World, hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given seats that are held, and not paid, of a bus that does not go; somebody is at them
    order = world.hold()

    def taken(_pk: int) -> TicketOrder:
        raise LockTimeout

    world.networks["a"].states = {"1": CANCELLED}
    with monkeypatch.context() as patch:
        patch.setattr(stopping, "lock_order", taken)
        freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    assert TicketOrder.objects.get(pk=order.pk).state == OrderState.HELD
    # when the network says so again
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # then they are let go
    assert TicketOrder.objects.get(pk=order.pk).state == OrderState.CLOSED


def test_a_bus_that_calls_at_two_stations_leaves_each_at_its_time(
    order: TicketOrder, world: World, hours: Hours, told: Told
) -> None:
    # given: under one word of the network's it leaves the other station an hour earlier
    network = world.networks["a"]
    rows = type(network).shifts

    def shifts(station: str, goal: str, day: Any) -> list[Any]:
        found = rows(network, station, goal, day)
        return [
            replace(one, shift="A-1", product={**one.product, "shift": "A-1"}) if one.flow else one
            for one in found
        ]

    network.shifts = shifts  # type: ignore[method-assign,assignment]
    # when buses of the other station are asked for after those of his own
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    with frozen(MORNING + timedelta(minutes=1)):
        freshen([world.station("CQ-BZN")], DAY, age=timedelta(0))
        follow(order.coach_trip.shift_day_id, "test-coach-a", "A-1")
    # then
    assert told == []
    assert TicketOrder.objects.get(pk=order.pk).starts_at == order.starts_at


def test_what_was_cancelled_before_the_update_comes_back(
    order: TicketOrder, hours: Hours, told: Told
) -> None:
    # given a bus that was cancelled when nothing said by whom
    hours.says("08:00", CANCELLED, "b")
    hours.says("08:00", CANCELLED)
    day = ShiftDay.objects.filter(pk=order.coach_trip.shift_day_id)
    day.update(stopped_by=[])
    # when the update runs
    import_module("plugins.ticketing.coach.migrations.0013_stopped_by").fill(apps, None)
    # then
    assert day.get().stopped_by == ["test-coach-a", "test-coach-b"]
    hours.says("08:00", "", "b")
    hours.says("08:00")
    assert [one for one, _leaves in told] == ["coach_cancelled", "coach_resumed"]


def test_a_bus_that_cannot_be_followed_stops_no_other_one(
    order: TicketOrder, world: World, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two buses that go later; of the first one somebody is at an order
    later = issued(world, found=world.bus("14:00"), key="key-00000002")
    assert order.coach_trip.shift_day_id < later.coach_trip.shift_day_id
    network = world.networks["a"]
    first, second, *others = network.buses
    network.buses = (replace(first, leaves="08:45"), replace(second, leaves="14:30"), *others)
    lock_order = moving.lock_order

    def taken(pk: int) -> TicketOrder | None:
        if pk == order.pk:
            raise LockTimeout
        return lock_order(pk)

    # when
    with monkeypatch.context() as patch, frozen(MORNING + timedelta(minutes=30)):
        patch.setattr(moving, "lock_order", taken)
        refresh_days()
    # then the others know, and the first ones the next time
    assert told == [("coach_moved", "14:00")]
    with frozen(MORNING + timedelta(minutes=60)):
        refresh_days()
    assert told[1:] == [("coach_moved", "08:00")]
