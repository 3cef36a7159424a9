"""Networks' places are ours by name where that is beyond doubt, else by a person; lines and buses follow."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.ticketing.coach.access import STATION_EDIT, STATION_VIEW
from plugins.ticketing.coach.choices import MatchBy
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import Line, LineStop, Station, SupplierLine, SupplierStation
from plugins.ticketing.coach.services.mapping import match, proposals, unmatch
from plugins.ticketing.coach.services.syncing import networks, sync_networks
from plugins.ticketing.kernel.models import SupplierAccount
from saleor_o2o.kernel.scope import OutOfScope

from ...orgs import again, person
from .conftest import World


def test_names_that_are_beyond_doubt_are_matched(world: World) -> None:
    # given: synchronised; the second network calls every place otherwise
    rows = SupplierStation.objects.filter(supplier__code="b").select_related("station")
    # then
    assert {one.name: one.station.code if one.station else "" for one in rows} == {
        "龙头寺站": "CQ-LTS", "北站南广场站": "CQ-BZN", "重庆铜梁": "CQ-TL", "遂宁": "SC-SN", "重庆涪陵": "CQ-FL",
    }  # fmt: skip
    assert {one.matched_by for one in rows} == {MatchBy.SYSTEM}


def test_one_line_of_two_networks_is_one(world: World) -> None:
    # then
    assert sorted(Line.objects.values_list("code", flat=True)) == ["CQ-BZN-CQ-FL", "CQ-LTS-SC-SN"]
    assert SupplierLine.objects.filter(line__code="CQ-LTS-SC-SN").count() == 2
    stops = LineStop.objects.filter(line__code="CQ-LTS-SC-SN").values_list("station__code", "kilometres")
    assert sorted(stops) == [("CQ-TL", 75), ("SC-SN", 165)]
    # when it is done again, nothing changes
    sync_networks()
    assert (Line.objects.count(), LineStop.objects.count(), SupplierStation.objects.count()) == (2, 3, 10)


def test_a_silent_network_is_left_out(world: World) -> None:
    # given
    world.networks["a"].quiet = True
    # then the other one is taken over all the same
    assert sync_networks() == 5


def test_an_insurer_is_no_network(world: World) -> None:
    # given an account of the same trade that tells no buses
    SupplierAccount.objects.create(code="ins", name="保险公司", trade="insure", adapter="insurer")
    # then
    assert [one.code for one in networks()] == ["a", "b"]
    assert sync_networks() == 10


@pytest.mark.parametrize(
    ("name", "first", "score"),
    [
        ("涪陵", "CQ-FL", 100),
        ("重庆市涪陵区汽车站", "CQ-FL", 80),
        ("涪陵长途汽车站", "CQ-FL", 80),
        ("火星", None, 0),
    ],
)
def test_proposals(world: World, name: str, first: str | None, score: int) -> None:
    # given
    row = SupplierStation(code="X", name=name, boards=True)
    # when
    found = proposals(row, list(Station.objects.all()))
    # then
    assert (found[0].station.code, found[0].score) == (first, score) if first else found == []


def test_a_name_of_another_town_is_no_match(world: World) -> None:
    # given: 南充 and 南川 have the same initials, 涪陵 is told to lie in Sichuan
    row = SupplierStation(code="X", name="涪陵", city="成都", boards=True)
    assert proposals(row, list(Station.objects.all()))[0].score == 65


def test_a_person_matches_and_takes_back(world: World) -> None:
    # given a place that nobody knows
    keeper = again(person(world.org["CQ"], "keeper", [STATION_VIEW, STATION_EDIT]))
    row = SupplierStation.objects.get(supplier__code="b", name="重庆涪陵")
    unmatch(keeper, row.pk, "对错了")
    assert SupplierStation.objects.get(pk=row.pk).station is None
    # when
    match(keeper, row.pk, world.station("CQ-FL"))
    # then
    row.refresh_from_db()
    assert (row.station, row.matched_by) == (world.station("CQ-FL"), MatchBy.PERSON)
    with pytest.raises(CoachError) as refusal:
        match(keeper, row.pk, world.station("CQ-TL"))
    assert refusal.value.code.value == "ALREADY_MATCHED"


def test_others_may_not(world: World) -> None:
    # given
    row = SupplierStation.objects.filter(supplier__code="b").first()
    assert row is not None
    stranger: Any = again(person(world.org["B111"], "stranger", ["order.view"]))
    # then
    with pytest.raises(OutOfScope):
        unmatch(stranger, row.pk, "不该改")
    assert SupplierStation.objects.get(pk=row.pk).station == row.station
