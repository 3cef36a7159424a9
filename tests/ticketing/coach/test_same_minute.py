"""Two buses of one minute, as before holidays: each stays the one that it was, whatever the other one does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plugins.ticketing.coach.choices import ShiftState
from plugins.ticketing.coach.models import ShiftDay, ShiftOffer
from plugins.ticketing.coach.ports import CANCELLED
from plugins.ticketing.coach.selectors.shifts import Found, found_of
from plugins.ticketing.coach.services.cancelling import is_cancelled
from plugins.ticketing.coach.services.keeping import refresh_days
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import frozen

from .conftest import World
from .networks import DAY, MORNING
from .test_papers import issue


def row_of(code: str) -> int:
    """The day's row of a bus of the first network's."""
    [pk] = set(
        ShiftOffer.objects.filter(their_shift=code, supplier__code="a").values_list("shift_day", flat=True)
    )
    return pk


def issued(world: World, code: str, key: str) -> TicketOrder:
    found = found_of(row_of(code), world.station("SC-SN").pk)
    assert isinstance(found, Found)
    made = world.hold(found=found, key=key)
    issue(made)
    TicketOrder.objects.filter(pk=made.pk).update(state="issued")
    return TicketOrder.objects.get(pk=made.pk)


@pytest.fixture
def pair(world: World) -> tuple[TicketOrder, TicketOrder]:
    """Tickets of the bus at eight, and of the extra one beside it, at the one network that sells."""
    network = world.networks["a"]
    network.buses = (network.buses[0], replace(network.buses[0], number="1x", extra=True), *network.buses[1:])
    world.networks["b"].quiet = True
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    return issued(world, "A-1", "key-00000001"), issued(world, "A-1x", "key-00000002")


def test_the_extra_bus_is_no_other_one_when_the_first_moves(
    pair: tuple[TicketOrder, TicketOrder], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text",
        lambda _mobile, text, words: told.append((text, words["link"].rpartition("/")[2])),
    )
    first, extra = pair
    network = world.networks["a"]
    rows = row_of("A-1"), row_of("A-1x")
    # when the first one goes later
    network.buses = (replace(network.buses[0], leaves="08:45"), *network.buses[1:])
    with frozen(MORNING + timedelta(minutes=30)):
        refresh_days()
    # then
    assert row_of("A-1x") == rows[1] == extra.coach_trip.shift_day_id
    # when the extra one does not go
    network.states["1x"] = CANCELLED
    with frozen(MORNING + timedelta(minutes=60)):
        refresh_days()
    # then its people are told, and nobody else
    assert told == [("coach_moved", first.number), ("coach_cancelled", extra.number)]
    assert [is_cancelled(TicketOrder.objects.get(pk=one.pk)) for one in pair] == [False, True]
    assert ShiftDay.objects.get(pk=rows[0]).state == ShiftState.RUNNING


def test_one_that_comes_from_another_minute_takes_nobodys_place(
    pair: tuple[TicketOrder, TicketOrder], world: World
) -> None:
    # given one whose word is before the others', an hour later
    rows = row_of("A-1"), row_of("A-1x")
    network = world.networks["a"]
    network.buses = (replace(network.buses[0], number="0", leaves="09:00"), *network.buses)
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # when it goes at their minute
    network.buses = (replace(network.buses[0], leaves="08:00"), *network.buses[1:])
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # then
    assert (row_of("A-1"), row_of("A-1x")) == rows
    assert row_of("A-0") not in rows


def test_one_that_is_put_on_later_takes_nobodys_place(
    pair: tuple[TicketOrder, TicketOrder], world: World
) -> None:
    # given
    rows = row_of("A-1"), row_of("A-1x")
    network = world.networks["a"]
    # when a third one comes, whose word is before the others'
    network.buses = (replace(network.buses[0], number="0", extra=True), *network.buses)
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # then
    assert (row_of("A-1"), row_of("A-1x")) == rows
    assert row_of("A-0") not in rows


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_a_new_bus_at_the_minute_of_one_that_moved_is_not_that_one(
    world: World, monkeypatch: pytest.MonkeyPatch, at_once: bool, both: bool
) -> None:
    # given a bus that people have tickets of
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text",
        lambda _mobile, text, words: told.append((text, words["link"].rpartition("/")[2])),
    )
    world.networks["b"].quiet = not both
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    first = issued(world, "A-1", "key-00000001")
    old = first.coach_trip.shift_day_id
    # when it is put off, and another one goes at its minute, at one network or at both
    hour = MORNING
    for network in world.networks.values():
        network.buses = (replace(network.buses[0], leaves="08:45"), *network.buses[1:])
    if not at_once:
        hour += timedelta(minutes=30)
        with frozen(hour):
            refresh_days()
    for network in world.networks.values():
        network.buses = (*network.buses, replace(network.buses[0], number="9", leaves="08:00"))
    for _again in range(2):
        hour += timedelta(minutes=30)
        with frozen(hour):
            refresh_days()
    # then it is another bus, and of both networks one
    assert row_of("A-9") not in (old, row_of("A-1"))
    rows = set(ShiftOffer.objects.filter(their_shift__endswith="-9").values_list("shift_day", flat=True))
    assert rows == {row_of("A-9")}
    with frozen(hour):
        other = issued(world, "A-9", "key-00000002")
    # when the new one does not go: its people are told, nobody else
    for network in world.networks.values():
        network.states["9"] = CANCELLED
    with frozen(hour + timedelta(minutes=30)):
        refresh_days()
    assert told == [("coach_moved", first.number), ("coach_cancelled", other.number)]
    assert [is_cancelled(TicketOrder.objects.get(pk=one.pk)) for one in (first, other)] == [False, True]
    # and the first one, which goes by its timetable after all, is the one that it was
    for network in world.networks.values():
        network.buses = (replace(network.buses[0], leaves="08:00"), *network.buses[1:])
    with frozen(hour + timedelta(minutes=60)):
        refresh_days()
    assert row_of("A-1") == old
    assert ShiftDay.objects.get(pk=old).state == ShiftState.RUNNING


def test_one_that_took_the_place_of_a_cancelled_one_brings_it_not_back(world: World) -> None:
    # given a bus that does not go
    world.networks["b"].quiet = True
    network = world.networks["a"]
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    first = issued(world, "A-1", "key-00000001")
    network.states["1"] = CANCELLED
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # when its network lists another one in its place
    network.buses = (replace(network.buses[0], number="9"), *network.buses[1:])
    freshen([world.station("CQ-LTS")], DAY, age=timedelta(0))
    # then whoever has tickets of the first one still gets his money back
    assert is_cancelled(TicketOrder.objects.get(pk=first.pk))
    assert row_of("A-9") != first.coach_trip.shift_day_id
