"""With which day a search begins: not with one for which nothing can be bought any more."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.ticketing.coach.models import Station
from plugins.ticketing.coach.selectors.first_days import first_day, first_days
from plugins.ticketing.coach.selectors.places import goals, those_named
from plugins.ticketing.coach.services.searching import buses
from plugins.ticketing.kernel.access import ORDER_VIEW, SELL
from saleor_o2o.kernel.clock import frozen

from ...orgs import again, person
from ...scope.graphql import asked
from .conftest import World
from .networks import DAY, MORNING

NEXT = DAY + timedelta(days=1)
SHIFTS = """query($start: String!, $goal: String!, $day: Date) { coachShifts(start: $start, goal: $goal, day: $day) {
  day shifts { departs } errors { code } } }"""
DAYS = """query($start: String!) { coachStations(search: $start) { code firstDay lastDay }
  coachDestinations(start: $start) { code firstDay } }"""


def at(clock: str, *, days: int = 0) -> datetime:
    """A moment of the first of December, on which the last bus to Suining leaves at 14:00, its sale stops at 13:20."""
    hour, minute = (int(part) for part in clock.split(":"))
    return MORNING.replace(month=12, day=1 + days, hour=hour, minute=minute)


def begun(world: World, start: str = "CQ-LTS", goal: str = "SC-SN") -> Any:
    return first_day([world.station(start)], [world.station(goal)])


@pytest.mark.parametrize(("clock", "day"), [("00:10", DAY), ("13:19", DAY), ("13:20", NEXT), ("23:59", NEXT)])
def test_after_the_last_bus_a_search_begins_with_tomorrow(world: World, clock: str, day: Any) -> None:
    # given: the networks were asked about the day
    world.bus()
    # then
    with frozen(at(clock)):
        assert begun(world) == day
        told = buses("asker", "CQ-LTS", "SC-SN", None)
        assert told.day == day
        assert told.found
        # a day that is said is that day
        assert buses("asker", "CQ-LTS", "SC-SN", DAY).day == DAY


def test_of_what_nobody_was_asked_today_the_days_beside_it_tell(world: World) -> None:
    # given: nobody knows anything
    assert begun(world) == MORNING.date()
    with frozen(at("15:00")):
        assert begun(world) == DAY
    # when tomorrow was asked for
    world.bus(day=NEXT)
    # then today is as long as that, and ends with its own last bus
    with frozen(at("13:19")):
        assert begun(world) == DAY
    with frozen(at("13:20")):
        assert begun(world) == NEXT


def test_a_flow_goes_on_until_its_last_bus(world: World) -> None:
    # given: from 06:30 to 18:30
    world.bus("06:30", "CQ-FL")
    # then
    with frozen(at("17:49")):
        assert begun(world, "CQ-BZN", "CQ-FL") == DAY
    with frozen(at("17:50")):
        assert begun(world, "CQ-BZN", "CQ-FL") == NEXT


def test_a_station_that_has_closed_sells_nothing_of_today(world: World) -> None:
    # given: whatever goes there
    Station.objects.filter(code="CQ-BZN").update(closes="17:00")
    # then
    for clock, day in (("16:59", DAY), ("17:00", NEXT)):
        with frozen(at(clock)):
            assert begun(world, "CQ-BZN", "CQ-FL") == day
            [told] = asked(None, DAYS, start="CQ-BZN")["coachStations"]
            assert told["firstDay"] == str(day)
    # and one that does not sell tomorrow yet begins with today
    Station.objects.filter(code="CQ-BZN").update(presale_days=1, season_days=1)
    with frozen(at("17:00")):
        assert begun(world, "CQ-BZN", "CQ-FL") == DAY


def test_each_goal_has_its_day_for_the_same_statements(world: World) -> None:
    # given: all the buses of the city are known
    world.bus()
    with frozen(at("15:00")):
        # then: of a town it is the last of its stations that sells
        told = asked(None, DAYS, start="主城")["coachDestinations"]
        assert {one["code"]: one["firstDay"] for one in told} == {
            "SC-SN": str(NEXT), "CQ-TL": str(NEXT), "CQ-FL": str(DAY),
        }  # fmt: skip
        starts = those_named("主城", boards=True)
        for places in (goals(starts)[:1], goals(starts)):
            with CaptureQueriesContext(connection) as done:
                first_days(starts, places)
            assert len(done) == 2
    # and asks no network
    asked_before = world.networks["a"].questions
    with frozen(at("15:00")):
        asked(None, DAYS, start="主城")
    assert world.networks["a"].questions == asked_before


def test_the_api_tells_the_day_with_which_it_began(world: World) -> None:
    world.bus()
    with frozen(at("21:00")):
        told = asked(None, SHIFTS, start="CQ-LTS", goal="SC-SN")["coachShifts"]
        assert (told["day"], told["errors"]) == (str(NEXT), [])
        # 08:00 and 14:00 in Chongqing
        assert [one["departs"][:16] for one in told["shifts"]] == [f"{NEXT}T00:00", f"{NEXT}T06:00"]
        told = asked(None, SHIFTS, start="CQ-LTS", goal="SC-SN", day=str(DAY))["coachShifts"]
        assert (told["day"], told["shifts"]) == (str(DAY), [])
        told = asked(None, SHIFTS, start="火星", goal="SC-SN")["coachShifts"]
        assert (told["day"], [one["code"] for one in told["errors"]]) == (str(DAY), ["NOT_FOUND"])


def test_the_counter_begins_with_the_day_that_can_be_sold(world: World) -> None:
    # given
    clerk = again(person(world.org["B111"], "seller", (SELL, ORDER_VIEW)))
    client = Client()
    client.force_login(clerk)
    world.bus()

    def shifts(**told: Any) -> Any:
        page = reverse("admin:o2o_coach_shiftday_ask", args=["shifts"])
        body = {"start": "CQ-LTS", "goal": "SC-SN", **told}
        return client.post(page, json.dumps(body), content_type="application/json").json()

    with frozen(at("20:00")):
        # then: without a day the first one that can be sold, with one that day
        told = shifts(day="")
        assert (told["day"], [one["departs"] for one in told["shifts"]]) == (str(NEXT), ["08:00", "14:00"])
        assert shifts(day=str(DAY)) == {"day": str(DAY), "shifts": []}
        assert shifts(day="tomorrow")["error"]["field"] == "day"
    # and after the station's hours the page itself shows tomorrow
    Station.objects.update(closes="22:00")
    for clock, day in (("21:59", DAY), ("22:00", NEXT)):
        with frozen(at(clock)):
            page = client.get(reverse("admin:o2o_coach_shiftday_counter"))
        assert page.context["options"]["today"] == day.isoformat()
