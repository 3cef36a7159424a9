"""The same bus of two networks is one; what cannot be bought any more is not shown."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plugins.ticketing.coach.choices import ShiftState
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.journeys.riding import SHIFTS
from plugins.ticketing.coach.models import Season, Shift, ShiftDay, ShiftFare, ShiftOffer, Station
from plugins.ticketing.coach.ports import CANCELLED
from plugins.ticketing.coach.selectors.places import goals, seasons, serving, starts, those_named
from plugins.ticketing.coach.selectors.shifts import Found, found_of, search
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.trade import CoachRules, words_of
from plugins.ticketing.coach.windows import check_hours, check_presale, in_presale, last_day
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SupplierRefused
from plugins.ticketing.kernel.services.quotes import quote
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.states import move

from ...scope.graphql import asked
from .conftest import World
from .networks import DAY, MORNING, Bus

D = Decimal


def buses(world: World, start: str = "主城", goal: str = "遂宁", day: date = DAY) -> list[Found]:
    beginnings = those_named(start, boards=True)
    ends = goals(beginnings, goal)
    freshen(serving(beginnings, ends), day)
    return search(beginnings, ends, day, seasons())


def clocks(found: list[Found]) -> list[str]:
    return [f"{one.shift_day.departs.astimezone(MORNING.tzinfo):%H:%M}" for one in found]


def test_one_bus_of_two_networks_is_one(world: World) -> None:
    # when
    found = buses(world)
    # then: each bus once, with both networks as candidates, the first one's price shown
    assert clocks(found) == ["08:00", "14:00"]
    first = found[0]
    assert [one.supplier.code for one in first.options] == ["a", "b"]
    assert first.fares("online") == [
        ("full", D("60.00"), D("2.00")), ("half", D("30.00"), D("2.00")), ("free", D("0.00"), D("0.00")),
    ]  # fmt: skip
    assert [one.price("full") for one in first.options] == [D("62.00"), D("64.50")]
    assert (first.kilometres, first.minutes, first.left) == (165, 165, 20)
    assert Shift.objects.count() == 2
    assert ShiftFare.objects.filter(shift__departs="08:00").count() == 2


def test_the_stations_of_ones_own_city_come_first(world: World) -> None:
    # given: stations of other provinces, whose names come first
    cities = [one.city for one in starts()]
    # then
    assert len(set(cities)) > 2
    assert cities[: cities.count("重庆")] == ["重庆"] * cities.count("重庆")
    # by what is typed it is the best one that comes first, wherever it is
    assert starts("sn")[0].code == "SC-SN"


def test_a_stop_on_the_way_has_its_own_price(world: World) -> None:
    # when
    [first, _second] = buses(world, "lts", "tl")
    # then
    assert (first.goal.code, first.first.price("full")) == (
        "CQ-TL",
        D("60") * 75 / 165 // D("0.01") * D("0.01") + 2,
    )


def test_flow_buses_have_no_seats_and_a_last_one(world: World) -> None:
    # when
    [flow] = buses(world, "北站南广场", "fl")
    # then
    assert flow.shift_day.shift.flow
    assert (flow.shift_day.last - flow.shift_day.departs) == timedelta(hours=12)


@pytest.mark.parametrize(("minutes", "shown"), [(41, ["08:00", "14:00"]), (40, ["14:00"]), (39, ["14:00"])])
def test_the_sale_stops_forty_minutes_before(world: World, minutes: int, shown: list[str]) -> None:
    # given: the station's forty minutes count, the networks' thirty are less
    leaves = MORNING.replace(month=12, day=1, hour=8)
    with frozen(leaves - timedelta(minutes=minutes)):
        assert clocks(buses(world)) == shown


def test_a_network_that_stops_earlier_is_left_out(world: World) -> None:
    # given
    world.networks["b"].stop_sale = 60
    with frozen(MORNING.replace(month=12, day=1, hour=7)):
        # then at the very hour it is the first network's alone
        assert [[one.supplier.code for one in bus.options] for bus in buses(world)] == [["a"], ["a", "b"]]


def test_cancelled_buses_are_not_shown(world: World) -> None:
    # given it was there
    assert clocks(buses(world)) == ["08:00", "14:00"]
    # when one network says that it does not go
    world.networks["b"].states["1"] = CANCELLED
    with frozen(MORNING + timedelta(minutes=3)):
        assert clocks(buses(world)) == ["14:00"]
    assert ShiftDay.objects.get(shift__departs="08:00").state == ShiftState.CANCELLED


def test_what_was_said_two_minutes_ago_is_not_asked_again(world: World) -> None:
    # given
    buses(world)
    asked = world.networks["a"].questions
    # then
    with frozen(MORNING + timedelta(seconds=119)):
        buses(world)
    assert world.networks["a"].questions == asked
    with frozen(MORNING + timedelta(seconds=121)):
        buses(world)
    assert world.networks["a"].questions == asked + 1


def test_a_silent_network_is_believed_for_five_minutes(world: World) -> None:
    # given
    buses(world)
    world.networks["b"].quiet = True
    # then
    with frozen(MORNING + timedelta(minutes=4)):
        assert [one.supplier.code for one in buses(world)[0].options] == ["a", "b"]
    with frozen(MORNING + timedelta(minutes=6)):
        assert [one.supplier.code for one in buses(world)[0].options] == ["a"]
    # and when both are silent nothing old is offered
    world.networks["a"].quiet = True
    with frozen(MORNING + timedelta(minutes=20)):
        assert buses(world) == []


@pytest.mark.parametrize(("code", "there"), [("UNREACHABLE", True), ("OTHER", True), ("NOT_ON_SALE", False)])
def test_a_network_that_is_not_there_has_not_taken_its_buses_back(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str, there: bool
) -> None:
    # given
    found = world.bus()
    assert len(found.options) == 2

    def refused(*_told: Any) -> Any:
        raise SupplierRefused(code, "连不上客票网")

    monkeypatch.setattr(world.networks["a"], "shifts", refused)

    # when: asked anew
    freshen([found.start], found.shift_day.day, age=timedelta(0))

    # then: what it said is believed for five minutes; only its own word that it sells nothing takes it away
    now_there = found_of(found.shift_day.pk, found.goal.pk)
    assert now_there is not None
    assert [one.supplier.code for one in now_there.options] == (["a", "b"] if there else ["b"])


def test_a_bus_that_a_network_does_not_sell_any_more_is_gone(world: World) -> None:
    # given
    buses(world)
    world.networks["b"].buses = world.networks["b"].buses[1:]
    # when
    with frozen(MORNING + timedelta(minutes=3)):
        found = buses(world)
    # then
    assert [[one.supplier.code for one in bus.options] for bus in found] == [["a"], ["a", "b"]]


def test_networks_that_rest_or_are_closed_come_last(world: World) -> None:
    # given
    SupplierAccount.objects.filter(code="a").update(rests_until=MORNING + timedelta(minutes=10))
    assert [one.supplier.code for one in buses(world)[0].options] == ["b"]
    SupplierAccount.objects.filter(code="a").update(rests_until=None, opens="10:00", closes="20:00")
    assert [one.supplier.code for one in buses(world)[0].options] == ["b"]
    SupplierAccount.objects.filter(code="a").update(hours_queue=True)
    assert [one.supplier.code for one in buses(world)[0].options] == ["a", "b"]


def test_statements_do_not_grow_with_buses(world: World) -> None:
    # given
    def counted() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            buses(world)
        return len(seen)

    buses(world)
    few = counted()
    for network in world.networks.values():
        network.buses += tuple(
            Bus(str(number), network.buses[0].stops, f"{number}:10", "60") for number in range(10, 22)
        )
    with frozen(MORNING + timedelta(minutes=3)):
        buses(world)
        # when
        many = counted()
        assert len(buses(world)) == 14
    # then
    assert (few, many) == (few, few)
    assert few <= 9
    assert ShiftOffer.objects.filter(supplier__code="a").count() == 28


def test_refreshing_costs_the_same_for_many_buses(world: World) -> None:
    # given
    def counted(minutes: int) -> int:
        with frozen(MORNING + timedelta(minutes=minutes)), CaptureQueriesContext(connection) as seen:
            buses(world)
        return len(seen)

    counted(0)
    few = counted(3)
    for network in world.networks.values():
        network.buses += tuple(
            Bus(str(number), network.buses[0].stops, f"{number}:10", "60") for number in range(10, 22)
        )
    # then
    counted(6)
    assert counted(9) == few


def test_presale_days_and_seasons(world: World) -> None:
    # given: seven days, ten for the new year's days
    station, on = world.station("CQ-LTS"), date(2026, 12, 22)
    known = list(Season.objects.all())
    # then
    assert [in_presale(station, known, date(2026, 12, day), on) for day in (21, 22, 28, 29, 30, 31)] == [
        False, True, True, False, False, True,
    ]  # fmt: skip
    assert not in_presale(station, known, date(2027, 1, 1), on)
    assert last_day(station, known, on) == date(2026, 12, 31)
    assert last_day(station, [], on) == date(2026, 12, 28)


def test_refusals_say_until_when(world: World) -> None:
    # given
    station = world.station("CQ-LTS")
    with pytest.raises(CoachError) as refusal:
        check_presale(station, [], MORNING.date() + timedelta(days=7))
    assert (refusal.value.code.value, refusal.value.message) == (
        "NOT_IN_PRESALE", "龙头寺汽车站现在只售到 2026-12-06 的车票",
    )  # fmt: skip
    with pytest.raises(CoachError) as refusal:
        check_presale(station, [], MORNING.date() - timedelta(days=1))
    assert refusal.value.message == "乘车日期已过"
    Station.objects.filter(pk=station.pk).update(opens="09:01", closes="22:00")
    with pytest.raises(CoachError) as refusal:
        check_hours(world.station("CQ-LTS"))
    assert refusal.value.message == "龙头寺汽车站每天 09:01 至 22:00 售票"


def test_where_one_may_begin(world: World) -> None:
    assert [one.code for one in starts("lts")] == ["CQ-LTS"]
    assert len(starts()) == 39
    assert [one.code for one in goals(those_named("CQ-LTS"), "")] == ["SC-SN", "CQ-TL"]


def test_an_extra_bus_is_told_and_not_given_back(world: World) -> None:
    # given a bus that the networks have put on beside the timetable
    for network in world.networks.values():
        network.buses = (*network.buses, Bus("9", network.buses[0].stops, "16:00", "60", extra=True))
    usual, extra = world.bus("14:00"), world.bus("16:00")
    assert (usual.shift_day.extra, extra.shift_day.extra) == (False, True)
    # when it is sold
    order = world.hold(found=extra)
    # then by the rule of extra buses, though the place's own one is there too; the other bus by that one
    [ticket] = order.tickets.all()
    assert ticket.refund_rule is not None
    assert ticket.refund_rule["name"] == "公路客票退票（加班车不退）"
    assert dict(words_of(order))["班次"] == "A-9（加班车）"
    move(ticket, "issue")
    quoted = quote(
        "ticket:1",
        ticket.refund_rule,
        CoachRules().facts(ticket, carriers_fault=False, quantity=1),
    )
    assert quoted.allowed is False
    # but a bus that does not go is the carrier's to pay for
    free = quote(
        "ticket:1",
        ticket.refund_rule,
        CoachRules().facts(ticket, carriers_fault=True, quantity=1),
    )
    assert (free.allowed, free.fee) == (True, D("0.00"))
    plain = world.hold(key="key-00000002", found=usual).tickets.get()
    assert plain.refund_rule is not None
    assert plain.refund_rule["name"] == "公路客票退票（重庆，节假日不退）"
    # and whoever looks reads it before he buys
    told = asked(None, SHIFTS, start="lts", goal="sn", day=DAY)["coachShifts"]["shifts"]
    assert [one["extra"] for one in told] == [False, False, True]
    assert told[1]["refundWords"] != told[2]["refundWords"]


def test_without_electronic_tickets_a_paper_is_needed(world: World) -> None:
    # given
    Station.objects.filter(code="CQ-LTS").update(e_ticket=False)
    # then
    assert world.station("CQ-LTS").picks == ["window", "outlet"]
    assert world.station("CQ-BZN").picks == ["id_card", "qr", "window", "outlet"]
    assert world.hold().place["pick"] == ["window", "outlet"]
