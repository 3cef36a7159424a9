"""Pins, communities, places and batches: what they write, refuse and leave alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.events import UnitClosed
from plugins.org_hierarchy.models import OrgUnit, UnitVersion
from plugins.service_map.errors import MapError, MapErrorCode
from plugins.service_map.kinds import BatchState, PlaceKind, RowState
from plugins.service_map.lookup import forget_old, known_position, locate
from plugins.service_map.models import Community, GeocodeBatch, GeocodeRow, PinCorrection, Place
from plugins.service_map.nearest import nearest
from plugins.service_map.ports import Located, ProviderDown, ProviderLimit
from plugins.service_map.receivers import follow_closed_unit
from plugins.service_map.services import geocoding
from plugins.service_map.services.communities import reassign_communities, write_community
from plugins.service_map.services.geocoding import place_row, resume, submit, waiting_batches, work_on
from plugins.service_map.services.pins import correct_pin
from plugins.service_map.services.places import write_place
from plugins.service_map.sync import sync_units
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope

from ..orgs import again, person
from .map_support import CENTRE, mapped_org, place_unit, poi, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return mapped_org()


# -- pins ------------------------------------------------------------------------------------------


def test_a_moved_outlet_moves_its_unit_and_the_answer(org: dict[str, OrgUnit]) -> None:
    # given
    place = Place.objects.get(unit=org["O1112"])
    assert nearest(*CENTRE, first=1)[0].place.unit_id == org["O1111"].pk

    # when: given as the GPS receiver says it
    made = correct_pin(place, 106.5462, 29.5528, datum="wgs84", reason="门面在路口", by=None)

    # then
    unit = OrgUnit.objects.get(pk=org["O1112"].pk)
    place.refresh_from_db()
    assert (place.lng, place.lat) == (unit.lng, unit.lat) == (made.to_lng, made.to_lat)
    assert (place.source_lng, place.source_datum, unit.source_datum) == (106.5462, "wgs84", "wgs84")
    assert nearest(*CENTRE, first=1)[0].place.unit_id == unit.pk
    assert UnitVersion.objects.filter(unit=unit).latest("revision").reason == "门面在路口"
    entry = AuditEntry.objects.get(action="service_map.pin.corrected")
    assert entry.before == {"position": "106.560000, 29.560000"} and entry.after["reason"] == "门面在路口"


REFUSED = [
    ({"lng": 29.55, "lat": 106.55}, OrgError, "lng"),
    ({"reason": "  "}, MapError, "reason"),
    ({"lng": 106.551, "lat": 29.551}, MapError, "lng"),
    ({"seen": (106.6, 29.6)}, MapError, "lng"),
]


@pytest.mark.parametrize(("change", "error", "field"), REFUSED)
def test_a_refused_correction_changes_nothing(
    org: dict[str, OrgUnit], change: dict[str, Any], error: type[Exception], field: str
) -> None:
    # given
    place = Place.objects.get(unit=org["O1111"])
    asked = {"lng": 106.56, "lat": 29.56, "reason": "搬了", **change}

    # when
    with pytest.raises(error) as refused:
        correct_pin(place, asked.pop("lng"), asked.pop("lat"), by=None, **asked)

    # then
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert not PinCorrection.objects.exists()
    assert OrgUnit.objects.get(pk=org["O1111"].pk).revision == 1


def test_a_moved_community_gets_the_branch_there(org: dict[str, OrgUnit]) -> None:
    # given
    community = write_community({"name": "金色家园", "lng": 106.55, "lat": 29.55})
    assert community.unit == org["B111"]

    # when
    correct_pin(community, 106.65, 29.55, reason="在江对面", by=None)

    # then
    community.refresh_from_db()
    assert community.unit == org["B112"]


# -- communities and places ------------------------------------------------------------------------


def test_a_community_once_per_county(org: dict[str, OrgUnit]) -> None:
    # given
    write_community({"name": "金色家园", "lng": 106.55, "lat": 29.55})

    # when
    with pytest.raises(MapError) as refused:
        write_community({"name": "金色家园", "lng": 106.56, "lat": 29.55})

    # then: another county may have one too
    assert refused.value.code == MapErrorCode.NAME_TAKEN
    assert write_community({"name": "金色家园", "lng": 107.0, "lat": 30.5}).unit == org["B121"]
    with pytest.raises(MapError, match="不在任何支局"):
        write_community({"name": "远山村", "lng": 109.5, "lat": 31.5})


def test_a_new_area_takes_its_communities_along(org: dict[str, OrgUnit]) -> None:
    # given: one is tied by hand
    free = write_community({"name": "金色家园", "lng": 106.58, "lat": 29.58})
    tied = write_community({"name": "阳光城", "lng": 106.58, "lat": 29.58, "unit": org["B111"]})

    # when
    place_unit(org["B111"], 106.55, 29.55, service_area=square(106.5, 29.5, 0.05))
    place_unit(org["B112"], 106.65, 29.55, service_area=square(106.55, 29.5, 0.12))
    sync_units([org["B111"].pk, org["B112"].pk])

    # then
    assert reassign_communities(org["B111"]) == 1
    free.refresh_from_db()
    tied.refresh_from_db()
    assert (free.unit, tied.unit) == (org["B112"], org["B111"])


def station(org: dict[str, OrgUnit], **values: Any) -> dict[str, Any]:
    return {
        "kind": "station",
        "name": "龙头寺车站",
        "unit": org["B111"],
        "lng": 106.55,
        "lat": 29.6,
        **values,
    }


def test_a_place_is_written_with_hours_and_area(org: dict[str, OrgUnit]) -> None:
    # when
    made = write_place(
        station(
            org, hours="每天 06:00-22:00", aliases="龙头寺、重庆北站南广场", area=square(106.54, 29.59, 0.02)
        )
    )

    # then
    assert made.hours["7"] == [["06:00", "22:00"]] and made.aliases == ["龙头寺", "重庆北站南广场"]
    assert made.geohash.startswith("wm7b")
    assert AuditEntry.objects.get(action="service_map.place.created").after["name"] == "龙头寺车站"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "outlet"}, "kind"),
        ({"kind": "moon"}, "kind"),
        ({"name": " "}, "name"),
        ({"hours": "天天开"}, "hours"),
        ({"lng": 29.6, "lat": 106.55}, "lng"),
        ({"area": {"type": "Point"}}, "service_area"),
        ({"aliases": "龙"}, "aliases"),
    ],
)
def test_a_wrong_place_is_not_written(org: dict[str, OrgUnit], change: dict[str, Any], field: str) -> None:
    # when
    with pytest.raises((MapError, OrgError)) as refused:
        write_place(station(org, **change))

    # then
    assert refused.value.field == field
    assert not Place.objects.filter(kind=PlaceKind.STATION).exists()


def test_mirrored_places_are_changed_at_their_unit(org: dict[str, OrgUnit]) -> None:
    # given
    place = Place.objects.get(unit=org["O1111"])

    # then
    with pytest.raises(MapError) as refused:
        write_place(station(org), place=place)
    assert refused.value.code == MapErrorCode.MIRRORED


RIGHTS = [
    ("C12", ["map.view", "map.create", "map.edit"], OutOfScope),
    ("C11", ["map.view", "org_unit.view"], NotAllowed),
]


@pytest.mark.parametrize(("at", "permissions", "error"), RIGHTS)
def test_rights_on_places_and_communities(
    org: dict[str, OrgUnit], at: str, permissions: list[str], error: type[Exception]
) -> None:
    # given
    clerk = again(person(org[at], "clerk", permissions))
    there = poi(org["B111"], "车站", *CENTRE)
    estate = write_community({"name": "金色家园", "lng": 106.55, "lat": 29.55})

    # then
    for write in (
        lambda: write_place(station(org), by=clerk),
        lambda: write_place(station(org), place=there, by=clerk),
        lambda: write_community({"name": "阳光城", "lng": 106.55, "lat": 29.55}, by=clerk),
        lambda: write_community({"name": "阳光城", "lng": 106.55, "lat": 29.55}, community=estate, by=clerk),
    ):
        with pytest.raises(error):
            write()
    assert (Place.objects.filter(kind="station").count(), Community.objects.count()) == (1, 1)


# -- batches ---------------------------------------------------------------------------------------

ANSWERS = {
    "门牌": Located(106.55, 29.55, "门牌号", 0.95, "重庆市渝中区门牌", "渝中区", "500103"),
    "路": Located(106.56, 29.55, "道路", 0.5, "重庆市渝中区路", "渝中区", "500103"),
    "外区": Located(106.57, 29.55, "门牌号", 0.95, "重庆市南岸区", "南岸区", "500108"),
    "没有": None,
}
ROWS = [
    {"name": "金色家园", "address": "门牌", "district": "渝中区"},
    {"name": "阳光城", "address": "路", "district": "渝中区"},
    {"name": "江景苑", "address": "外区", "district": "渝中区"},
    {"name": "远山村", "address": "没有", "district": "渝中区"},
]


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> Any:
    return again(person(org["C11"], "clerk", ["map.view", "map.geocode", "map.create", "map.edit"]))


def answer(monkeypatch: pytest.MonkeyPatch, fail: dict[int, Exception] | None = None) -> list[str]:
    asked: list[str] = []

    def locate(address: str, _district: str = "", **_options: Any) -> Located | None:
        asked.append(address)
        error = (fail or {}).get(len(asked))
        if error is not None:
            raise error
        return ANSWERS[address]

    monkeypatch.setattr(geocoding, "locate", locate)
    return asked


def states(batch: GeocodeBatch) -> list[str]:
    return list(GeocodeRow.objects.filter(batch=batch).order_by("line").values_list("state", flat=True))


def test_a_batch_finds_doubts_and_misses(
    org: dict[str, OrgUnit], clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    answer(monkeypatch)
    batch = submit("渝中小区", org["C11"], ROWS, by=clerk)

    # when
    assert work_on(batch.pk, pace=0) is False

    # then: only the sure one is in the dictionary
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE and batch.finished_at is not None
    assert states(batch) == ["found", "doubtful", "doubtful", "not_found"]
    problems = GeocodeRow.objects.filter(batch=batch).order_by("line").values_list("problem", flat=True)
    assert list(problems) == ["", "只匹配到道路", "找到的地址在南岸区", "地图上查不到这个地址"]
    assert [(one.name, one.unit) for one in Community.objects.all()] == [("金色家园", org["B111"])]
    assert waiting_batches() == []


def test_a_doubtful_row_is_placed_by_hand(
    org: dict[str, OrgUnit], clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    answer(monkeypatch)
    batch = submit("渝中小区", org["C11"], ROWS, by=clerk)
    work_on(batch.pk, pace=0)
    row = GeocodeRow.objects.get(batch=batch, name="远山村")

    # when
    made = place_row(row, 106.65, 29.55, by=clerk)

    # then
    row.refresh_from_db()
    assert (row.state, row.community, made.unit) == (RowState.CORRECTED, made, org["B112"])
    assert AuditEntry.objects.get(action="service_map.batch.row_placed").after == {
        "position": "106.65, 29.55"
    }
    other = again(person(org["C12"], "other", ["map.view", "map.geocode"]))
    with pytest.raises(OutOfScope):
        place_row(row, 106.66, 29.55, by=other)


def test_an_address_placed_by_hand_is_answered_so_from_then_on(
    org: dict[str, OrgUnit], clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the map does not know it
    answer(monkeypatch)
    batch = submit("渝中小区", org["C11"], ROWS, by=clerk)
    work_on(batch.pk, pace=0)
    row = GeocodeRow.objects.get(batch=batch, name="远山村")
    assert known_position(row.address, row.district) is None

    # when: and once more, a little beside
    place_row(row, 106.64, 29.55, by=clerk)
    place_row(GeocodeRow.objects.get(pk=row.pk), 106.65, 29.55, by=clerk)

    # then: however the blanks are written, without a question to the provider, and for good
    found = locate(" ".join(row.address), row.district)
    assert found is not None and (found.lng, found.lat, found.confidence) == (106.65, 29.55, 1.0)
    assert known_position(row.address, row.district) == found
    assert forget_old() == 0 and known_position(row.address, row.district) == found

    # when: the pin of the community is put right later
    correct_pin(Community.objects.get(name="远山村"), 106.66, 29.55, reason="在坡上", by=None)
    # then
    moved = known_position(row.address, row.district)
    assert moved is not None and (moved.lng, moved.lat) == (106.66, 29.55)


# -- a branch that ends ---------------------------------------------------------------------------


def test_a_merge_takes_communities_and_places_along(org: dict[str, OrgUnit]) -> None:
    # given: one by its position, one given to the branch by hand, a place that it looks after
    near = {"lng": org["B111"].lng, "lat": org["B111"].lat}
    write_community({"name": "金色家园", **near})
    write_community({"name": "远方小区", "unit": org["B111"], **near})
    locker = poi(org["B111"], "快递柜", 106.55, 29.55, kind=PlaceKind.LOCKER)
    assert {one.unit for one in Community.objects.all()} == {org["B111"]}

    # when
    with transaction.atomic():
        follow_closed_unit(UnitClosed(unit_id=org["B111"].pk, successor_id=org["B112"].pk, closed_on=today()))

    # then: its own place stays with it
    assert {one.unit for one in Community.objects.all()} == {org["B112"]}
    locker.refresh_from_db()
    assert locker.unit == org["B112"] and Place.objects.filter(unit=org["B111"]).count() == 1


def test_without_a_successor_communities_look_for_a_branch_anew(org: dict[str, OrgUnit]) -> None:
    # given
    near = {"lng": org["B111"].lng, "lat": org["B111"].lat}
    write_community({"name": "远方小区", "unit": org["B111"], **near})
    OrgUnit.objects.filter(pk=org["B111"].pk).update(status="closed", service_area=None)
    sync_units([org["B111"].pk])

    # when
    changed = reassign_communities(OrgUnit.objects.get(pk=org["B111"].pk))

    # then
    moved = Community.objects.get()
    assert changed == 1 and moved.unit.status == "active" and not moved.unit_fixed


@pytest.mark.parametrize(
    ("error", "state", "problem"),
    [
        (ProviderDown("TIMEOUT"), "unknown", "地图服务暂时不可用（TIMEOUT）"),
        (ProviderLimit("10044", for_the_day=True), "waiting", "地图服务今日的查询次数已用完（10044）"),
    ],
)
def test_a_batch_pauses_and_goes_on_where_it_was(
    org: dict[str, OrgUnit],
    clerk: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    state: str,
    problem: str,
) -> None:
    # given
    asked = answer(monkeypatch, {2: error})
    batch = submit("渝中小区", org["C11"], ROWS, by=clerk)

    # when
    work_on(batch.pk, pace=0)

    # then
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (BatchState.PAUSED, problem)
    assert states(batch) == ["found", state, "waiting", "waiting"]
    assert waiting_batches() == []

    # when
    resume(batch, by=clerk)
    work_on(batch.pk, pace=0)

    # then: the first was not asked again
    assert states(batch) == ["found", "doubtful", "doubtful", "not_found"]
    assert asked == ["门牌", "路", "路", "外区", "没有"]


def test_two_workers_do_not_share_a_batch(
    org: dict[str, OrgUnit], clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    asked = answer(monkeypatch)
    batch = submit("渝中小区", org["C11"], ROWS, by=clerk)
    GeocodeBatch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)

    # then
    assert work_on(batch.pk, pace=0) is False
    assert asked == [] and waiting_batches() == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "没有可以定位的行"),
        ([*ROWS, {"name": "", "address": "x"}], "第 5 行“名称”：请填写此项"),
        ([{"name": "x" * 81, "address": "x"}], "第 1 行“名称”：最多 80 个字"),
        ([ROWS[0]] * 2001, "一次最多 2000 行"),
    ],
)
def test_a_wrong_list_is_not_stored(
    org: dict[str, OrgUnit], clerk: Any, rows: list[dict[str, str]], message: str
) -> None:
    # when
    with pytest.raises(MapError) as refused:
        submit("x", org["C11"], rows, by=clerk)

    # then
    assert refused.value.message == message
    assert not GeocodeBatch.objects.exists()


def test_batches_of_others_counties_are_refused(org: dict[str, OrgUnit], clerk: Any) -> None:
    # then
    with pytest.raises(OutOfScope):
        submit("x", org["C12"], ROWS, by=clerk)
